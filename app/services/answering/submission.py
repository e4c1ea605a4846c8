"""Submit ballots: spend codes and insert ballots into their boxes, in one transaction.

This is the hot path on a round's last evening: a few statements for all concurrent submissions, without forms
and ORM objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.core import comments
from app.core.ballots import NO_GROUP, SKIPPED, Ballot, BallotTooLong, encode
from app.core.instruments import Instrument, Item
from app.core.rounds import BoxContent
from app.services.answering.code_resolution import AnswerTicket, InvalidCode, resolve_code
from app.store import boxes, instruments, invitations
from app.store.boxes import BoxPrimaryKey, LockedBox
from app.store.database import Executor
from app.store.db_errors import BoxUndecryptable
from app.vault import boxes as vault


class InvalidAnswers(Exception):
    """The answers do not fit the questionnaire; nothing was stored and the code is unspent."""


Refusal = InvalidCode | InvalidAnswers


@dataclass(frozen=True, slots=True)
class Submission:
    """A respondent's submission, with the ticket of the access code.

    `ratings` are the positions of the chosen options in the questionnaire's order, SKIPPED where none was chosen.
    """

    ticket: AnswerTicket
    ratings: Sequence[int]
    group: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class _PreparedBallot:
    """A validated ballot; `comment` is None if the round takes no comments, and may be empty otherwise."""

    ticket: AnswerTicket
    ballot: Ballot
    comment: str | None

    @property
    def digest(self) -> bytes:
        """The stored digest of the code."""
        return bytes.fromhex(self.ticket.digest)

    @property
    def box_keys(self) -> tuple[BoxPrimaryKey, ...]:
        """The boxes into which the ballot and the comment go."""
        own = self.ticket
        ballots = BoxPrimaryKey(own.round_id, own.unit_id, own.box)
        return (ballots,) if self.comment is None else (ballots, replace(ballots, content=BoxContent.COMMENTS))

    def plaintext(self, content: BoxContent, *, size: int) -> bytes:
        """Return the bytes to seal for one of the boxes."""
        # An empty comment is sealed too: otherwise the box would reveal who wrote one.
        return (
            encode(self.ballot, size=size)
            if content is BoxContent.BALLOTS
            else comments.encode_text(self.comment or "")
        )


def submit(
    session: Executor,
    code: str,
    *,
    ratings: Mapping[str, int | None],
    group: str | None,
    comment: str | None,
    secret: bytes,
    now: datetime,
) -> None:
    """Spend a code and insert a ballot into its unit's box, in the caller's transaction.

    `ratings` maps an item's id to the value of the chosen option; None or no entry means skipped.
    Raises InvalidCode, or InvalidAnswers with the code unspent.
    """
    ticket = resolve_code(session, code, secret=secret, now=now)
    positions = _positions(_instrument(session, ticket.instrument_digest), ratings)
    (refusal,) = submit_batch(session, [Submission(ticket, positions, group, comment)], secret=secret, now=now)
    if refusal is not None:
        raise refusal


def submit_batch(
    session: Executor, submissions: Sequence[Submission], *, secret: bytes, now: datetime
) -> tuple[Refusal | None, ...]:
    """Submit ballots of several people in the caller's transaction; return None or the error for each.

    An error concerns one submission; the others are stored. If two have the same code, the first is stored.
    """
    read = [_prepare(session, sending) for sending in submissions]
    ballots: dict[bytes, _PreparedBallot] = {}
    for result in read:
        if isinstance(result, _PreparedBallot):
            ballots.setdefault(result.digest, result)
    spent = _insert_ballots(session, ballots, secret=secret, now=now)
    cast_now = [ballots[digest] for digest in spent]
    return tuple(_outcome(result, cast_now) for result in read)


def _outcome(result: _PreparedBallot | Refusal, cast_now: Sequence[_PreparedBallot]) -> Refusal | None:
    if not isinstance(result, _PreparedBallot):
        return result
    return None if any(result is sealed_ballot for sealed_ballot in cast_now) else InvalidCode()


def _insert_ballots(
    session: Executor, ballots: Mapping[bytes, _PreparedBallot], *, secret: bytes, now: datetime
) -> frozenset[bytes]:
    """Insert ballots into their boxes; return the digests of the spent codes."""
    # Fixed lock order (boxes in order, then codes), avoids deadlock.
    locked_boxes = boxes.lock_boxes(
        session, {box_key for sealed_ballot in ballots.values() for box_key in sealed_ballot.box_keys}
    )
    castable = {
        digest: sealed_ballot
        for digest, sealed_ballot in ballots.items()
        if locked_boxes.keys() >= set(sealed_ballot.box_keys)
    }
    spent = invitations.spend_codes(session, castable, now=now)
    new: dict[BoxPrimaryKey, list[_PreparedBallot]] = {}
    for digest in spent:
        for box_key in castable[digest].box_keys:
            new.setdefault(box_key, []).append(castable[digest])
    key_of = {salt: vault.box_key(secret, salt) for salt in {locked_boxes[box_key].salt for box_key in new}}
    anew = {
        box_key: _box_with_ballots(box_key, locked_boxes[box_key], new[box_key], key=key_of[locked_boxes[box_key].salt])
        for box_key in sorted(new)
    }
    boxes.replace_boxes(session, anew)
    return spent


def _box_with_ballots(
    box_key: BoxPrimaryKey, locked_box: LockedBox, ballots: Sequence[_PreparedBallot], *, key: bytes
) -> bytes:
    """Return a box with ballots inserted, encrypted as a whole; BoxUndecryptable if it cannot be opened.

    An attacker with two copies must not see which slots changed.
    """
    name = vault.box_label(box_key.round_id, box_key.unit_id, box_key.number, content=box_key.content)
    try:
        size = vault.ballot_size_from_blob(
            locked_box.blob, slots=vault.slot_counts_of_boxes(ballots[0].ticket.unit_size)[box_key.number]
        )
        sealed = (
            vault.seal_ballot(ballot.plaintext(box_key.content, size=size), locked_box.public_key) for ballot in ballots
        )
        return vault.insert_ballots(locked_box.blob, *sealed, key=key, name=name, size=size)
    except (vault.InvalidBox, BallotTooLong) as another_layout:
        raise BoxUndecryptable from another_layout


def _prepare(session: Executor, sending: Submission) -> _PreparedBallot | InvalidAnswers:
    ticket = sending.ticket
    try:
        comment = _validated_comment(sending.comment, accepts_comments=ticket.comments)
        instrument = _instrument(session, ticket.instrument_digest)
        ratings = _validated_ratings(instrument, sending.ratings)
        group = _group(instrument, sending.group)
    except InvalidAnswers as refusal:
        return refusal
    return _PreparedBallot(
        ticket, Ballot(ticket.instrument_digest, ratings, group), comment if ticket.comments else None
    )


def _validated_comment(comment: str | None, *, accepts_comments: bool) -> str:
    text = (comment or "").strip()
    if text and not accepts_comments:
        raise InvalidAnswers("This round takes no comments.")
    if not comments.fits_slot(text):
        raise InvalidAnswers(f"A comment has at most {comments.MAX_COMMENT_LENGTH} characters.")
    return text


def _validated_ratings(instrument: Instrument, ratings: Sequence[int]) -> tuple[int, ...]:
    if len(ratings) != len(instrument.items):
        message = f"The questionnaire has {len(instrument.items)} items, not {len(ratings)}."
        raise InvalidAnswers(message)
    for position, item in zip(ratings, instrument.items, strict=True):
        if position != SKIPPED and not 0 <= position < len(item.options):
            message = f"Item {item.id} has {len(item.options)} options; none is at place {position}."
            raise InvalidAnswers(message)
    return tuple(ratings)


def _positions(instrument: Instrument, ratings: Mapping[str, int | None]) -> tuple[int, ...]:
    unknown = ratings.keys() - set(instrument.item_ids)
    if unknown:
        message = f"The questionnaire has no item {', '.join(sorted(unknown))}."
        raise InvalidAnswers(message)
    return tuple(_position(item, ratings.get(item.id)) for item in instrument.items)


def _position(item: Item, value: int | None) -> int:
    if value is None:
        return SKIPPED
    for position, option in enumerate(item.options):
        if option.value == value:
            return position
    message = f"Item {item.id} has no option {value}."
    raise InvalidAnswers(message)


def _group(instrument: Instrument, group: str | None) -> int:
    if group is None:
        return NO_GROUP
    for position, staff_group in enumerate(instrument.groups):
        if staff_group.id == group:
            return position
    message = f"The questionnaire has no staff group {group}."
    raise InvalidAnswers(message)


def _instrument(session: Executor, digest: str) -> Instrument:
    return instruments.get_questionnaire(session, digest)
