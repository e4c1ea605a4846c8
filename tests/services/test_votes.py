"""A vote in a meeting: one code one vote, nothing under five, and nothing left of who chose what."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.core.ballots import MAX_BALLOT_BYTES
from app.core.meetings.votes import (
    VOTE_LIFETIME,
    DotVote,
    VoteError,
    VoteId,
    VoteOutcome,
    VoteSetup,
    encode_ballot,
    tally_ballots,
)
from app.core.rounds import RoundId
from app.services import votes
from app.services.votes import InvalidVoteCode
from app.store.database import database
from app.store.db_errors import BoxUndecryptable
from app.store.vote_boxes import VoteBoxRow
from app.store.vote_codes import VoteCodeRow
from app.store.votes import DotVoteRow
from app.vault.boxes import SLOT
from tests.publications import NOON, made, store

SECRET = b"a secret of this installation..."
OPTIONS = ("control", "demands", "leadership")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def vote(session, round_id, folder):
    return open_vote(session, round_id, folder)


@pytest.fixture
def slips(session, vote):
    drawn = votes.issue_vote_codes(session, vote, secret=SECRET, now=NOON)
    session.commit()
    return drawn


def open_vote(session, round_id, folder, *, options=OPTIONS, dots=2, people=8, unit="pine"):
    choice = VoteSetup(tuple(options), dots, people)
    number = votes.open_vote(session, round_id, unit, choice=choice, secret=SECRET, key_folder=folder, now=NOON)
    session.commit()
    return number


def cast(session, code, *chosen, now=NOON):
    votes.submit_vote(session, code, chosen, secret=SECRET, now=now)
    session.commit()


def close(session, vote, folder, now=NOON):
    votes.close_count_and_erase(session, vote, secret=SECRET, key_folder=folder, now=now)
    session.commit()
    votes.destroy_keys_of_closed_votes(session, key_folder=folder)


def held(session, round_id, unit="pine"):
    return votes.votes_of_unit(session, round_id, unit)[0]


def rows(session, table):
    return session.scalar(select(func.count()).select_from(table))


def blob(session):
    return session.scalars(select(VoteBoxRow.blob)).one()


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_dots_are_added_up_when_the_vote_is_closed(session, round_id, vote, slips, folder):
    for code, chosen in zip(slips, [("control", "control"), ("demands",), ("control", "demands")] * 2, strict=False):
        cast(session, code, *chosen)
    assert held(session, round_id).outcome is None
    close(session, vote, folder)
    assert held(session, round_id).outcome == VoteOutcome(6, (6, 4, 0))
    assert held(session, round_id).options_by_dots == (("control", 6), ("demands", 4), ("leadership", 0))


@pytest.mark.parametrize(
    ("dots", "leading"),
    [
        ((5, 4, 1), ("control", "demands")),
        ((5, 2, 2), ("control",)),
        ((0, 0, 5), ("leadership",)),
        ((3, 3, 3), ()),
        ((4, 4, 0), ("control", "demands")),
    ],
)
def test_the_options_that_lead_are_those_clearly_before_the_next(dots, leading):
    held_vote = DotVote(VoteId(1), RoundId(1), "pine", OPTIONS, 2, 8, NOON, NOON, NOON, VoteOutcome(5, dots))
    assert held_vote.clear_winners == leading
    assert replace(held_vote, outcome=None).clear_winners == ()


def test_a_code_votes_once(session, slips):
    cast(session, slips[0], "control")
    with pytest.raises(InvalidVoteCode):
        cast(session, slips[0], "demands")
    session.rollback()
    with pytest.raises(InvalidVoteCode):
        votes.resolve_vote_code(session, slips[0], secret=SECRET, now=NOON)


def test_under_five_votes_nothing_is_told_and_nothing_is_kept(session, round_id, vote, slips, folder):
    for code in slips[:4]:
        cast(session, code, "control")
    close(session, vote, folder)
    assert held(session, round_id).outcome is None
    assert session.scalar(select(DotVoteRow.outcome)) is None
    assert rows(session, VoteBoxRow) == rows(session, VoteCodeRow) == 0


def test_five_votes_are_enough(session, round_id, vote, slips, folder):
    for code in slips[:5]:
        cast(session, code, "leadership")
    close(session, vote, folder)
    assert held(session, round_id).outcome == VoteOutcome(5, (0, 0, 5))


def test_box_codes_locks_and_key_are_gone_after_the_closing(session, round_id, vote, slips, folder):
    assert len(files(folder)) == 1
    assert files(folder)[0].stat().st_mode & 0o077 == 0
    for code in slips[:5]:
        cast(session, code, "control")
    close(session, vote, folder)
    assert rows(session, VoteBoxRow) == rows(session, VoteCodeRow) == 0
    assert files(folder) == []
    row = session.get_one(DotVoteRow, vote, populate_existing=True)
    assert row.public_key is None and row.box_salt is None


def test_a_box_never_changes_its_size_and_is_rewritten_whole(session, slips):
    before = blob(session)
    assert len(before) >= 8 * SLOT
    cast(session, slips[0], "control")
    session.expire_all()
    after = blob(session)
    assert len(after) == len(before)
    same = sum(one == other for one, other in zip(before, after, strict=True))
    assert same < len(before) / 64  # chance alone makes one byte in 256 equal
    assert rows(session, VoteBoxRow) == 1


def test_every_vote_is_as_long_as_an_answer_sheet():
    ballots = [encode_ballot(chosen, options=OPTIONS, dots=2) for chosen in (["control"], ["demands", "demands"])]
    assert {len(ballot) for ballot in ballots} == {MAX_BALLOT_BYTES}


def test_dots_that_do_not_fit_leave_the_code_unspent(session, slips):
    for chosen in ((), ("control",) * 3, ("wellbeing",), ("nonsense",)):
        with pytest.raises(VoteError):
            cast(session, slips[0], *chosen)
        session.rollback()
    cast(session, slips[0], "control")


def test_a_ballot_that_says_something_else_is_not_counted():
    sound = [encode_ballot(["control"], options=OPTIONS, dots=1)] * 5
    forged = [b"\1" + bytes((9, 0, 0)).ljust(MAX_BALLOT_BYTES - 1, b"\0"), b"\2" + sound[0][1:], sound[0][:-1] + b"x"]
    assert tally_ballots([*sound, *forged], options=OPTIONS, dots=1) == VoteOutcome(5, (5, 0, 0))
    assert tally_ballots([*sound[:4], *forged], options=OPTIONS, dots=1) is None


def test_new_slips_are_made_only_before_the_first_vote(session, vote, slips):
    again = votes.issue_vote_codes(session, vote, secret=SECRET, now=NOON)
    session.commit()
    assert not set(again) & set(slips)
    with pytest.raises(InvalidVoteCode):
        cast(session, slips[0], "control")
    session.rollback()
    cast(session, again[0], "control")
    with pytest.raises(VoteError):
        votes.issue_vote_codes(session, vote, secret=SECRET, now=NOON)


def test_nobody_votes_after_the_closing_or_the_last_moment(session, vote, slips, folder):
    with pytest.raises(InvalidVoteCode):
        cast(session, slips[0], "control", now=NOON + VOTE_LIFETIME)
    session.rollback()
    close(session, vote, folder)
    for code in (slips[0], "AAAA-AAAA", ""):
        with pytest.raises(InvalidVoteCode):
            cast(session, code, "control")
        session.rollback()


def test_a_vote_left_open_closes_itself_and_its_key_goes(session, round_id, vote, slips, folder):
    for code in slips[:6]:
        cast(session, code, "demands", "control")
    early = NOON + VOTE_LIFETIME - timedelta(seconds=1)
    late = NOON + VOTE_LIFETIME
    votes.close_count_and_erase_due(session, secret=SECRET, key_folder=folder, now=early)
    assert held(session, round_id).is_open
    votes.close_count_and_erase_due(session, secret=SECRET, key_folder=folder, now=late)
    session.commit()
    assert held(session, round_id).outcome == VoteOutcome(6, (6, 6, 0))
    assert votes.destroy_keys_of_closed_votes(session, key_folder=folder) == 1


def test_the_key_of_an_open_vote_is_never_destroyed(session, vote, folder):
    assert votes.destroy_keys_of_closed_votes(session, key_folder=folder) == 0
    assert len(files(folder)) == 1


def test_closing_twice_changes_nothing(session, round_id, vote, slips, folder):
    for code in slips[:5]:
        cast(session, code, "control")
    close(session, vote, folder)
    first = held(session, round_id)
    close(session, vote, folder, now=NOON + timedelta(hours=1))
    assert held(session, round_id) == first
    votes.close_count_and_erase(session, VoteId(99), secret=SECRET, key_folder=folder, now=NOON)


@pytest.mark.parametrize(
    ("options", "dots", "people"),
    [
        (("control", "demands"), 1, 8),
        (("control", "demands", "demands"), 1, 8),
        (("control", "demands", "weather"), 1, 8),
        (OPTIONS, 3, 8),
        (OPTIONS, 0, 8),
        (OPTIONS, 1, 4),
        (OPTIONS, 1, 501),
    ],
)
def test_an_unsound_vote_is_not_opened(session, round_id, folder, options, dots, people):
    with pytest.raises(VoteError):
        open_vote(session, round_id, folder, options=options, dots=dots, people=people)
    assert rows(session, DotVoteRow) == 0
    assert files(folder) == []


def test_one_vote_is_open_in_a_community_at_a_time(session, round_id, vote, folder):
    with pytest.raises(VoteError):
        open_vote(session, round_id, folder)
    session.rollback()
    open_vote(session, round_id, folder, unit="fir")
    close(session, vote, folder)
    open_vote(session, round_id, folder)


def test_a_large_meeting_votes_into_several_boxes(session, round_id, folder):
    vote = open_vote(session, round_id, folder, people=140)
    drawn = votes.issue_vote_codes(session, vote, secret=SECRET, now=NOON)
    session.commit()
    assert rows(session, VoteBoxRow) == 2
    for code in drawn[:3] + drawn[-3:]:
        cast(session, code, "demands")
    close(session, vote, folder)
    assert held(session, round_id).outcome == VoteOutcome(6, (0, 6, 0))


def test_neither_codes_nor_choices_stand_in_the_database(session, vote, slips):
    cast(session, slips[0], "leadership")
    path = database.engine.url.database
    if database.engine.dialect.name == "sqlite":
        content = b"".join(Path(f"{path}{end}").read_bytes() for end in ("", "-wal"))
        for code in slips:
            assert code.encode() not in content and code.replace("-", "").encode() not in content
        assert encode_ballot(["leadership"], options=OPTIONS, dots=2)[:16] not in content


def test_a_box_that_does_not_open_here_leaves_the_code_unspent(session, vote, slips):
    row = session.scalar(select(VoteBoxRow))
    whole = row.blob
    row.blob = row.blob[::-1]
    session.commit()
    with pytest.raises(BoxUndecryptable):
        votes.submit_vote(session, slips[0], ["control"], secret=SECRET, now=NOON)
    session.rollback()
    row.blob = whole
    session.commit()
    votes.submit_vote(session, slips[0], ["control"], secret=SECRET, now=NOON)
