"""Hand a matter on to the municipality, and answer it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.followup import ActionId, AnswerKind, DecisionLevel, Escalation, EscalationAnswer, EscalationId
from app.core.rounds import RoundId
from app.core.working_days import next_working_day
from app.services.followup.follow_up_lookup import follow_up
from app.services.followup.plan_editing import find_action
from app.store import escalations

LONGEST = 500


class EscalationError(Exception):
    """A matter cannot be handed on or answered: no reason, already there, or answered meanwhile."""


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
    """Put an action that is beyond the community's power into its municipality's inbox."""
    current = follow_up(session, round_id, unit_id)
    action = find_action(current.plan, number)
    if action.power is DecisionLevel.COMMUNITY or not why.strip() or len(why) > LONGEST:
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
        due=next_working_day((now + current.template.answer).date()),
    )
    added = escalations.add(session, raised, by=by)
    if added is None:
        raise EscalationError
    return added


def inbox(session: Session) -> tuple[Escalation, ...]:
    """Return every matter that was handed on: those that wait first, by the day their answer is due."""
    found_escalations = escalations.escalations(session)
    return tuple(sorted(found_escalations, key=lambda each_escalation: each_escalation.answer is not None))


def escalation(session: Session, number: EscalationId) -> Escalation | None:
    """Return one matter, or None if there is none of that number."""
    return escalations.escalation(session, number)


def answer(
    session: Session,
    number: EscalationId,
    kind: AnswerKind,
    text: str,
    *,
    over: datetime | None,
    by: AccountId | None,
    now: datetime,
) -> None:
    """Answer a matter, or answer it anew; `over` is when the answer was given that the writer saw.

    EscalationError without a text, or if somebody else answered meanwhile.
    """
    if not text.strip() or len(text) > LONGEST:
        raise EscalationError
    found_answer = EscalationAnswer(kind, text.strip(), now)
    if not escalations.set_answer(session, number, found_answer, before=over, by=by):
        raise EscalationError
