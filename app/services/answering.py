"""Look behind a code, and cast a ballot with it.

This is the path that everybody takes on a round's last evening: a handful of single statements, no
form objects, no rows turned into objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core import comments
from app.core.ballots import NO_GROUP, SKIPPED, Ballot, encode
from app.core.instruments import Instrument, Item
from app.core.rounds import Content, KeyMode, RoundId, RoundState
from app.store import boxes, instruments, invitations, paces, rounds
from app.store.boxes import Box
from app.store.database import Teller
from app.store.invitations import Unspent
from app.store.paces import OpenNow
from app.vault import boxes as vault
from app.vault import codes


class CodeRefused(Exception):
    """The code gives no right to answer. Wrong, spent and closed are one and the same to who asks."""

    def __init__(self) -> None:
        super().__init__("The code cannot be used.")


class AnswersRefused(Exception):
    """The answers do not fit the questionnaire; nothing was stored and the code is unspent."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a respondent's pages say and ask, for one code; `digest` is what is stored of the code."""

    digest: str
    round_id: RoundId
    title: str
    unit_id: str
    unit_name: str
    unit_size: int
    instrument_digest: str
    key_mode: KeyMode
    comments: bool
    closes_at: datetime
    k: int


@dataclass(frozen=True, slots=True)
class OpenBoxes:
    """The boxes of an open round: what lies in them, how many they are, their slots, and their bytes in all."""

    title: str
    content: str
    boxes: int
    slots: int
    size: int


def look(session: Teller, code: str, *, secret: bytes, now: datetime) -> Paper:
    """Return what a code gives right to answer; CodeRefused if it gives none."""
    digest = codes.digest(code, secret=secret)
    found = _unspent(session, digest, now=now)
    return Paper(
        digest=digest.hex(),
        round_id=found.round_id,
        title=found.title,
        unit_id=found.unit_id,
        unit_name=found.unit_name,
        unit_size=found.unit_size,
        instrument_digest=found.instrument_digest,
        key_mode=found.key_mode,
        comments=found.comments,
        closes_at=found.closes_at,
        k=found.k,
    )


def look_again(session: Teller, paper: Paper, *, now: datetime) -> None:
    """Raise CodeRefused if a paper that `look` once returned gives no right any more; quicker than `look`."""
    _unspent(session, bytes.fromhex(paper.digest), now=now)


def open_now(session: Teller) -> tuple[OpenNow, ...]:
    """Return what is said of every round that is open now: when it closes, and what comes after it."""
    return paces.open_now(session)


def open_boxes(session: Session) -> tuple[OpenBoxes, ...]:
    """Return what there is of the sealed boxes of every open round; none of it changes with an answer."""
    return tuple(
        OpenBoxes(one.title, content, number, slots=sum(unit.size for unit in one.boundaries.units), size=size)
        for one in rounds.rounds(session)
        if one.state is RoundState.OPEN and one.boundaries is not None
        for content, number, size in boxes.sizes(session, one.id)
    )


def cast(
    session: Teller,
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
    Raises CodeRefused, or AnswersRefused with the code left unspent.
    """
    digest = codes.digest(code, secret=secret)
    cast_digest(session, digest, ratings=ratings, group=group, comment=comment, secret=secret, now=now)


def cast_digest(
    session: Teller,
    digest: bytes,
    *,
    ratings: Mapping[str, int | None],
    group: str | None,
    comment: str | None,
    secret: bytes,
    now: datetime,
) -> None:
    """Cast a ballot as `cast` does, by what `look` found a code to be stored as: no code is digested twice."""
    found = _unspent(session, digest, now=now)
    words = _words(comment, taken=found.comments)
    instrument = _instrument(session, found.instrument_digest)
    ballot = encode(Ballot(found.instrument_digest, _positions(instrument, ratings), _group(instrument, group)))
    rounds.lock_shared(session, found.round_id)
    if not invitations.spend(session, digest, now=now):
        raise CodeRefused
    _put(session, found, ballot, secret=secret)
    if found.comments:  # an empty one too: else the box would tell who wrote something
        _put(session, found, comments.encode(words), secret=secret, content=Content.COMMENTS)


def _unspent(session: Teller, digest: bytes, *, now: datetime) -> Unspent:
    found = invitations.look(session, digest, now=now)
    if found is None:
        raise CodeRefused
    return found


def _words(comment: str | None, *, taken: bool) -> str:
    words = (comment or "").strip()
    if words and not taken:
        raise AnswersRefused("This round takes no comments.")
    if not comments.fits(words):
        raise AnswersRefused(f"A comment has at most {comments.LONGEST} characters.")
    return words


def _put(session: Teller, found: Unspent, plain: bytes, *, secret: bytes, content: Content = Content.BALLOTS) -> None:
    blob = boxes.take(session, found.round_id, found.unit_id, found.box, content=content)
    if blob is None:
        raise CodeRefused
    key = vault.box_key(secret, found.box_salt)
    name = vault.label(found.round_id, found.unit_id, found.box, content=content)
    # The box is rewritten whole: an attacker who holds two copies must not see which slot changed.
    anew = vault.put(blob, vault.seal(plain, found.public_key), key=key, name=name, size=len(plain))
    boxes.replace(session, found.round_id, Box(found.unit_id, found.box, anew, content))


def _positions(instrument: Instrument, ratings: Mapping[str, int | None]) -> tuple[int, ...]:
    unknown = ratings.keys() - set(instrument.item_ids)
    if unknown:
        message = f"The questionnaire has no item {', '.join(sorted(unknown))}."
        raise AnswersRefused(message)
    return tuple(_position(item, ratings.get(item.id)) for item in instrument.items)


def _position(item: Item, value: int | None) -> int:
    if value is None:
        return SKIPPED
    for position, option in enumerate(item.options):
        if option.value == value:
            return position
    message = f"Item {item.id} has no option {value}."
    raise AnswersRefused(message)


def _group(instrument: Instrument, group: str | None) -> int:
    if group is None:
        return NO_GROUP
    for position, known in enumerate(instrument.groups):
        if known.id == group:
            return position
    message = f"The questionnaire has no staff group {group}."
    raise AnswersRefused(message)


def _instrument(session: Teller, digest: str) -> Instrument:
    # A digest names one questionnaire for ever, so it may be read once in a process's life.
    if digest not in _INSTRUMENTS:
        _INSTRUMENTS[digest] = instruments.kept(session, digest)
    return _INSTRUMENTS[digest]


_INSTRUMENTS: dict[str, Instrument] = {}
