"""Meeting votes: open, issue codes, accept votes, close. Votes are encrypted like ballots.

Voting and closing lock first the box and then the code: a fixed order, which avoids deadlocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.meetings.votes import (
    VOTE_LIFETIME,
    DotVote,
    VoteError,
    VoteId,
    VoteSetup,
    encode_ballot,
    tally_ballots,
    validate_vote_setup,
)
from app.core.rounds import RoundId
from app.store import rounds, vote_boxes, vote_codes, votes
from app.store.db_errors import BoxUndecryptable
from app.store.vote_codes import VoteCode
from app.store.votes import VoteSealing
from app.vault import boxes, codes, round_keys

AWAY = timedelta(minutes=15)
KEYS = "votes"  # own folder, because votes and rounds are numbered separately


class InvalidVoteCode(Exception):
    """The code gives no right to vote; wrong, spent and closed are not distinguished.

    Wrong, spent and closed are one and the same to who asks.
    """


@dataclass(frozen=True, slots=True)
class VoteTicket:
    """What the voting page of a code shows: the options, the number of dots, and the closing time."""

    options: tuple[str, ...]
    dots: int
    closes_at: datetime


def open_vote(
    session: Session,
    round_id: RoundId,
    unit_id: str,
    *,
    choice: VoteSetup,
    secret: bytes,
    key_folder: Path,
    now: datetime,
) -> VoteId:
    """Open a vote in one community's meeting; VoteError if it is unsound or another one is open there."""
    validate_vote_setup(choice)
    rounds.lock_against_submissions(session, round_id)  # serialises concurrent requests
    if any(vote.is_open for vote in votes.votes_of_unit(session, round_id, unit_id)):
        message = "A vote is open already. Close it first."
        raise VoteError(message)
    pair = round_keys.draw_keypair()
    salt = boxes.draw_salt()
    planned = DotVote(
        VoteId(0),
        round_id,
        unit_id,
        choice.options,
        choice.dots,
        choice.people,
        opened_at=now,
        closes_at=now + VOTE_LIFETIME,
    )
    number = votes.add(session, planned, VoteSealing(pair.public, salt))
    # The file comes before the commit: a vote without its key could never be counted.
    round_keys.save_key_file(key_folder / KEYS, number, pair)
    key = boxes.box_key(secret, salt)
    sizes = boxes.slot_counts_of_boxes(choice.people)
    vote_boxes.add(session, number, [boxes.new_box(n, key=key, name=_name(number, at)) for at, n in enumerate(sizes)])
    return number


def issue_vote_codes(session: Session, vote_id: VoteId, *, secret: bytes, now: datetime) -> tuple[str, ...]:
    """Draw the codes of a vote, shown here and never again; earlier ones stop working.

    VoteError once somebody has voted: who has voted must not get a second code.
    """
    vote = votes.lock_vote(session, vote_id)
    if vote is None or not _accepts(vote, now):
        raise VoteError("The vote is closed.")
    vote_boxes.lock_all_boxes(session, vote_id)  # waits for votes in progress before the check below
    if vote_codes.any_spent(session, vote_id):
        raise VoteError("Somebody has voted already, so no new slips are made. Close this vote and open another.")
    vote_codes.erase(session, vote_id)
    drawn = tuple(codes.draw_vote_code() for _ in range(vote.people))
    homes = [box for box, size in enumerate(boxes.slot_counts_of_boxes(vote.people)) for _ in range(size)]
    found_vote_codes = [
        VoteCode(codes.code_digest(code, secret=secret), box) for code, box in zip(drawn, homes, strict=True)
    ]
    vote_codes.add(session, vote_id, found_vote_codes)
    return drawn


def resolve_vote_code(session: Session, code: str, *, secret: bytes, now: datetime) -> VoteTicket:
    """Return what a code gives right to vote on; InvalidVoteCode if it gives none."""
    vote, _box = _found(session, codes.code_digest(code, secret=secret), now=now)
    return VoteTicket(vote.options, vote.dots, vote.closes_at)


