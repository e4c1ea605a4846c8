"""Needs and lists: time, and what they find in simulated regions; seat allocation, supply plan, catalogue import."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from app.config import load_settings
from app.core.catalogue.table_reader import HEADER
from app.core.matching.course_lists import ListUnit, build_lists
from app.core.matching.seat_allocation import allocate_seats
from app.core.matching.seat_requests import Applicant, SeatOffer, SeatRequest
from app.core.matching.supply_planning import plan_supply
from app.core.organisations import Municipality
from app.core.publication import Cell, Level
from app.factory import create_app
from app.services import catalogue
from app.store.database import Base, database, write_session
from tests.bench.measuring import Figure, processor, quietest
from tests.core.matching.publication_needs import publication_needs
from tests.core.matching.simulation import run
from tests.core.matching.synthetic_region import SCALES, TODAY, course, publication, shown, unit
from tests.core.matching.synthetic_supply import supply_case

COMMUNITIES = 320
OFFERINGS = 60
ROWS = 2_000
LARGE = (3_500, 300)
PLAN_SECONDS = 25.0
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = """
Needs are a loop in Python over communities and dimensions; lists are two sparse linear programmes that HiGHS solves,
and a loop over communities between them. Shares of the oracle's gain are means over 60 simulated regions and five views
of what is true (25 regions with seats); the first version of the rule had 0.60, 0.41 and 0.45. Allocation is one sparse
linear programme that HiGHS solves. A supply plan is a mixed-integer programme with a search of its own for the price of
each floor; the search ends after 25 seconds of the clock, and the plan states how near the best it has come. An import
reads and checks each cell, with one insert for each row.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Rank and allocate for a region, and import a catalogue twice: new, and with every offering changed."""
    turns, rows = (1, 40) if tiny else (3, ROWS)
    listed, allocated = quietest(seconds_for_lists, _allocation, turns=turns)
    large = seconds_for_lists(*((40, 20) if tiny else LARGE))
    own = run(1 if tiny else 60)
    seated = run(1 if tiny else 25)
    planned, reached = _supply_plan(*((20, 8, 2.0) if tiny else (COMMUNITIES, OFFERINGS, PLAN_SECONDS)))
    new, changed = importing(rows)
    size = f"{COMMUNITIES} communities × {OFFERINGS} offerings"
    return [
        Figure(f"needs and lists, {size}", listed, "s", most=1),
        Figure(f"needs and lists, {LARGE[0]:,} communities × {LARGE[1]} offerings", large, "s", most=60),
        Figure(
            "own lists, share of the oracle's gain",
            float(np.mean(list(own.own.values()))),
            "of 1",
            1.0,
            least_times=0.86,
        ),
        Figure("own lists, lowest of five views", min(own.own.values()), "of 1", 1.0, least_times=0.80),
        Figure(
            "lists within the seats, share of the best",
            float(np.mean(list(seated.seats.values()))),
            "of 1",
            1.0,
            least_times=0.83,
        ),
        Figure(f"allocation without group minimum, {size}", allocated, "s", most=1),
        Figure(f"supply plan with prices of floors and next best, {size}", planned, "s", most=30),
        Figure("what it gains of the most possible, as it states itself", reached, "of 1", 1.0),
        Figure(f"check and import of {rows:,} new offerings", new, "s", most=10),
        Figure(f"check and import of {rows:,} offerings that all changed", changed, "s", most=10),
    ]


def seconds_for_lists(communities: int = COMMUNITIES, offerings: int = OFFERINGS) -> float:
    """Work out needs and lists of a region; return seconds."""
    chance = np.random.default_rng(1)
    units = [unit(f"u{n}", "m", int(size)) for n, size in enumerate(chance.integers(6, 80, communities))]
    figures = [
        shown(Cell(Level.COMMUNITY, each.id), scale, float(chance.integers(30, 80)))
        for each in units
        for scale in SCALES
    ]
    whole = publication(figures, units=units, municipalities=[Municipality("m", "M")])
    courses = [course(f"k{n}", {SCALES[n % 6]: 1 + n % 3, SCALES[(n + 1) % 6]: n % 4}) for n in range(offerings)]
    made = []

    def work() -> None:
        needs = publication_needs(whole)
        made.append(build_lists(needs, [ListUnit(each) for each in units], courses, today=TODAY))

    seconds = processor(work)
    assert all(plan.courses for plan in made[0].plans.values()) or communities > offerings
    return seconds


def _allocation() -> float:
    """Allocate the wishes of 320 communities for 60 offerings without group minimum; return seconds."""
    chance = np.random.default_rng(1)
    staff = np.clip(chance.lognormal(3.2, 0.55, COMMUNITIES), 6, 110).astype(int)
    weights = chance.random((COMMUNITIES, OFFERINGS))
    wanted = (chance.random((COMMUNITIES, OFFERINGS)) < 0.35) * np.ceil(staff[:, None] * 0.15).astype(int)
    applicants = [
        Applicant(
            f"c{n}", f"m{n % 8}", int(staff[n]), weights={f"o{m}": float(weights[n, m]) for m in range(OFFERINGS)}
        )
        for n in range(COMMUNITIES)
    ]
    supplies = [SeatOffer(f"o{m}", int(chance.integers(15, 60))) for m in range(OFFERINGS)]
    wishes = [SeatRequest(f"c{n}", f"o{m}", int(wanted[n, m])) for n, m in np.argwhere(wanted)]
    made = []
    seconds = processor(lambda: made.append(allocate_seats(wishes, applicants, supplies, seed=1)))
    assert any(one.granted for one in made[0].shares)
    return seconds


def _supply_plan(communities: int, offerings: int, seconds: float) -> tuple[float, float]:
    """Plan the supply of a region; return seconds, and the share of the most possible gain that the plan states."""
    case = supply_case(communities, offerings, money=400.0 * offerings, seconds=seconds)
    made = []
    used = processor(lambda: made.append(plan_supply(case, clock=time.monotonic)))
    return used, 1 - made[0].gap


def importing(rows: int) -> tuple[float, float]:
    """Check and import offerings, four of each course; return seconds for new ones and for changed ones."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({}, instance=Path(folder)))
        with app.app_context():
            Base.metadata.create_all(database.engine)
            return _import(rows, "20"), _import(rows, "25")


def _import(rows: int, capacity: str) -> float:
    cells = {
        "title_fi": "Kurssi", "area": "wellbeing", "dimensions": "control:3|demands:1", "target": "work",
        "evidence_grade": "B", "languages": "fi", "provider": "Keksitty", "mode": "onsite",
        "start": "2027-01-31T14:00", "end": "2027-01-31T16:00", "capacity": capacity,
    }  # fmt: skip
    lines = [",".join(HEADER)]
    for number in range(rows):
        row = {**cells, "external_id": f"K{number // 4}", "offering_id": f"K{number // 4}-{number % 4}"}
        lines.append(",".join(row.get(column, "") for column in HEADER))
    content = "\n".join(lines).encode()

    def work() -> None:
        with write_session() as session:
            catalogue.import_courses(session, content, zone=ZoneInfo("Europe/Helsinki"), now=NOW)

    return processor(work)
