"""Synthetic rounds for the disclosure attack, in a temporary database of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from app.core.counting import OpenedBallots, build_publication, sum_ballots
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument
from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.publication import Publication
from app.core.rounds import KeyMode, Round, RoundId, RoundKind, RoundState
from app.services import answering, rounds
from app.store.database import Base, standalone_engine
from app.store.instruments import read_questionnaire_file

SECRET = b"the secret of a made-up installation"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SyntheticRound:
    """An open round of one community in a database of its own; `answer` casts the ballot of one person."""

    session: Session
    database: Path
    instrument: Instrument
    codes: tuple[str, ...]

    def answer(self, person: int, values: list[int]) -> None:
        """Cast the ballot of one person; `values` are the chosen options' values, item by item."""
        ratings: dict[str, int | None] = dict(zip(self.instrument.item_ids, values, strict=True))
        answering.submit(
            self.session, self.codes[person], ratings=ratings, group=None, comment=None, secret=SECRET, now=NOON
        )
        self.session.commit()

    def box_bytes(self) -> bytes:
        """Return the encrypted content of the ballot box as stored now."""
        connection = self.session.connection()
        return bytes(connection.exec_driver_sql("SELECT blob FROM box").scalar_one())

    def database_bytes(self) -> bytes:
        """Return the content of all database files."""
        files = sorted(self.database.parent.glob(f"{self.database.name}*"))
        return b"".join(path.read_bytes() for path in files if not path.name.endswith(".turn"))


@contextmanager
def open_synthetic_round(folder: Path, questionnaire: Path, *, people: int) -> Iterator[SyntheticRound]:
    """Create an open round in `folder` with a code for each of `people`."""
    database = folder / "made-up.db"
    instrument = read_questionnaire_file(questionnaire)
    engine = standalone_engine(f"sqlite:///{database}")
    Base.metadata.create_all(engine)
    region = Region("r", "R", (Municipality("m", "M"),), (ReportingUnit("u", "U", "m", ("u",), {"teachers": people}),))
    with Session(engine) as session:
        number = rounds.plan_round(
            session,
            title="Made up",
            instrument=instrument,
            source=questionnaire.read_text(encoding="utf-8"),
            opens_at=NOON,
            closes_at=NOON + timedelta(days=1),
        )
        rounds.open_round(session, number, now=NOON, secret=SECRET, keys=folder / "keys", region=region)
        codes = rounds.issue_slip_codes(session, number, "u", secret=SECRET, now=NOON)
        session.commit()
        yield SyntheticRound(session, database, instrument, codes)
    engine.dispose()


def synthetic_publication(instrument: Instrument, *, seed: int, municipalities: int, communities: int) -> Publication:
    """Count a made-up region: communities of 8 to 45 people, seven in ten of whom answer by chance."""
    chance = np.random.default_rng(seed)
    sizes = chance.integers(8, 46, municipalities * communities)
    homes = [f"m{number // communities}" for number in range(len(sizes))]
    units = tuple(
        ReportingUnit(f"u{number}", f"Unit {number}", home, (f"u{number}",), {"teachers": int(size)})
        for number, (home, size) in enumerate(zip(homes, sizes, strict=True))
    )
    region = Region("r", "R", tuple(Municipality(home, home) for home in dict.fromkeys(homes)), units)
    of_unit = np.repeat(np.arange(len(units)), chance.binomial(sizes, 0.7)).astype(np.int32)
    moods = chance.uniform(1, 3, len(units))[of_unit][:, None]
    options = np.array([len(item.options) for item in instrument.items])
    ratings = np.clip(np.rint(chance.normal(moods, 1.1, (len(of_unit), len(options)))), 0, options - 1)
    ballots = OpenedBallots(of_unit, np.full(len(of_unit), 255, np.uint8), ratings.astype(np.uint8))
    return build_publication(
        sum_ballots(ballots, region, instrument),
        round=_closed(region, instrument),
        instrument=instrument,
        policy=Policy(),
        earlier=(),
        counted_at=NOON,
        issued=int(sizes.sum()),
    )


def _closed(region: Region, instrument: Instrument) -> Round:
    return Round(
        id=RoundId(1),
        title="Made up",
        kind=RoundKind.SURVEY,
        state=RoundState.CLOSED,
        instrument=instrument.id,
        instrument_digest=instrument.digest,
        key_mode=KeyMode.AUTOMATIC,
        opens_at=NOON,
        closes_at=NOON,
        boundaries=region,
    )