def submit_vote(session: Session, code: str, chosen: Sequence[str], *, secret: bytes, now: datetime) -> None:
    """Spend a code and put its dots into the box; VoteError and BoxUndecryptable leave the code unspent."""
    digest = codes.code_digest(code, secret=secret)
    vote, box = _found(session, digest, now=now)
    ballot = encode_ballot(chosen, options=vote.options, dots=vote.dots)
    blob = vote_boxes.lock_box(session, vote.id, box)
    locks = votes.find_vote_sealing(session, vote.id)
    if blob is None or locks is None or not vote_codes.spend(session, digest):
        raise InvalidVoteCode
    key = boxes.box_key(secret, locks.box_salt)
    sealed = boxes.seal_ballot(ballot, locks.public_key)
    try:
        vote_boxes.replace(session, vote.id, box, boxes.insert_ballots(blob, sealed, key=key, name=_name(vote.id, box)))
    except boxes.InvalidBox as another_layout:
        raise BoxUndecryptable from another_layout


def close_count_and_erase(session: Session, vote_id: VoteId, *, secret: bytes, key_folder: Path, now: datetime) -> None:
    """Count a vote and erase its boxes, codes and locks, all in the caller's one transaction.

    Where the key lies on another host, no more votes are taken, and that host counts at its next turn. The
    key's file goes when the caller has committed: see `destroy_keys_of_closed_votes`. Closing twice does nothing.
    """
    vote = votes.lock_vote(session, vote_id)
    if vote is None or not vote.is_open:
        return
    if not _key_is_here(session, vote, key_folder=key_folder) and now < vote.closes_at + AWAY:
        votes.stop_voting(session, vote_id, now=min(now, vote.closes_at))
        return
    ballots = list(_opened(session, vote, secret=secret, key_folder=key_folder))
    vote_boxes.erase(session, vote_id)
    vote_codes.erase(session, vote_id)
    votes.close_and_delete_keys(session, vote_id, tally_ballots(ballots, options=vote.options, dots=vote.dots), now=now)


def close_count_and_erase_due(session: Session, *, secret: bytes, key_folder: Path, now: datetime) -> None:
    """Close every vote that was left open after its meeting; one that does not open counts nothing."""
    for vote in votes.unclosed_votes(session):
        if now >= vote.closes_at:
            close_count_and_erase(session, vote.id, secret=secret, key_folder=key_folder, now=now)


def destroy_keys_of_closed_votes(session: Session, *, key_folder: Path) -> int:
    """Destroy the keys of votes whose closing was committed before; return how many files there were."""
    # A vote that is not found may just be being opened: keep its key.
    found_votes = [
        votes.find_vote(session, VoteId(number))
        for number in sorted(round_keys.rounds_with_key_files(key_folder / KEYS))
    ]
    closed = [found_vote.id for found_vote in found_votes if found_vote is not None and not found_vote.is_open]
    return sum(round_keys.destroy_key_files(key_folder / KEYS, number) for number in closed)


def votes_of_unit(session: Session, round_id: RoundId, unit_id: str) -> tuple[DotVote, ...]:
    """Return the votes of a community's meetings, the newest first."""
    return votes.votes_of_unit(session, round_id, unit_id)


def _key_is_here(session: Session, vote: DotVote, *, key_folder: Path) -> bool:
    locks = votes.find_vote_sealing(session, vote.id)
    return locks is not None and round_keys.has_valid_key_file(key_folder / KEYS, vote.id, public_key=locks.public_key)


def _opened(session: Session, vote: DotVote, *, secret: bytes, key_folder: Path) -> Iterator[bytes]:
    locks = votes.find_vote_sealing(session, vote.id)
    if locks is None:
        return
    try:
        secret_key = round_keys.load_key_file(key_folder / KEYS, vote.id, public_key=locks.public_key)
    except round_keys.InvalidKey:
        return  # without its key nobody can ever count it; it ends like a vote that too few took part in
    key = boxes.box_key(secret, locks.box_salt)
    for number, blob in vote_boxes.lock_all_boxes(session, vote.id):
        sealed = boxes.extract_sealed_ballots(blob, key=key, name=_name(vote.id, number))
        yield from (ballot for ballot in boxes.open_ballots(sealed, secret_key=secret_key) if ballot is not None)


def _found(session: Session, digest: bytes, *, now: datetime) -> tuple[DotVote, int]:
    result = vote_codes.find_vote_and_box_of_unspent_code(session, digest)
    vote = None if result is None else votes.find_vote(session, result[0])
    if result is None or vote is None or not _accepts(vote, now):
        raise InvalidVoteCode
    return vote, result[1]


def _accepts(vote: DotVote, now: datetime) -> bool:
    return vote.is_open and now < vote.closes_at


def _name(vote_id: VoteId, box: int) -> bytes:
    return boxes.box_label(vote_id, "vote", box)
