"""Cost of a respondent's requests where no survey was released yet, and where twenty and forty were."""

import statistics
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.config import load_settings
from app.factory import create_app
from app.store import publications
from app.store.database import database, write_session
from app.web.shared import fragment_cache
from tests.bench.browsing import Browser
from tests.bench.measuring import Figure
from tests.bench.worlds import open_round
from tests.publications import made, region, store

ROUNDS = 40
COMMUNITIES = 300
PEOPLE = 60
LIMITS = """
The region's last results and what a community was told are small rows, written when a survey is released; the newest
survey of the region is marked, and the newest of a community is found by an index. No request of a respondent reads a
publication. The first request of a process builds pages and statements, whatever was released before.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Measure with no survey, with one and with all of them, in one process whose caches are emptied in between."""
    number = 3 if tiny else ROUNDS
    communities = 16 if tiny else COMMUNITIES
    people = 4 if tiny else PEOPLE
    survey = made(others=communities - 4)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({}, instance=Path(folder)))
        codes = iter([code for code, _ in open_round(app, 0, 0, region=region(communities - 4)[0])])
        none = costs(app, codes, people)
        release(app, survey, range(1))
        one = costs(app, codes, people)
        _, half = released(app, survey, range(1, number // 2), codes, people)
        cold, many = released(app, survey, range(number // 2, number), codes, people)
        with app.app_context():
            database.engine.dispose()
    rounds = f"{number} surveys of {communities} communities"
    fewer = f"{number // 2} surveys of {communities} communities"
    return [
        Figure(f"/code with {fewer}, floor: none", half["code"], "ms", none["code"], most_times=1.1),
        Figure(f"/send with {fewer}, floor: none", half["send"], "ms", none["send"], most_times=1.1),
        Figure(f"/code with {rounds}, floor: none", many["code"], "ms", none["code"], most_times=1.1),
        Figure(f"/send with {rounds}, floor: none", many["send"], "ms", none["send"], most_times=1.1),
        Figure(f"/send with own feedback, {rounds}, floor: one", many["own"], "ms", one["own"], most_times=1.1),
        Figure("the first /code after the release, nothing cached", cold["code"], "ms"),
        Figure("the first /send with own feedback, nothing cached", cold["own"], "ms"),
    ]


def released(app, survey, numbers, codes, people):
    """Release the survey some more times; return the costs with empty caches, and the usual ones."""
    release(app, survey, numbers)
    publications._LAZY.clear()
    fragment_cache.CACHE.clear()
    cold = costs(app, codes, 1)
    return cold, costs(app, codes, people)


def release(app, survey, numbers):
    """Release the survey again and again, four weeks apart."""
    with app.app_context():
        for number in numbers:
            apart = timedelta(days=28 * number)
            with write_session() as session:
                store(session, replace(survey, title=f"Survey {number}", opened_at=survey.opened_at + apart))


def costs(app, codes, people):
    """Return the median processor time of each kind of request, in milliseconds."""
    found = {"code": [], "send": [], "own": []}
    for person in range(2 * people):
        own = person % 2 == 0
        browser = Browser(app)
        browser.get("/fi/")
        found["code"].append(cost(browser, "/fi/code", {"code": next(codes), "go": "next"}))
        while 'formaction="/fi/send"' not in browser.text:
            browser.post("/fi/answer", browser.fields() | {"go": "next"})
        fields = browser.fields() | {"go": "send"} | ({"profile": "yes"} if own else {})
        found["own" if own else "send"].append(cost(browser, "/fi/send", fields))
    return {kind: 1000 * statistics.median(seconds) for kind, seconds in found.items()}


def cost(browser, url, fields):
    """Return the processor time of one request."""
    before = browser.seconds
    browser.post(url, fields)
    return browser.seconds - before
