from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.core.disclosure.policy import Policy
from app.core.publication import Cell, Level
from app.core.rounds import InvalidTransition, KeyMode, RoundError, RoundFault, RoundState
from app.services import answering, counting, rounds
from app.services.counting.secure_wipe import OTHER_HOST_GRACE
from app.store import publications
from app.store import rounds as round_store
from app.store.boxes import BoxRow
from app.store.invitations import InvitationRow
from app.vault import round_keys as vault_keys
from app.vault.round_keys import InvalidKey, KeyFault
from tests.databases import both_databases
from tests.services.concurrency import meanwhile
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, opened, plan, region

POLICY = Policy()


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


def answer(session, round_id, unit, values):
    """Let one person for each of `values` answer every item with it."""
    codes = rounds.issue_slip_codes(session, round_id, unit, secret=SECRET, now=NOON)
    for code, value in zip(codes, values, strict=False):
        ratings = {f"q{n}": value for n in range(6)}
        answering.submit(session, code, ratings=ratings, group="teachers", comment=None, secret=SECRET, now=NOON)


def answered_and_closed(session, keys):
    round_id = opened(session, keys, alder=12, birch=140)
    answer(session, round_id, "alder", [2] * 11)
    answer(session, round_id, "birch", [4] * 130)
    rounds.close(session, round_id, now=CLOSES)
    session.commit()
    return round_id


def count(session, round_id, keys, **keywords):
    arguments = {"policy": POLICY, "secret": SECRET, "now": AFTER, "keys": keys}
    return counting.count_round(session, round_id, **(arguments | keywords))


def clean(session, keys, *, now=AFTER):
    session.commit()
    cleaned = counting.destroy_keys_and_wipe_remnants(session, now=now, keys=keys)
    session.commit()
    return cleaned


@both_databases
def test_every_ballot_is_counted_where_it_belongs(session, keys):
    round_id = answered_and_closed(session, keys)
    certificate = count(session, round_id, keys)
    found = publications.find_including_replaced(session, round_id)
    assert (found.counted, certificate.counted, certificate.unreadable) == (141, 141, 0)
    assert (certificate.invited, certificate.issued, certificate.drawn) == (152, 152, 152)
    means = {unit: found.figure(Cell(Level.COMMUNITY, unit), "control").mean for unit in ("alder", "birch")}
    assert means == {"alder": 27, "birch": 75}  # at most 27, of eleven answers


@both_databases
def test_a_closing_waits_for_whoever_is_sending_and_the_ballot_counts(app, session, keys):
    """Else the count would find the box of before, and erase an answer that somebody was thanked for."""
    round_id = opened(session, keys, alder=12)
    (code, *_) = rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)
    session.commit()
    waited, closing = meanwhile(
        app,
        lambda own: answering.submit(own, code, ratings={}, group=None, comment=None, secret=SECRET, now=NOON),
        lambda own: rounds.close(own, round_id, now=CLOSES),
    )
    assert waited and closing.result().state is RoundState.CLOSED
    assert count(session, round_id, keys).counted == 1


@both_databases
def test_the_count_erases_boxes_codes_contacts_salt_and_keys(session, keys):
    round_id = opened(session, keys, alder=12)
    rounds.issue_mailed_codes(session, round_id, {"alder": ["one@school.example"]}, secret=SECRET, now=NOON)
    answer(session, round_id, "alder", [3] * 11)
    rounds.close(session, round_id, now=CLOSES)
    certificate = count(session, round_id, keys)
    assert (certificate.erased_boxes, certificate.erased_codes, certificate.erased_contacts) == (1, 12, 1)
    assert certificate.cleaned_at is None
    for row in (BoxRow, InvitationRow):
        assert session.scalar(select(func.count()).select_from(row)) == 0
    assert round_store.box_salt(session, round_id) is None
    assert len(list(keys.iterdir())) == 1
    assert clean(session, keys) == (round_id,)
    assert list(keys.iterdir()) == []
    assert counting.find_certificate(session, round_id) == replace(certificate, cleaned_at=AFTER)


def test_counting_again_changes_nothing(session, keys):
    round_id = answered_and_closed(session, keys)
    first = count(session, round_id, keys)
    before = publications.find_including_replaced(session, round_id)
    assert count(session, round_id, keys) == first
    assert publications.find_including_replaced(session, round_id) == before
    assert clean(session, keys) == (round_id,)
    assert clean(session, keys) == ()


def test_only_a_closed_round_is_counted(session, keys):
    round_id = opened(session, keys)
    with pytest.raises(InvalidTransition):
        count(session, round_id, keys)
    with pytest.raises(InvalidTransition):
        count(session, plan(session), keys)
    with pytest.raises(RoundError, match=RoundFault.NO_SUCH_ROUND):
        count(session, 99, keys)


def test_no_round_is_counted_under_a_laxer_rule_than_was_promised(session, keys):
    round_id = answered_and_closed(session, keys)
    with pytest.raises(RoundError, match=r"promised_more \(promised=10, given=5"):
        count(session, round_id, keys, policy=Policy(k=5))


