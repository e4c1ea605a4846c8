"""The key of an automatic round on paper: offered at the opening, and the way back when every host is lost."""

import pytest

from app.core.disclosure.policy import Policy
from app.core.rounds import KeyMode, RoundError, RoundFault
from app.services import answering, counting, lost_keys, rounds
from app.vault import round_keys
from app.vault.round_keys import InvalidKey, KeyFault
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, plan, region


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


def opened(session, keys, **choices):
    number = plan(session, **{name: choices.pop(name) for name in list(choices) if name == "key_mode"})
    opening = rounds.open_round(
        session, number, now=OPENS, secret=SECRET, keys=keys, region=region(alder=12), **choices
    )
    return number, [sheet.payload for sheet in opening.key_backups]


def test_only_who_asks_for_a_sheet_gets_one_and_the_file_is_there_all_the_same(session, keys):
    number, sheets = opened(session, keys)
    assert sheets == []
    _, sheets = opened(session, keys, recovery_sheet=True)
    assert len(sheets) == 1
    assert round_keys.rounds_with_key_files(keys) >= {number, number + 1}


def test_a_round_whose_hosts_are_all_lost_goes_on_with_its_sheet(session, keys, tmp_path):
    number, sheets = opened(session, keys, recovery_sheet=True)
    codes = rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON)
    for code in codes[:11]:
        answering.submit(session, code, ratings={"q0": 2}, group=None, comment=None, secret=SECRET, now=NOON)
    new = tmp_path / "new host"
    assert answering.rounds_without_key_host(session, keys=new, now=NOON) == (number,)
    lost_keys.recover_key(session, number, sheets, keys=new)
    assert answering.round_key_availability(session, number, keys=new, now=NOON).here
    lost_keys.recover_key(session, number, sheets, keys=new)  # again: nothing changes
    rounds.close(session, number, now=CLOSES)
    done = counting.count_round(session, number, policy=Policy(), secret=SECRET, now=AFTER, keys=new)
    assert (done.counted, done.unreadable) == (11, 0)


def test_a_damaged_file_gives_way_to_the_key_of_the_sheet(session, keys):
    number, sheets = opened(session, keys, recovery_sheet=True)
    path = next(path for path in keys.iterdir() if path.name.count(".") == 1)
    path.write_bytes(b"x" * 32)
    lost_keys.recover_key(session, number, sheets, keys=keys)
    assert answering.round_key_availability(session, number, keys=keys, now=NOON).here


def test_the_sheet_of_another_round_is_refused(session, keys, tmp_path):
    _, other = opened(session, keys, recovery_sheet=True)
    number, _ = opened(session, keys, recovery_sheet=True)
    with pytest.raises(InvalidKey) as refused:
        lost_keys.recover_key(session, number, other, keys=tmp_path)
    assert refused.value.fault is KeyFault.OTHER_ROUND
    assert not list(tmp_path.glob("round-*"))


def test_a_trustee_s_key_never_becomes_a_file(session, keys):
    number, sheets = opened(session, keys, key_mode=KeyMode.TRUSTEE)
    with pytest.raises(RoundError) as refused:
        lost_keys.recover_key(session, number, sheets, keys=keys)
    assert refused.value.fault is RoundFault.NO_KEY_FILE_NEEDED
    assert not keys.exists() or list(keys.iterdir()) == []
