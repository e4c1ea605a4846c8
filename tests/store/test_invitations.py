"""Erasing a round's codes: quick for a country's, and nobody else's codes or index suffer."""

import secrets
from pathlib import Path

import pytest
from sqlalchemy import event, inspect, select

from app.store import invitations
from app.store.database import Session, standalone_engine
from app.store.invitations import ErasedInvitationCounts, Invitation, InvitationRow
from tests.databases import both_databases
from tests.services.factories import plan

MANY = 30
FEW = 4


@pytest.fixture
def engine(database_url):
    engine = standalone_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def two_rounds(engine):
    """A round of many codes and one of few."""
    with Session(engine) as session:
        made = plan(session), plan(session)
        for round_id, number in zip(made, (MANY, FEW), strict=True):
            codes = [Invitation(secrets.token_bytes(32), "alder", 0, "slip") for _ in range(number)]
            invitations.add(session, round_id, codes)
        session.commit()
    return made


def erased(engine, round_id):
    """Erase a round's codes; return what was erased, and every statement that this took."""
    told = []
    event.listen(engine, "before_cursor_execute", lambda *about: told.append(about[2]))
    with Session(engine) as session:
        found = invitations.erase(session, round_id)
        session.commit()
    return found, told


def codes_of(engine, round_id):
    with Session(engine) as session:
        return invitations.code_counts_by_unit(session, round_id, kind="slip")


def indexed(engine):
    return [index["column_names"] for index in inspect(engine).get_indexes("invitation")]


@both_databases
def test_one_rounds_codes_go_and_the_others_stay_with_their_index(engine, two_rounds):
    many, few = two_rounds
    assert erased(engine, many)[0] == ErasedInvitationCounts(codes=MANY, spent=0, contacts=0)
    assert codes_of(engine, many) == {}
    assert codes_of(engine, few) == {"alder": FEW}
    assert indexed(engine) == [["round_id", "unit_id"]]


@both_databases
def test_only_a_lone_writer_makes_the_index_anew_and_only_for_most_of_the_codes(engine, two_rounds, database_kind):
    many, few = two_rounds
    assert not any("INDEX" in statement for statement in erased(engine, few)[1])
    made_anew = any("DROP INDEX" in statement for statement in erased(engine, many)[1])
    assert made_anew == (database_kind == "sqlite")


@both_databases
def test_a_count_that_breaks_off_leaves_codes_and_index_as_they_were(engine, two_rounds):
    many, _few = two_rounds
    with Session(engine) as session:
        invitations.erase(session, many)
    assert codes_of(engine, many) == {"alder": MANY}
    assert indexed(engine) == [["round_id", "unit_id"]]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_not_even_a_dropped_index_leaves_a_digest_in_the_file(engine, two_rounds):
    with engine.connect() as connection:
        digests = connection.scalars(select(InvitationRow.digest)).all()
    erased(engine, two_rounds[0])
    erased(engine, two_rounds[1])
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    left = Path(engine.url.database).read_bytes()
    assert len(digests) == MANY + FEW
    assert not any(digest in left for digest in digests)
