"""The key of a vote lies on one host, and any host may be asked to close it."""

from datetime import timedelta

import pytest

from app.core.meetings.votes import VoteOutcome
from app.services import votes
from app.services.votes import InvalidVoteCode
from tests.publications import NOON
from tests.services.test_votes import SECRET, cast, close, files, folder, frozen, held, round_id, slips, vote

__all__ = ["folder", "frozen", "round_id", "slips", "vote"]


def test_a_vote_without_its_key_ends_without_an_outcome(session, round_id, vote, slips, folder):
    for code in slips[:6]:
        cast(session, code, "control")
    files(folder)[0].unlink()
    close(session, vote, folder)
    with pytest.raises(InvalidVoteCode):  # it takes no more votes while the key may be on another host
        cast(session, slips[6], "control")
    session.rollback()
    late = NOON + timedelta(minutes=15)
    votes.close_count_and_erase_due(session, secret=SECRET, key_folder=folder, now=late)
    assert held(session, round_id).closed_at == late
    assert held(session, round_id).outcome is None


def test_a_vote_that_is_closed_on_another_host_is_counted_where_its_key_lies(session, round_id, vote, slips, folder):
    for code in slips[:6]:
        cast(session, code, "control")
    close(session, vote, folder.with_name("another host's keys"))
    with pytest.raises(InvalidVoteCode):
        cast(session, slips[6], "control")
    session.rollback()
    assert held(session, round_id).is_open
    votes.close_count_and_erase_due(session, secret=SECRET, key_folder=folder, now=NOON)
    assert held(session, round_id).outcome == VoteOutcome(6, (6, 0, 0))
