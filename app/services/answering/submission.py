"""Cast ballots: spend the codes and put what was answered into the boxes, in one transaction.

This is the path that everybody takes on a round's last evening: a handful of statements for all who send
at the same moment, no form objects, no rows turned into objects.
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
from app.store.boxes import BoxKey, LockedBox
from app.store.database import Executor
from app.store.db_errors import BoxUndecryptable
from app.vault import boxes as vault


class InvalidAnswers(Exception):
    """The answers do not fit the questionnaire; nothing was stored and the code is unspent."""


Refusal = InvalidCode | InvalidAnswers


@dataclass(frozen=True, slots=True)
class Submission:
    """What one person sends, and what `answering.look` found behind the code.

    `ratings` are the positions of the chosen options in the questionnaire's order, SKIPPED where none was chosen.
    """

    paper: AnswerTicket
    ratings: Sequence[int]
    group: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class _SealedBallot:
    """What one code's owner answered, and wrote, if the round takes comments: then also nothing is something."""

    paper: AnswerTicket
    answers: Ballot
    words: str | None

    @property
    def digest(self) -> bytes:
        """What the code is stored as."""
        return bytes.fromhex(self.paper.digest)

    @property
    def places(self) -> tuple[BoxKey, ...]:
        """Where its parts go."""
        own = self.paper
        ballots = BoxKey(own.round_id, own.unit_id, own.box)
        return (ballots,) if self.words is None else (ballots, replace(ballots, content=BoxContent.COMMENTS))

    def plain(self, content: BoxContent, *, size: int) -> bytes:
        """Return what is sealed for one of its boxes."""
        # No words are sealed too: else the box would tell who wrote something.
        return encode(self.answers, size=size) if content is BoxContent.BALLOTS else comments.encode(self.words or "")


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
    """Spend a code and put a ballot into its unit's box, in the caller's one transaction.

    `ratings` maps an item's id to the value of the chosen option; None or no entry means skipped.
    Raises InvalidCode, or TableImportError with the code left unspent.
    """
    ticket = resolve_code(session, code, secret=secret, now=now)
    positions = _positions(_instrument(session, ticket.instrument_digest), ratings)
    (refusal,) = submit_batch(session, [Submission(ticket, positions, group, comment)], secret=secret, now=now)
    if refusal is not None:
        raise refusal


def submit_batch(
    session: Executor, sendings: Sequence[Submission], *, secret: bytes, now: datetime
) -> tuple[Refusal | None, ...]:
    """Cast several people's ballots in the caller's one transaction; return for each None or why it was refused.

    A refusal is one person's own; the others are cast. Where two bring the same code, the first is cast.
    """
    read = [_read(session, sending) for sending in sendings]
    ballots: dict[bytes, _SealedBallot] = {}
    for result in read:
        if isinstance(result, _SealedBallot):
            ballots.setdefault(result.digest, result)
    spent = _insert_ballots(session, ballots, secret=secret, now=now)
    cast_now = [ballots[digest] for digest in spent]
    return tuple(_outcome(result, cast_now) for result in read)


def _outcome(result: _SealedBallot | Refusal, cast_now: Sequence[_SealedBallot]) -> Refusal | None:
    if not isinstance(result, _SealedBallot):
        return result
    return None if any(result is sealed_ballot for sealed_ballot in cast_now) else InvalidCode()


def _insert_ballots(
    session: Executor, ballots: Mapping[bytes, _SealedBallot], *, secret: bytes, now: datetime
) -> frozenset[bytes]:
    """Put ballots into their boxes; return the digests of those that were cast."""
    # First the boxes, in their order, then the codes, as everybody does: nobody waits in a circle.
    standing = boxes.lock_boxes(
        session, {place for sealed_ballot in ballots.values() for place in sealed_ballot.places}
    )
    castable = {
        digest: sealed_ballot
        for digest, sealed_ballot in ballots.items()
        if standing.keys() >= set(sealed_ballot.places)
    }
    spent = invitations.spend(session, castable, now=now)
    new: dict[BoxKey, list[_SealedBallot]] = {}
    for digest in spent:
        for place in castable[digest].places:
            new.setdefault(place, []).append(castable[digest])
    key_of = {salt: vault.box_key(secret, salt) for salt in {standing[place].salt for place in new}}
    anew = {
        place: _rewritten_box(place, standing[place], new[place], key=key_of[standing[place].salt])
        for place in sorted(new)
    }
    boxes.replace_boxes(session, anew)
    return spent


def _rewritten_box(place: BoxKey, held: LockedBox, ballots: Sequence[_SealedBallot], *, key: bytes) -> bytes:
    """Return a box with what belongs into it; it is rewritten whole. BoxUndecryptable where it does not open.

    An attacker who holds two copies must not see which slots changed.
    """
    name = vault.box_label(place.round_id, place.unit_id, place.number, content=place.content)
    try:
        size = vault.ballot_size_in(held.blob, slots=vault.capacities(ballots[0].paper.unit_size)[place.number])
        sealed = (vault.seal(ballot.plain(place.content, size=size), held.public_key) for ballot in ballots)
        return vault.insert_ballots(held.blob, *sealed, key=key, name=name, size=size)
    except (vault.InvalidBox, BallotTooLong) as another_layout:
        raise BoxUndecryptable from another_layout


def _read(session: Executor, sending: Submission) -> _SealedBallot | InvalidAnswers:
    ticket = sending.paper
    try:
        words = _words(sending.comment, taken=ticket.comments)
        instrument = _instrument(session, ticket.instrument_digest)
        ratings = _validated(instrument, sending.ratings)
        group = _group(instrument, sending.group)
    except InvalidAnswers as refusal:
        return refusal
    return _SealedBallot(ticket, Ballot(ticket.instrument_digest, ratings, group), words if ticket.comments else None)


def _words(comment: str | None, *, taken: bool) -> str:
    words = (comment or "").strip()
    if words and not taken:
        raise InvalidAnswers("This round takes no comments.")
    if not comments.fits_slot(words):
        raise InvalidAnswers(f"A comment has at most {comments.MAX_COMMENT_LENGTH} characters.")
    return words


def _validated(instrument: Instrument, ratings: Sequence[int]) -> tuple[int, ...]:
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
    for position, known in enumerate(instrument.groups):
        if known.id == group:
            return position
    message = f"The questionnaire has no staff group {group}."
    raise InvalidAnswers(message)


def _instrument(session: Executor, digest: str) -> Instrument:
    return instruments.cached_instrument(session, digest)
