"""Cost of pages and of a release in a country of 3,500 communities, compared with a region of sixty.

The same survey is released several times. Answers are made up; pages are asked for until their fragments are cached.
"""

import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from app.config import load_settings
from app.core.accounts import DeviceKind, Grant, LoginSession, Role, SignInMethod
from app.factory import create_app
from app.store import accounts, login_sessions, publications
from app.store.database import Base, database, write_session
from app.vault.tokens import digest_token
from app.web.shared.app_context import now
from tests.bench.browsing import Browser
from tests.bench.measuring import Figure, quietest
from tests.publications import made, store

COUNTRY = 3_500
REGION = 60
ROUNDS = 10
TURNS = 15
PINE = Grant(Role.PRINCIPAL, "south", "pine")
PAGES = (
    ("principal: results of the own community", "principal", "/results/{round}/community/pine", 1.5),
    ("principal: the same, question by question", "principal", "/results/{round}/community/pine/questions/", 1.5),
    ("coordinator: first page of the region's table", "coordinator", "/results/{round}", None),
    ("coordinator: a page in the middle of it", "coordinator", "/results/{round}?page=2", None),
    ("coordinator: the region's results", "coordinator", "/results/{round}/area/region/region", None),
)
LIMITS = """
A page reads the header of a publication, which names every community, and the parts that it shows. The header of a
country is parsed once for each publication and process and then kept in a bounded cache; what grows with the number of
communities afterwards is the look-up of what the header says of all of them: the region's table, which is paged, and
the lists that a page is compared with. A release writes the summaries that respondents' pages read.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Measure each page in a country in turns with the same page in a region, and the release in both."""
    country, region, rounds = (30, 12, 2) if tiny else (COUNTRY, REGION, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        large = _Installation(Path(folder) / "country", country, rounds)
        small = _Installation(Path(folder) / "region", region, rounds)
        what = f"{rounds} surveys of {country:,} communities, floor: of {region}"
        cold = large.first_page()
        found = [Figure(f"principal: first page of a process, {what}", cold, "ms", small.first_page())]
        for page, who, path, most_times in PAGES:
            own, beside = quietest(
                partial(large.ask, who, path), partial(small.ask, who, path), turns=2 if tiny else TURNS
            )
            found.append(Figure(f"{page}, {what}", 1000 * own, "ms", 1000 * beside, most_times=most_times))
        found.append(Figure(f"release of a survey, {what}", large.release(), "ms", small.release()))
        large.close()
        small.close()
    return found


class _Installation:
    """Some released surveys of as many communities, the last one not yet released, and two people signed in."""

    def __init__(self, folder: Path, communities: int, rounds: int) -> None:
        folder.mkdir()
        self.app = create_app(load_settings({}, instance=folder))
        survey = made(others=communities - 5)
        with self.app.app_context():
            Base.metadata.create_all(database.engine)
            for number in range(rounds + 1):
                apart = timedelta(days=28 * number)
                one = replace(survey, title=f"Survey {number}", opened_at=survey.opened_at + apart)
                with write_session() as session:
                    stored = store(session, one, released=number < rounds)
                if number < rounds:
                    self.newest = stored.round
            self.waiting = stored.round
        self.browsers = {
            "principal": self._signed_in("principal@bench.example", PINE),
            "coordinator": self._signed_in("coordinator@bench.example", Grant(Role.COORDINATOR)),
        }

    def first_page(self) -> float:
        """Return the milliseconds of a principal's page with empty caches of publications and parts."""
        publications._LAZY.clear()
        return 1000 * self.ask(*PAGES[0][1:3])

    def ask(self, who: str, path: str) -> float:
        """Return the processor time of a page."""
        browser = self.browsers[who]
        before = browser.seconds
        url = "/staff" + path.format(round=self.newest)
        browser.get(url)
        assert browser.url == url, f"led to {browser.url}"
        return browser.seconds - before

    def release(self) -> float:
        """Return the milliseconds of processor time in which the waiting survey is released."""
        with self.app.app_context():
            begun = time.process_time()
            with write_session() as session:
                publications.set_released_and_store_summary(session, self.waiting, now=now())
            return 1000 * (time.process_time() - begun)

    def close(self) -> None:
        with self.app.app_context():
            database.session.remove()
            database.engine.dispose()

    def _signed_in(self, email: str, grant: Grant) -> Browser:
        word = email.partition("@")[0]
        with self.app.test_request_context("/staff/"):
            session = database.session()
            number = accounts.add(session, email=email, name="Kim", language="fi", grants=(grant,), now=now())
            login = LoginSession("", number, DeviceKind.COMPUTER, SignInMethod.PASSWORD, began_at=now(), seen_at=now())
            login_sessions.add_session(session, digest_token(word), login)
            session.commit()
        browser = Browser(self.app)
        browser.cookies["voimavara"] = word
        return browser
