from datetime import timedelta

import pytest

from app.core.organisations import mark_surveyed_units
from app.core.rounds import InvalidTransition, KeyMode, RoundError, RoundFault, RoundState
from app.services import answering, rounds
from app.vault.round_keys import InvalidKey
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, opened, plan, region


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


def cast(session, code, now=NOON, **ratings):
    answering.submit(session, code, ratings=ratings, group=None, comment=None, secret=SECRET, now=now)


def test_a_planned_round_is_a_draft_with_what_was_asked(session):
    found = rounds.get_round(session, plan(session, by_group=True))
    assert (found.state, found.title, found.by_group, found.k) == (RoundState.DRAFT, "Autumn", True, 10)
    assert found.boundaries is None
    assert [one.id for one in rounds.rounds(session)] == [found.id]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"title": " "}, RoundFault.NO_TITLE), ({"closes_at": OPENS}, RoundFault.CLOSES_BEFORE_OPENING)],
)
def test_a_round_that_cannot_be_is_refused_when_planned(session, wrong, reason):
    with pytest.raises(RoundError, match=reason):
        plan(session, **wrong)


def test_opening_freezes_the_boundaries(session, keys):
    area = region(alder=12, birch=30)
    round_id = plan(session)
    found = rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=keys, region=area).round
    assert found.state is RoundState.OPEN
    assert found.boundaries == mark_surveyed_units(area, surveyed=frozenset())
    with pytest.raises(InvalidTransition):
        rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=keys, region=area)


def test_automatic_mode_leaves_one_key_file_and_trustee_mode_none(session, keys):
    opened(session, keys)
    assert len(list(keys.iterdir())) == 1
    trustee = plan(session, key_mode=KeyMode.TRUSTEE)
    found = rounds.open_round(session, trustee, now=OPENS, secret=SECRET, keys=keys, region=region(a=9), split=True)
    assert len(found.key_backups) == 2
    assert len(list(keys.iterdir())) == 1


def test_no_code_is_issued_before_the_key_sheet_was_tried(session, keys):
    round_id = plan(session, key_mode=KeyMode.TRUSTEE)
    found = rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=keys, region=region(alder=9))
    with pytest.raises(RoundError, match=RoundFault.KEY_NOT_TRIED):
        rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)
    with pytest.raises(InvalidKey):
        rounds.verify_key_backups(session, round_id, ["one two three"])
    rounds.verify_key_backups(session, round_id, [found.key_backups[0].payload])
    assert len(rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)) == 9


def test_everybody_invited_gets_one_code(session, keys):
    round_id = opened(session, keys, alder=12, birch=200)
    codes = rounds.issue_slip_codes(session, round_id, "birch", secret=SECRET, now=NOON)
    assert len(set(codes)) == 200
    for code in codes:
        cast(session, code, q0=1)
    with pytest.raises(answering.InvalidCode):
        cast(session, codes[0], q0=1)


def test_codes_issued_anew_replace_the_unspent_ones_only(session, keys):
    round_id = opened(session, keys, alder=12)
    first = rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)
    for code in first[:5]:
        cast(session, code)
    second = rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)
    assert len(second) == 7
    with pytest.raises(answering.InvalidCode):
        cast(session, first[7])
    for code in second:
        cast(session, code)
    assert rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON) == ()


def test_mailed_codes_and_slips_share_the_places_of_a_unit(session, keys):
    round_id = opened(session, keys, alder=12)
    addresses = [f"person{n}@school.example" for n in range(5)]
    sent = rounds.issue_mailed_codes(session, round_id, {"alder": addresses}, secret=SECRET, now=NOON)
    assert [one.contact for one in sent] == addresses
    assert len(rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)) == 7
    cast(session, sent[2].code)
    assert rounds.addresses_with_unspent_codes(session, round_id) == tuple(a for a in addresses if a != addresses[2])
    with pytest.raises(RoundError, match=r"no_room \(unit=Alder, room=0, given=1"):
        rounds.issue_mailed_codes(session, round_id, {"alder": ["late@school.example"]}, secret=SECRET, now=NOON)


def test_codes_are_issued_only_while_the_round_is_open(session, keys):
    draft = plan(session)
    with pytest.raises(RoundError, match=r"not_open \(state=draft"):
        rounds.issue_slip_codes(session, draft, "alder", secret=SECRET, now=NOON)
    round_id = opened(session, keys)
    with pytest.raises(RoundError, match=r"no_such_unit \(unit=cedar"):
        rounds.issue_slip_codes(session, round_id, "cedar", secret=SECRET, now=NOON)
    with pytest.raises(RoundError, match=RoundFault.NO_MORE_CODES):
        rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=CLOSES)


def test_rounds_open_and_close_when_due_and_only_once(session, keys):
    round_id = plan(session)
    trustee = plan(session, key_mode=KeyMode.TRUSTEE)
    arguments = {"secret": SECRET, "keys": keys, "region": region(alder=12)}
    assert rounds.open_due(session, now=OPENS - timedelta(seconds=1), **arguments) == ()
    assert [one.id for one in rounds.open_due(session, now=OPENS, **arguments)] == [round_id]
    assert rounds.open_due(session, now=OPENS, **arguments) == ()
    assert rounds.close_due(session, now=CLOSES - timedelta(seconds=1)) == ()
    assert [one.id for one in rounds.close_due(session, now=CLOSES)] == [round_id]
    assert rounds.close_due(session, now=CLOSES) == ()
    assert rounds.get_round(session, trustee).state is RoundState.DRAFT


def test_closing_early_stops_answers_at_once(session, keys):
    round_id = opened(session, keys)
    (code, *_) = rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)
    assert rounds.close(session, round_id, now=NOON).closes_at == NOON
    with pytest.raises(answering.InvalidCode):
        cast(session, code)


def test_participation_moves_once_a_day_in_bands_and_is_silent_for_few(session, keys):
    round_id = opened(session, keys, alder=14, birch=9)
    codes = {
        unit: rounds.issue_slip_codes(session, round_id, unit, secret=SECRET, now=NOON) for unit in ("alder", "birch")
    }
    assert rounds.participation_bands_by_unit(session, round_id) == {}
    cast(session, codes["alder"][0])
    cast(session, codes["birch"][0])
    assert rounds.refresh_participation(session, now=NOON) == (round_id,)
    assert rounds.participation_bands_by_unit(session, round_id) == {"alder": "0-69"}
    for code in codes["alder"][1:10]:
        cast(session, code)
    assert rounds.refresh_participation(session, now=NOON + timedelta(hours=11)) == ()
    assert rounds.participation_bands_by_unit(session, round_id) == {"alder": "0-69"}
    rounds.refresh_participation(session, now=NOON + timedelta(hours=13))
    assert rounds.participation_bands_by_unit(session, round_id) == {"alder": "70-100"}


def test_a_round_that_was_not_counted_cannot_be_released(session, keys):
    round_id = opened(session, keys)
    with pytest.raises(InvalidTransition):
        rounds.release(session, round_id, now=AFTER)
