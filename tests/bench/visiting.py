"""Serve the demo in this process and visit its pages; print the memory after start and after all visits.

`python -m tests.bench.visiting INSTANCE CODE`: a process of its own, so that nothing but the service is in its memory.
"""

import html
import json
import re
import sys
from collections import Counter
from pathlib import Path

from app.factory import serve
from tests.bench.browsing import Browser

PEOPLE = ("koordinaattori@demo.example", "rehtori@demo.example")
LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)"')
EACH = 3  # addresses of one page
ELSEWHERE = ("static", "signin.sign_out")


def main(code: str) -> None:
    """Print the figures as JSON: megabytes after start and after all visits, pages and addresses visited."""
    app = serve()
    started = resident()
    visits = Counter()
    for email in PEOPLE:
        visit(signed_in(app, email), visits)
    respondent = Browser(app)
    respondent.get("/fi/")
    respondent.post("/fi/code", {"code": code})
    print(json.dumps({"started": started, "visited": resident(), "pages": len(visits), "addresses": visits.total()}))


def resident() -> float:
    """Return the megabytes of this process that are in memory."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def signed_in(app, email):
    """Return a browser with a session of one of the demo's people, as signing in would begin it."""
    from app.core.accounts import DeviceKind, LoginSession, SignInMethod  # noqa: PLC0415 - what serving does not import
    from app.services import accounts  # noqa: PLC0415
    from app.store import login_sessions  # noqa: PLC0415
    from app.store.database import read_session, write_session  # noqa: PLC0415
    from app.vault.tokens import digest_token  # noqa: PLC0415

    now = app.extensions["voimavara"].clock()
    word = f"visiting-{email.partition('@')[0]}"  # another benchmark signs in to the same demo
    with app.app_context():
        with read_session() as session:
            who = next(account for account in accounts.accounts(session) if account.email == email)
        login = LoginSession("", who.id, DeviceKind.COMPUTER, SignInMethod.PASSWORD, began_at=now, seen_at=now)
        with write_session() as session:
            login_sessions.add_session(session, digest_token(word), login)
    browser = Browser(app)
    browser.cookies["voimavara"] = word
    return browser


def visit(browser, visits):
    """Follow every link from the start page of the staff, a few addresses of each page."""
    waiting = ["/staff/"]
    known = set(waiting)
    while waiting:
        _status, headers, content = browser.call("GET", waiting.pop(0), b"")
        if not dict(headers).get("Content-Type", "").startswith("text/html"):
            continue
        for link in LINK.findall(content.decode()):
            url = html.unescape(link)
            page = page_of(browser.app, url)
            if url in known or page is None or visits[page] >= EACH:
                continue
            known.add(url)
            visits[page] += 1
            waiting.append(url)


def page_of(app, url):
    """Return the name of the page at an address; None where it is no page to be read."""
    adapter = app.url_map.bind("localhost")
    path = url.partition("?")[0]
    if not adapter.test(path, "GET"):
        return None
    name = adapter.match(path, "GET")[0]
    return None if name in ELSEWHERE else name


if __name__ == "__main__":
    main(sys.argv[1])