def test_a_round_in_trustee_mode_is_counted_with_its_sheets_and_nothing_else(session, keys):
    round_id = plan(session, key_mode=KeyMode.TRUSTEE)
    area = region(alder=12)
    sheets = rounds.open_round(
        session, round_id, now=OPENS, secret=SECRET, keys=keys, region=area, split=True
    ).key_backups
    words = tuple("\n".join(sheet.lines) for sheet in sheets)
    rounds.verify_key_backups(session, round_id, words)
    answer(session, round_id, "alder", [1] * 12)
    rounds.close(session, round_id, now=CLOSES)
    with pytest.raises(InvalidKey, match=KeyFault.NEEDS_SHEET):
        count(session, round_id, keys)
    with pytest.raises(InvalidKey, match=KeyFault.NEEDS_BOTH):
        counting.key_from_backups(session, round_id, words[:1])
    with pytest.raises(InvalidKey, match=KeyFault.OTHER_ROUND):
        count(session, round_id, keys, key=vault_keys.draw_keypair().secret)
    key = counting.key_from_backups(session, round_id, words)
    assert count(session, round_id, keys, key=key).counted == 12


def test_a_lost_key_file_is_named_and_nothing_is_changed(session, keys):
    round_id = answered_and_closed(session, keys)
    vault_keys.destroy_key_files(keys, round_id)
    with pytest.raises(InvalidKey, match=KeyFault.FILE_ABSENT):
        count(session, round_id, keys)
    assert rounds.get_round(session, round_id).state is RoundState.CLOSED


def test_a_key_that_was_not_seen_is_not_certified_as_destroyed(session, keys, tmp_path):
    round_id = answered_and_closed(session, keys)
    count(session, round_id, keys)
    assert clean(session, tmp_path / "another host", now=AFTER + OTHER_HOST_GRACE) == (round_id,)
    assert counting.find_certificate(session, round_id).key_unseen
    session.rollback()
    assert clean(session, keys) == ()
    assert counting.destroy_and_certify_leftover_keys(session, keys=keys) == 1  # its host comes back
    assert not counting.find_certificate(session, round_id).key_unseen
    assert list(keys.iterdir()) == []


def test_who_destroyed_a_key_by_hand_says_so(session, keys):
    round_id = answered_and_closed(session, keys)
    count(session, round_id, keys)
    session.commit()
    vault_keys.destroy_key_files(keys, round_id)
    assert counting.destroy_keys_and_wipe_remnants(session, now=AFTER, keys=keys, key_is_gone=True) == (round_id,)
    assert not counting.find_certificate(session, round_id).key_unseen


def test_after_a_kill_between_mark_and_removal_the_shell_of_a_key_goes(session, keys, monkeypatch):
    round_id = answered_and_closed(session, keys)
    count(session, round_id, keys)
    with monkeypatch.context() as killed:
        killed.setattr(vault_keys, "remove_key_files", lambda *_: None)
        assert clean(session, keys) == (round_id,)
    assert len(list(keys.iterdir())) == 1
    assert not counting.find_certificate(session, round_id).key_unseen
    session.rollback()
    assert counting.destroy_and_certify_leftover_keys(session, keys=keys) == 1
    assert list(keys.iterdir()) == []


def test_the_progress_of_a_count_tells_of_no_unit_how_many_answered(session, keys):
    round_id = answered_and_closed(session, keys)
    told = []
    count(session, round_id, keys, progress=lambda stage, number: told.append((stage, number)))
    assert [number for stage, number in told if stage is counting.CountStage.OPENED] == [1, 2, 3]


def test_a_box_that_was_changed_stops_the_count(session, keys):
    round_id = answered_and_closed(session, keys)
    row = session.scalars(select(BoxRow)).first()
    row.blob = row.blob[:-1] + bytes((row.blob[-1] ^ 1,))
    session.flush()
    with pytest.raises(counting.BoxDamaged, match="changed"):
        count(session, round_id, keys)


def test_rounds_in_automatic_mode_are_counted_when_closed(session, keys):
    round_id = answered_and_closed(session, keys)
    opened(session, keys)
    assert counting.automatic_rounds_to_count(session) == (round_id,)
    assert counting.rounds_to_count_with_local_key(session, keys=keys) == (round_id,)
    count(session, round_id, keys)
    assert counting.automatic_rounds_to_count(session) == ()


def test_a_counted_round_is_read_by_nobody_before_its_release(session, keys):
    round_id = answered_and_closed(session, keys)
    count(session, round_id, keys)
    assert publications.list_released_not_replaced(session) == ()
    assert rounds.release(session, round_id, now=AFTER).state is RoundState.RELEASED
    assert [one.round for one in publications.list_released_not_replaced(session)] == [round_id]


def test_a_round_in_which_nobody_answered_is_counted_too(session, keys):
    round_id = opened(session, keys)
    rounds.close(session, round_id, now=CLOSES)
    assert count(session, round_id, keys).counted == 0


def test_counting_one_round_leaves_another_as_it_was(session, keys):
    other = opened(session, keys, alder=12)
    (code, *_) = rounds.issue_slip_codes(session, other, "alder", secret=SECRET, now=NOON)
    counted = answered_and_closed(session, keys)
    count(session, counted, keys)
    clean(session, keys)
    answering.submit(session, code, ratings={}, group=None, comment=None, secret=SECRET, now=NOON)
    rounds.close(session, other, now=CLOSES)
    assert count(session, other, keys).counted == 1
