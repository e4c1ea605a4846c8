"""A round on a real database, and what an attacker who owns its machine can read of it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.core.ballots import SKIPPED, ballot_size, decode
from app.core.disclosure.policy import Policy
from app.core.rounds import BoxContent, RoundId
from app.services import answering, counting, rounds
from app.services.counting import key_sharing
from app.store import rounds as round_store
from app.store.boxes import BoxRow
from app.store.database import standalone_engine
from app.vault import boxes as vault
from app.vault import round_keys as vault_keys
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, plan, region

UNIT = "alder"
ITEMS = 24


@dataclass(slots=True)
class Scene:
    """One open round of one unit; the respondents' side and the attacker's side of it."""

    url: str
    keys: Path
    engine: Engine
    round_id: RoundId
    codes: list[str]
    ballot_size = ballot_size(ITEMS)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session outside any transaction."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    @property
    def second_keys(self) -> Path:
        """The keys folder of the second host."""
        return self.keys.with_name("keys of the second host")

    def share_key(self, after_each: Callable[[], None] = lambda: None) -> None:
        """On PostgreSQL let a second host join, so that no host has the key itself as a file any more."""
        for minute, folder in enumerate([self.keys, self.second_keys] * 3):
            with self.transaction() as session:
                host = key_sharing.HostContext(folder, SECRET, OPENS + timedelta(minutes=minute), folder.name)
                counting.share_round_keys_among_hosts(session, host)
            after_each()

    def answer(self, person: int, ratings: list[int], now=NOON, comment=None) -> None:
        """Let the holder of a code answer; `ratings` are the values of the options."""
        with self.transaction() as session:
            given = {f"q{n}": value for n, value in enumerate(ratings)}
            answering.submit(
                session, self.codes[person], ratings=given, group=None, comment=comment, secret=SECRET, now=now
            )

    def close(self) -> None:
        with self.transaction() as session:
            rounds.close(session, self.round_id, now=CLOSES)

    def count(self, **keywords) -> None:
        with self.transaction() as session:
            arguments = {"policy": Policy(), "secret": SECRET, "now": AFTER, "keys": self.keys}
            counting.count_round(session, self.round_id, **(arguments | keywords))

    def clean(self, **keywords) -> None:
        with Session(self.engine) as session:
            counting.destroy_keys_and_wipe_remnants(session, now=AFTER, keys=self.keys, **keywords)
            session.commit()

    def blob(self, content=BoxContent.BALLOTS) -> bytes:
        with self.transaction() as session:
            of_round = BoxRow.round_id == self.round_id, BoxRow.content == content
            return session.scalars(select(BoxRow.blob).where(*of_round)).one()

    def round_key(self) -> bytes:
        with self.transaction() as session:
            return key_sharing.get_round_secret_key(session, self.round_id, keys=self.keys)

    def salt(self) -> bytes:
        with self.transaction() as session:
            return round_store.box_salt(session, self.round_id)

    def opened(self, blob: bytes, round_key: bytes) -> list[tuple[int, ...]]:
        """What somebody with every key reads in a box, in the box's own order."""
        with self.transaction() as session:
            digest = rounds.get_round(session, self.round_id).instrument_digest
        sealed = vault.extract_sealed_ballots(
            blob,
            key=vault.box_key(SECRET, self.salt()),
            name=vault.box_label(self.round_id, UNIT, 0),
            size=self.ballot_size,
        )
        ballots = vault.open_ballots(sealed, secret_key=round_key)
        return [decode(ballot, instrument_digest=digest).ratings for ballot in ballots if ballot is not None]

    def every_byte(self) -> bytes:
        """Everything that the database keeps on its disk: tables, logs, temporary files."""
        if self.engine.dialect.name == "sqlite":
            path = Path(self.engine.url.database)
            return b"".join(one.read_bytes() for one in sorted(path.parent.glob(path.name + "*")) if one.is_file())
        return b"".join(path.read_bytes() for path in self._postgresql_files())

    def dump(self) -> bytes:
        """The database as statements of SQL (SQLite only)."""
        connection = sqlite3.connect(self.engine.url.database)
        try:
            return "\n".join(connection.iterdump()).encode()
        finally:
            connection.close()

    def _postgresql_files(self) -> list[Path]:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            folder = Path(connection.execute(text("SHOW data_directory")).scalar())
            own = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar()
        places = (folder / "base" / str(own), folder / "pg_wal", folder / "base" / "pgsql_tmp")
        return [path for place in places if place.exists() for path in sorted(place.iterdir()) if path.is_file()]


def values(*positions: int) -> list[int]:
    """The values of the options at `positions`."""
    return [position + 1 for position in positions if position != SKIPPED]


@contextmanager
def scene(url: str, folder: Path, *, people: int = 40, comments: bool = False, shared: bool = True) -> Iterator[Scene]:
    """Lay out an open round in automatic mode with a code for everybody; `shared`: by two hosts, on PostgreSQL."""
    engine = standalone_engine(url)
    try:
        with Session(engine) as session, session.begin():
            round_id = plan(session, items=ITEMS, comments=comments)
            rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=folder, region=region(**{UNIT: people}))
            codes = list(rounds.issue_slip_codes(session, round_id, UNIT, secret=SECRET, now=NOON))
        made = Scene(url, folder, engine, round_id, codes)
        if shared:
            made.share_key()
            assert engine.dialect.name == "sqlite" or not vault_keys.has_secret_key_file_in_any_state(folder, round_id)
        yield made
        made.engine.dispose()  # a test may have put the scene on a restored database
    finally:
        engine.dispose()
