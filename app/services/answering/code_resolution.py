"""Look behind a code: what it gives right to, and what there is of sealed boxes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.rounds import KeyMode, RoundId, RoundState
from app.store import boxes, invitations, rounds, step_deadlines
from app.store.database import Executor
from app.store.invitations import CodeGrant
from app.store.step_deadlines import OpenRound
from app.vault import codes


class InvalidCode(Exception):
    """The code gives no right to answer. Wrong, spent and closed are one and the same to who asks."""

    def __init__(self) -> None:
        super().__init__("The code cannot be used.")


@dataclass(frozen=True, slots=True)
class AnswerTicket:
    """What a respondent's pages say and ask, for one code; `digest` is what is stored of it, `box` where to put it."""

    digest: str
    round_id: RoundId
    title: str
    unit_id: str
    unit_name: str
    unit_size: int
    surveyed_before: bool
    box: int
    instrument_digest: str
    key_mode: KeyMode
    comments: bool
    closes_at: datetime
    k: int


@dataclass(frozen=True, slots=True)
class OpenRoundBoxes:
    """The boxes of an open round: what lies in them, how many they are, their slots, and their bytes in all."""

    title: str
    content: str
    boxes: int
    slots: int
    size: int


def resolve_code(session: Executor, code: str, *, secret: bytes, now: datetime) -> AnswerTicket:
    """Return what a code gives right to answer; InvalidCode if it gives none."""
    digest = codes.code_digest(code, secret=secret)
    found = _unspent(session, digest, now=now)
    return AnswerTicket(
        digest=digest.hex(),
        round_id=found.round_id,
        title=found.title,
        unit_id=found.unit_id,
        unit_name=found.unit_name,
        unit_size=found.unit_size,
        surveyed_before=found.surveyed_before,
        box=found.box,
        instrument_digest=found.instrument_digest,
        key_mode=found.key_mode,
        comments=found.comments,
        closes_at=found.closes_at,
        k=found.k,
    )


def recheck_code(session: Executor, paper: AnswerTicket, *, now: datetime) -> None:
    """Raise InvalidCode if a ticket from `resolve_code` is no longer valid. Cheaper than `resolve_code`."""
    _unspent(session, bytes.fromhex(paper.digest), now=now)


def open_rounds(session: Executor) -> tuple[OpenRound, ...]:
    """Return what is said of every round that is open now: when it closes, and what comes after it."""
    return step_deadlines.open_rounds(session)


def open_boxes(session: Session) -> tuple[OpenRoundBoxes, ...]:
    """Return what there is of the sealed boxes of every open round; none of it changes with an answer."""
    return tuple(
        OpenRoundBoxes(one.title, content, number, slots=sum(unit.size for unit in one.boundaries.units), size=size)
        for one in rounds.rounds(session)
        if one.state is RoundState.OPEN and one.boundaries is not None
        for content, number, size in boxes.box_sizes(session, one.id)
    )


def _unspent(session: Executor, digest: bytes, *, now: datetime) -> CodeGrant:
    found = invitations.resolve(session, digest, now=now)
    if found is None:
        raise InvalidCode
    return found
