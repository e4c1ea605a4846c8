"""Resolve access codes, and describe the sealed boxes of open rounds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.languages import PartlyTranslatedText, Translations
from app.core.rounds import KeyMode, RoundId, RoundState
from app.store import boxes, invitations, rounds, step_deadlines
from app.store.database import Executor
from app.store.invitations import CodeGrant
from app.store.step_deadlines import OpenRound
from app.vault import codes


class InvalidCode(Exception):
    """The code cannot be used. Wrong, spent and closed are not distinguished."""

    def __init__(self) -> None:
        super().__init__("The code cannot be used.")


@dataclass(frozen=True, slots=True)
class AnswerTicket:
    """Everything a respondent's pages need for one code; `digest` is the stored code, `box` its box number."""

    digest: str
    round_id: RoundId
    title: str
    title_translations: Translations | None
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

    @property
    def translated_title(self) -> PartlyTranslatedText:
        """The round's title in the languages in which it was written."""
        return PartlyTranslatedText(self.title, self.title_translations)


@dataclass(frozen=True, slots=True)
class OpenRoundBoxTotals:
    """Totals of the boxes of an open round: kind of content, number of boxes, number of slots, and bytes."""

    title: PartlyTranslatedText
    content: str
    boxes: int
    slots: int
    size: int


def resolve_code(session: Executor, code: str, *, secret: bytes, now: datetime) -> AnswerTicket:
    """Return the ticket of an access code; InvalidCode if it cannot be used."""
    digest = codes.code_digest(code, secret=secret)
    code_grant = _unspent(session, digest, now=now)
    return AnswerTicket(
        digest=digest.hex(),
        round_id=code_grant.round_id,
        title=code_grant.title,
        title_translations=code_grant.title_translations,
        unit_id=code_grant.unit_id,
        unit_name=code_grant.unit_name,
        unit_size=code_grant.unit_size,
        surveyed_before=code_grant.surveyed_before,
        box=code_grant.box,
        instrument_digest=code_grant.instrument_digest,
        key_mode=code_grant.key_mode,
        comments=code_grant.comments,
        closes_at=code_grant.closes_at,
        k=code_grant.k,
    )


def recheck_code(session: Executor, ticket: AnswerTicket, *, now: datetime) -> None:
    """Raise InvalidCode if a ticket from `resolve_code` is no longer valid. Cheaper than `resolve_code`."""
    _unspent(session, bytes.fromhex(ticket.digest), now=now)


def list_open_rounds(session: Executor) -> tuple[OpenRound, ...]:
    """Return all open rounds with their closing time and follow-up deadlines."""
    return step_deadlines.open_rounds(session)


def box_totals_of_open_rounds(session: Session) -> tuple[OpenRoundBoxTotals, ...]:
    """Return the totals of the boxes of all open rounds; none of these numbers changes with an answer."""
    return tuple(
        OpenRoundBoxTotals(
            round_.translated_title,
            content,
            number,
            slots=sum(unit.invited_count for unit in round_.boundaries.units),
            size=size,
        )
        for round_ in rounds.rounds(session)
        if round_.state is RoundState.OPEN and round_.boundaries is not None
        for content, number, size in boxes.box_totals_of_each_content(session, round_.id)
    )


def _unspent(session: Executor, digest: bytes, *, now: datetime) -> CodeGrant:
    code_grant = invitations.grant_of_code_digest(session, digest, now=now)
    if code_grant is None:
        raise InvalidCode
    return code_grant
