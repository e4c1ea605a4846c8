"""Cost of checking and importing a list of ten thousand people, compared with reading and inserting the plain rows."""

import csv
import io
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.config import load_settings
from app.core.languages import Language
from app.core.organisations import Municipality, Region, ReportingUnit
from app.factory import create_app
from app.services import contacts, rounds
from app.store.database import Base, database, write_session
from app.store.instruments import read_questionnaire_file
from tests.bench.measuring import Figure, processor, quietest
from tests.bench.worlds import SURVEY

PEOPLE = 10_000
COMMUNITIES = 250
LIMITS = """
Each cell is checked and each row becomes a value before the first is stored, so that a list is imported completely or
not at all; the floor reads and stores the plain rows.
"""
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def measure(tiny: bool = False) -> list[Figure]:
    """Import the list into a round that is open, and the bare rows into a bare table."""
    people = 500 if tiny else PEOPLE
    content = _list(people)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({}, instance=Path(folder) / "instance"))
        with app.app_context():
            number = _open(people)
            own, floor = quietest(
                lambda: processor(lambda: _import(number, content)),
                lambda: processor(lambda: _bare(Path(folder), content)),
                turns=1 if tiny else 3,
            )
            database.engine.dispose()
    return [Figure(f"import of {people:,} people's addresses", own, "s", floor)]


def _list(people):
    lines = [f"u{n % COMMUNITIES},person{n}@kunta.example,teachers,fi" for n in range(people)]
    return "\n".join(["community,email,group,language", *lines]).encode()


def _open(people):
    Base.metadata.create_all(database.engine)
    size = -(-people // COMMUNITIES)
    units = tuple(ReportingUnit(f"u{n}", f"Koulu {n}", "m", (f"u{n}",), {"teachers": size}) for n in range(COMMUNITIES))
    region = Region("r", "R", (Municipality("m", "M"),), units)
    with write_session() as session:
        number = rounds.plan_round(
            session, title="Syksy", instrument=read_questionnaire_file(SURVEY),
            source=SURVEY.read_text(encoding="utf-8"), opens_at=NOW, closes_at=NOW + timedelta(days=9),
        )  # fmt: skip
        keys = Path(database.engine.url.database).parent / "keys"
        rounds.open_round(session, number, now=NOW, secret=bytes(32), keys=keys, region=region)
    return number


def _import(number, content):
    with write_session() as session:
        current = rounds.get_round(session, number)
        contacts.import_contacts(session, current, content, language=Language.FI)
    with write_session() as session:
        assert contacts.delete_uninvited(session, number), "the list was imported"


def _bare(folder, content):
    with sqlite3.connect(folder / "floor.db") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS contact (community, email, people, language)")
        rows = list(csv.reader(io.StringIO(content.decode())))[1:]
        connection.executemany("INSERT INTO contact VALUES (?, ?, ?, ?)", rows)
    connection.close()
