from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.core.disclosure.policy import Policy
from app.core.rounds import (
    Certificate,
    InvalidTransition,
    KeyFate,
    KeyHost,
    KeyMode,
    RoundError,
    RoundFault,
    RoundId,
    RoundState,
)
from app.services import answering, counting, lost_keys, rounds
from app.store import publications
from app.store.boxes import BoxRow
from app.store.invitations import InvitationRow
from app.vault import round_keys as vault_keys
from app.vault.round_keys import InvalidKey, KeyFault
from tests.databases import both_databases
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, opened, plan, region


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


def words(opening):
    return tuple("\n".join(sheet.lines) for sheet in opening)


def of_a_trustee(session, keys):
    number = plan(session, key_mode=KeyMode.TRUSTEE)
    opening = rounds.open_round(session, number, now=OPENS, secret=SECRET, keys=keys, region=region(alder=12, birch=30))
    return number, opening.key_backups


def answer(session, codes):
    for code in codes:
        answering.submit(session, code, ratings={"q0": 3}, group=None, comment=None, secret=SECRET, now=NOON)


@both_databases
def test_a_new_key_takes_the_place_of_a_lost_one_before_any_code(session, keys):
    number, first = of_a_trustee(session, keys)
    rounds.verify_key_backups(session, number, words(first))
    second = lost_keys.renew_key(session, number, split=True)
    assert len(second) == 2
    assert not rounds.are_key_backups_verified(session, number)
    with pytest.raises(InvalidKey, match=KeyFault.OTHER_ROUND):
        rounds.verify_key_backups(session, number, words(first))
    rounds.verify_key_backups(session, number, words(second))
    answer(session, rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON))
    rounds.close(session, number, now=CLOSES)
    key = counting.key_from_backups(session, number, words(second))
    done = counting.count_round(session, number, key=key, policy=Policy(), secret=SECRET, now=AFTER, keys=keys)
    assert (done.counted, done.unreadable) == (12, 0)


def test_once_a_code_was_drawn_there_is_no_new_key(session, keys):
    number, first = of_a_trustee(session, keys)
    rounds.verify_key_backups(session, number, words(first))
    rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON)
    assert not lost_keys.can_renew_key(session, number)
    with pytest.raises(RoundError, match=RoundFault.NEW_KEY_TOO_LATE):
        lost_keys.renew_key(session, number)
    rounds.verify_key_backups(session, number, words(first))


def test_a_round_with_its_key_in_a_file_gets_no_other(session, keys):
    number = opened(session, keys)
    with pytest.raises(RoundError):
        lost_keys.renew_key(session, number)


@both_databases
def test_a_round_whose_key_is_lost_is_ended_and_all_of_it_erased(session, keys):
    number, opening = of_a_trustee(session, keys)
    rounds.verify_key_backups(session, number, words(opening))
    rounds.issue_mailed_codes(session, number, {"birch": ["one@school.example"]}, secret=SECRET, now=NOON)
    answer(session, rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON)[:11])
    with pytest.raises(InvalidTransition):
        counting.abandon_round(session, number, now=AFTER, keys=keys)
    rounds.close(session, number, now=CLOSES)
    done = counting.abandon_round(session, number, now=AFTER, keys=keys)
    assert (done.counted, done.unreadable, done.erased_contacts, done.all_ballots_unreadable) == (0, 11, 1, True)
    for row in (BoxRow, InvitationRow):
        assert session.scalar(select(func.count()).select_from(row)) == 0
    assert rounds.get_round(session, number).state is RoundState.COUNTED
    with pytest.raises(RoundError, match=RoundFault.NOTHING_READABLE):
        rounds.release(session, number, now=AFTER)
    assert publications.list_released_not_replaced(session) == ()


