"""Installations to measure on: the demo, loaded once for all that want it."""

import atexit
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import text

from app.config import ROOT, load_settings
from app.core.organisations import Municipality, Region, ReportingUnit
from app.factory import create_app
from app.services import answering, rounds
from app.store.database import Base, database, read_session, write_session
from app.store.instruments import read_questionnaire_file
from app.web.respondent.tickets import sign

SURVEY = ROOT / "surveys" / "wellbeing.toml"


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo in a folder of its own: the codes that nobody has used, the password of all, what loading took."""

    instance: Path
    codes: Iterator[str]
    password: str
    seconds: float

    def app(self):
        """Return an application on it."""
        return create_app(load_settings({}, instance=self.instance))


@cache
def demo() -> Demo:
    """Load the demo with the command that a newcomer uses."""
    instance = Path(tempfile.mkdtemp(prefix="bench"))
    atexit.register(shutil.rmtree, instance, ignore_errors=True)
    environment = {**os.environ, "VOIMAVARA_INSTANCE": str(instance)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "demo", "start"],
        check=True, cwd=ROOT, env=environment, capture_output=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    noted = json.loads((instance / "demo.json").read_text())
    codes = (code for drawn in noted["codes"].values() for code in drawn)
    return Demo(instance, codes, noted["password"], seconds)


def open_round(app, communities: int, size: int, *, region: Region | None = None) -> list[tuple[str, str]]:
    """Lay out an installation with an open round; return slip codes with the word their pages would carry."""
    now = datetime.now(UTC)
    door = app.extensions["voimavara"]
    units = tuple(ReportingUnit(f"u{n}", f"Koulu {n}", "m", (f"u{n}",), {"teachers": size}) for n in range(communities))
    with app.app_context():
        Base.metadata.create_all(database.engine)
        with write_session() as session:
            number = rounds.plan_round(
                session,
                title="Syksyn kysely",
                instrument=read_questionnaire_file(SURVEY),
                source=SURVEY.read_text(encoding="utf-8"),
                opens_at=now - timedelta(hours=1),
                closes_at=now + timedelta(days=10),
            )
            region = region or Region("r", "R", (Municipality("m", "M"),), units)
            rounds.open_round(session, number, now=now, secret=door.secret, keys=door.settings.keys, region=region)
            codes = [
                code
                for unit in region.units
                for code in rounds.issue_slip_codes(session, number, unit.id, secret=door.secret, now=now)
            ]
        _settle()
        with read_session() as session:
            found = [answering.resolve_code(session, code, secret=door.secret, now=now) for code in codes]
        return [(code, sign(paper, code=code, secret=door.secret)) for code, paper in zip(codes, found, strict=True)]


def _settle() -> None:
    """Let PostgreSQL count its rows, as its own housekeeping does within a minute, for plans are made by it."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
