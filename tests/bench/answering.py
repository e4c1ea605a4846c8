"""Cost of one respondent: a single submission, and the whole journey compared with its floor."""

import tempfile
from pathlib import Path

from app.cli.privacy_report.commands import measure_submission_and_sealing_ms
from app.config import ROOT
from tests.bench.browsing import Browser
from tests.bench.floor import floor_app, make_table, put_into
from tests.bench.measuring import Figure, quietest
from tests.bench.worlds import demo

JOURNEYS = 40
LIMITS = """
A theme's page is a concatenation of bytes; half of its 0.17 ms is Flask itself, which reads the form and answers.
Resolving a slip code is slow on purpose (argon2id, 0.2 ms), and the page after it shows what became of the
community's last plan. The submission rewrites a box and is a quarter of the journey. Own feedback takes 0.3 ms when
it is requested repeatedly, and nearly 1 ms in a journey, where it follows the commit and finds little in the
processor's caches. Its page is compiled in advance; each request checks whether results, catalogue, contacts and open
rounds have changed, and the check of the catalogue (0.1 ms for 42 courses with 60 offerings) grows with the
catalogue.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Measure a submission into a box of 120, and journeys on the demo in turns with the floor's."""
    submission, sealing = measure_submission_and_sealing_ms(ROOT / "surveys" / "wellbeing.toml")
    app = demo().app()
    codes = demo().codes
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'floor.db'}"
        make_table(url)
        least = floor_app(put_into(url))
        pages = journey(app, codes).requests
        turns = 2 if tiny else JOURNEYS
        whole, floor = quietest(lambda: journey(app, codes).seconds, lambda: floor_journey(least, pages), turns=turns)
        short, _ = quietest(lambda: journey(app, codes, profile=False).seconds, lambda: 0.0, turns=turns)
    return [
        Figure("submission into a box of 120: code, box, database, commit", submission, "ms", most=2),
        Figure("of that the box: sealed, shuffled, encrypted", sealing, "ms"),
        Figure(f"whole journey of {pages} requests, own feedback too", 1000 * whole, "ms", 1000 * floor, 15, 3),
        Figure("the same without own feedback", 1000 * short, "ms", 1000 * floor, 15, 3),
    ]


def journey(app, codes, profile=True):
    """Let one person answer the demo's open round from the front page to the end; return the browser."""
    browser = Browser(app)
    browser.get("/fi/")
    browser.post("/fi/code", {"code": next(codes), "go": "next"})
    while 'formaction="/fi/send"' not in browser.text:
        browser.post("/fi/answer", browser.fields() | {"go": "next"})
    browser.post("/fi/send", browser.fields() | {"go": "send"} | ({"profile": "yes"} if profile else {}))
    return browser


def floor_journey(app, pages):
    """Ask the floor for as many pages and send one answer; return the processor time."""
    browser = Browser(app)
    for number in range(pages - 2):
        browser.get(f"/page/{number}")
    browser.post("/send", {"sheet": "3" * 28})
    return browser.seconds
