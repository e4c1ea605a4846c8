"""Attack 3: after the count, read every byte that is left, and every backup that was ever made."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from app.core.mail import MessagePurpose
from app.core.rounds import BoxContent
from app.services import rounds
from app.services.answering import InvalidCode
from app.store import bounces, outbox, round_key_copies
from app.store.database import standalone_engine
from app.store.invitations import InvitationRow
from app.store.pg_statistics import UNSAMPLED
from app.vault import boxes as vault
from app.vault import host_keys, round_keys
from tests.attacks import mutants
from tests.attacks.handbook_server import postgresql_server as postgresql_server
from tests.attacks.handbook_server import postgresql_template as postgresql_template
from tests.attacks.scene import UNIT, scene
from tests.databases import both_databases
from tests.services.factories import NOON, SECRET

pytestmark = pytest.mark.slow


@dataclass
class Loot:
    """What the attacker has in the end, and what is looked for in it."""

    left: bytes
    backups: list[bytes]
    disk_of_keys: bytes
    digests: list[bytes]
    salt: bytes
    round_key: bytes
    pieces: list[bytes]
    bounced: bytes
    contact: bytes
    shares: list[bytes]
    key_files: list[bytes]

    def opens_the_round(self):
        """Whether the key lies on the disk, or a key there opens a share that a backup holds."""
        secrets = [one for one in self.key_files if len(one) == round_keys.KEY_BYTES]
        pairs = [round_keys.Keypair(round_keys.public_key_of(secret), secret) for secret in secrets]
        kept = [
            share for share in self.shares if any(share in one or share.hex().encode() in one for one in self.backups)
        ]
        public = round_keys.public_key_of(self.round_key)
        open_copy = partial(host_keys.secret_key_from_sealed_copy, round_public=public)
        opened = [open_copy(sealed, pair) for sealed in kept for pair in pairs]
        return self.round_key in [*secrets, *opened]


def attacked(url, folder):
    contact = f"person.{secrets.token_hex(8)}@school.example"  # scenes on PostgreSQL share one write-ahead log
    with scene(url, folder, people=40) as round_:
        with round_.transaction() as session:
            one = session.scalars(select(InvitationRow.digest).limit(1)).one()
            session.execute(delete(InvitationRow).where(InvitationRow.digest == one))
            rounds.issue_mailed_codes(session, round_.round_id, {UNIT: [contact]}, secret=SECRET, now=NOON)
            batch = outbox.add_planned_batch(session, MessagePurpose.INVITATION, round_id=round_.round_id, due_on=None)
            bounced = secrets.token_bytes(16)
            bounces.record_bounce(session, batch, bounced)
        backups = []
        for person in range(35):
            with suppress(InvalidCode):  # one slip gave way to the mailed code
                round_.answer(person, [1, 2, 3, 4, 5])
            if person % 12 == 0:
                backups.append(round_.every_byte())
        with round_.transaction() as session:
            digests = [bytes(one) for one in session.scalars(select(InvitationRow.digest))]
        let_the_planner_look(round_.engine)
        salt = round_.salt()
        round_key = round_.round_key()
        sealed = vault.extract_sealed_ballots(
            round_.blob(),
            key=vault.box_key(SECRET, salt),
            name=vault.box_label(round_.round_id, UNIT, 0),
            size=round_.ballot_size,
        )
        blob = round_.blob()
        pieces = [blob[start : start + 24] for start in range(0, len(blob) - 24, 1024)] + [one[:24] for one in sealed]
        with round_.transaction() as session:
            shares = [share.sealed for share in round_key_copies.key_copies_of_round(session, round_.round_id)]
        round_.close()
        backups.append(round_.every_byte())
        round_.count()
        round_.clean()
        left = round_.every_byte()
        if round_.engine.dialect.name == "sqlite":
            left += round_.dump()
        files = [path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()]
    keys = b"".join(files)
    return Loot(left, backups, keys, digests, salt, round_key, pieces, bounced, contact.encode(), shares, files)


def let_the_planner_look(engine):
    """A server samples rows by itself, for its planner; what it noted stays when the rows are gone."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def found(needles, haystack):
    return sum(needle in haystack or needle.hex().encode() in haystack for needle in needles)


@both_databases
def test_nothing_is_left_after_the_count_and_no_backup_can_be_opened(database_url, tmp_path):
    loot = attacked(database_url, tmp_path / "keys")
    assert found(loot.digests, loot.left) == 0
    assert found(loot.pieces, loot.left) == 0
    assert found([loot.salt, loot.bounced], loot.left) == 0
    assert loot.contact not in loot.left
    assert found(loot.shares, loot.left) == 0
    assert not loot.opens_the_round()
    everything = [loot.left, loot.disk_of_keys, *loot.backups]
    assert not any(found([loot.round_key], one) for one in everything)
    # The attack is able to find such things: the last backup holds them all.
    assert found(loot.digests, loot.backups[-1]) == len(loot.digests)
    assert found([loot.salt, loot.bounced], loot.backups[-1]) == 2
    assert loot.contact in loot.backups[-1]


@both_databases
def test_the_attack_finds_remnants_where_nothing_is_wiped(database_url, tmp_path, monkeypatch):
    mutants.without_wiping(monkeypatch)
    loot = attacked(database_url, tmp_path / "keys")
    assert found(loot.digests, loot.left) > 0
    assert found([loot.bounced], loot.left) == 1
    assert loot.contact in loot.left


@both_databases
def test_the_attack_opens_every_backup_where_the_key_is_left(database_url, tmp_path, monkeypatch):
    mutants.without_destroying_keys(monkeypatch)
    loot = attacked(database_url, tmp_path / "keys")
    assert loot.opens_the_round()


@both_databases
def test_of_comments_only_those_that_may_be_read_are_left(database_url, tmp_path):
    """Nine comments are too few: no byte of them is left, nor of the box in which they lay."""
    with scene(database_url, tmp_path / "keys", people=20, comments=True) as round_:
        for person in range(15):
            round_.answer(person, [1, 2, 3], comment=f"Sentence number {person}." if person < 9 else None)
        blob = round_.blob(BoxContent.COMMENTS)
        pieces = [blob[start : start + 24] for start in range(0, len(blob) - 24, 1024)]
        before = round_.every_byte()
        round_.close()
        round_.count()
        round_.clean()
        left = round_.every_byte()
    assert found(pieces, before) > len(pieces) / 2
    assert found(pieces, left) == 0
    assert b"Sentence number" not in left


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_the_attack_finds_digests_and_addresses_where_the_planner_may_sample_them(database_url, tmp_path):
    engine = standalone_engine(database_url)
    with engine.begin() as connection:
        for column in UNSAMPLED["invitation"]:
            connection.execute(text(f"ALTER TABLE invitation ALTER COLUMN {column} SET STATISTICS 100"))
    engine.dispose()
    loot = attacked(database_url, tmp_path / "keys")
    assert found(loot.digests, loot.left) == len(loot.digests)