def test_a_round_whose_key_file_is_here_is_counted_and_not_given_up(session, keys):
    number = opened(session, keys)
    answer(session, rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON)[:11])
    rounds.close(session, number, now=CLOSES)
    with pytest.raises(RoundError, match=RoundFault.KEY_FILE_HERE):
        counting.abandon_round(session, number, now=AFTER, keys=keys)
    vault_keys.destroy_key_files(keys, number)
    assert counting.abandon_round(session, number, now=AFTER, keys=keys).unreadable == 11


def ended(session, number, keys, folder=None):
    """End a closed round without its key, clean, and return its certificate."""
    counting.abandon_round(session, number, now=AFTER, keys=keys)
    session.commit()
    counting.destroy_keys_and_wipe_remnants(session, now=AFTER, keys=folder or keys)
    return counting.find_certificate(session, number)


@both_databases
def test_a_key_that_was_lost_is_not_certified_as_destroyed(session, keys):
    number = opened(session, keys)
    answer(session, rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON)[:11])
    rounds.close(session, number, now=CLOSES)
    vault_keys.destroy_key_files(keys, number)
    found = ended(session, number, keys)
    assert found.cleaned_at == AFTER
    assert (found.key_fate, found.all_ballots_unreadable, found.key_unseen) == (KeyFate.LOST, True, False)


def test_a_round_without_ballots_that_is_ended_without_its_key_says_so_too(session, keys):
    number, _ = of_a_trustee(session, keys)
    rounds.close(session, number, now=CLOSES)
    found = ended(session, number, keys)
    assert (found.key_fate, found.all_ballots_unreadable, found.unreadable) == (KeyFate.LOST, True, 0)
    with pytest.raises(RoundError, match=RoundFault.NOTHING_READABLE):
        rounds.release(session, number, now=AFTER)


def test_a_key_on_another_host_is_lost_until_that_host_destroys_it(session, keys, tmp_path):
    number = opened(session, keys)
    here = tmp_path / "here"
    rounds.close(session, number, now=CLOSES)
    found = ended(session, number, here)
    assert found.key_fate is KeyFate.LOST
    session.rollback()
    assert counting.destroy_and_certify_leftover_keys(session, keys=keys) == 1
    assert list(keys.iterdir()) == []
    assert counting.find_certificate(session, number).key_fate is KeyFate.LOST


def test_ending_a_round_certifies_nothing_of_other_rounds(session, keys, tmp_path):
    """Another round was counted, and nobody has seen its key yet on the host that ends the round at hand."""
    counted = opened(session, keys)
    lost = opened(session, keys)
    here = tmp_path / "here"
    for number in (counted, lost):
        rounds.close(session, number, now=CLOSES)
    counting.count_round(session, counted, policy=Policy(), secret=SECRET, now=AFTER, keys=keys)
    ended(session, lost, here)
    other = counting.find_certificate(session, counted)
    assert other.cleaned_at is None or other.key_fate is KeyFate.UNSEEN
    assert len(list(keys.glob(f"round-{counted}-*.key"))) == 1


def test_certificates_that_do_not_record_it_are_read_by_what_was_counted():
    old = Certificate(RoundId(1), 20, 20, 20, 0, 11, AFTER, KeyMode.AUTOMATIC, "ab" * 32, 2, 20, 0, cleaned_at=AFTER)
    assert old.key_fate is KeyFate.LOST
    assert replace(old, counted=9, unreadable=2).key_fate is KeyFate.DESTROYED
    assert replace(old, counted=9, unreadable=0, key_unseen=True).key_fate is KeyFate.UNSEEN
    waits = replace(old, counted=9, unreadable=0, key_unseen=True, key_hosts=(KeyHost("a" * 16, "web-1"),))
    assert waits.key_fate is KeyFate.PENDING  # the host is known, and its disk is to be destroyed
    assert replace(old, counted=9, key_mode=KeyMode.TRUSTEE).key_fate is KeyFate.WITH_TRUSTEE
    assert replace(old, key_lost=False).key_fate is KeyFate.DESTROYED  # counted with its key, and every ballot damaged
    assert replace(old, counted=9, issued=0, drawn=0, unreadable=0).key_fate is KeyFate.NEVER_WAS
