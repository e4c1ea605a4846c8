"""Publications that another one replaced: which are current, and what is still told of the others."""

from datetime import timedelta

import pytest

from app.core.rounds import RoundId
from app.reports import publication_lookup
from app.store import publications
from app.store.database import read_session, write_session
from app.store.publications import Replacement
from tests.databases import both_databases
from tests.publications import NOON, made, store

FIRST = RoundId(1)
SECOND = RoundId(2)
BECAUSE = "two answers had been imported twice"


def replaced(**changes):
    values = {"round": FIRST, "by": SECOND, "at": NOON, "because": BECAUSE}
    return Replacement(**(values | changes))


@pytest.fixture(scope="module")
def two():
    first = made(1, title="Autumn")
    return first, made(2, title="Autumn, corrected", earlier=[first], days=10)


@pytest.fixture
def two_released(app, two):
    with write_session() as session:
        for publication in two:
            store(session, publication)


@both_databases
def test_a_replaced_publication_is_current_nowhere(two_released):
    with write_session() as session:
        assert [one.round for one in publications.list_released_not_replaced(session)] == [FIRST, SECOND]
        publications.mark_publication_replaced(session, replaced())
    with read_session() as session:
        assert [one.round for one in publications.list_released_not_replaced(session)] == [SECOND]
        assert set(publications.unreplaced_release_times_by_round(session)) == {SECOND}
        assert publication_lookup.find_publication_context(session, FIRST) is None
        assert publication_lookup.find_publication_by_round_title_or_id(session, str(FIRST)) is None
        assert [one.round for one in publication_lookup.selectable_publications(session, unreleased=True)] == [SECOND]
        assert [one.round for one in publication_lookup.selectable_publications(session, unreleased=False)] == [SECOND]
        assert publication_lookup.find_publication_context(session, SECOND).earlier == ()


@both_databases
def test_it_says_what_replaced_it_and_the_attacker_program_still_reads_it(two_released):
    with write_session() as session:
        publications.mark_publication_replaced(session, replaced(at=NOON + timedelta(days=1)))
    with read_session() as session:
        found = publications.find_replacement(session, FIRST)
        assert (found.by, found.at, found.because) == (SECOND, NOON + timedelta(days=1), BECAUSE)
        assert publications.find_replacement(session, SECOND) is None
        assert [one.round for one in publications.list_including_replaced(session)] == [FIRST, SECOND]


@both_databases
def test_nothing_is_replaced_twice_or_by_itself(two_released):
    with write_session() as session:
        publications.mark_publication_replaced(session, replaced())
        for again in (replaced(by=RoundId(2)), replaced(round=SECOND, by=SECOND), replaced(round=RoundId(9))):
            with pytest.raises(ValueError):
                publications.mark_publication_replaced(session, again)


def test_a_long_reason_is_cut_to_what_the_database_holds(two_released):
    with write_session() as session:
        publications.mark_publication_replaced(session, replaced(because="x" * 1000))
        assert len(publications.find_replacement(session, FIRST).because) == publications.MOST_REASON
