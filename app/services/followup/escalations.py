"""Escalate issues to the municipality, and answer them."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.followup import (
    ActionId,
    DecisionLevel,
    Escalation,
    EscalationAnswer,
    EscalationId,
    MunicipalityAnswerKind,
)
from app.core.languages import Language, PartlyTranslatedText, partly_translated_text
from app.core.rounds import RoundId
from app.core.working_days import same_or_next_working_day
from app.services.followup.follow_up_lookup import follow_up_of_unit
from app.services.followup.plan_editing import get_action
from app.store import escalations

MAX_TEXT_LENGTH = 500


class EscalationError(Exception):
    """An issue cannot be escalated or answered: no reason, escalated before, or answered concurrently."""


def escalate(
    session: Session,
    round_id: RoundId,
    unit_id: str,
    number: ActionId,
    why: str,
    *,
    by: AccountId | None,
    now: datetime,
) -> EscalationId:
    """Escalate an action that is beyond the community's power to its municipality; return its number."""
    current = follow_up_of_unit(session, round_id, unit_id)
    action = get_action(current.plan, number)
    if action.power is DecisionLevel.COMMUNITY or not why.strip() or len(why) > MAX_TEXT_LENGTH:
        raise EscalationError
    raised = Escalation(
        id=EscalationId(0),
        round=round_id,
        unit=unit_id,
        municipality=current.unit.municipality,
        action=number,
        what=action.what,
        why=why.strip(),
        raised_at=now,
        due=same_or_next_working_day((now + current.template.answer).date()),
    )
    added = escalations.add(session, raised, by=by)
    if added is None:
        raise EscalationError
    return added


def all_escalations(session: Session) -> tuple[Escalation, ...]:
    """Return all escalations, unanswered first, by due date."""
    found_escalations = escalations.escalations(session)
    return tuple(sorted(found_escalations, key=lambda each_escalation: each_escalation.answer is not None))


def find_escalation(session: Session, number: EscalationId) -> Escalation | None:
    """Return one escalation, or None."""
    return escalations.find_escalation(session, number)


def answer_escalation(
    session: Session,
    number: EscalationId,
    kind: MunicipalityAnswerKind,
    text: PartlyTranslatedText,
    *,
    seen_answer_at: datetime | None,
    by: AccountId | None,
    now: datetime,
) -> None:
    """Answer an escalation or replace its answer; `seen_answer_at` is the time of the answer that the writer saw.

    Raises EscalationError without a text, or if somebody else answered concurrently.
    """
    stripped = _stripped(text)
    if not stripped or any(len(stripped.in_language(language)) > MAX_TEXT_LENGTH for language in Language):
        raise EscalationError
    new_answer = EscalationAnswer(kind, stripped, now)
    if not escalations.set_answer(session, number, new_answer, before=seen_answer_at, by=by):
        raise EscalationError


def _stripped(text: PartlyTranslatedText) -> PartlyTranslatedText:
    if text.translations is None:
        return PartlyTranslatedText(text.main.strip())
    return partly_translated_text({language: text.translations.in_language(language).strip() for language in Language})
