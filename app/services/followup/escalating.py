"""Hand a matter on to the municipality, and answer it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.followup import ActionId, Answer, AnswerKind, Escalation, EscalationId, Power
from app.core.rounds import RoundId
from app.services.followup.planning import find_action
from app.services.followup.reading import followup_of
from app.store import escalations

LONGEST = 500


class EscalationRefused(Exception):
    """A matter cannot be handed on or answered: no reason, already there, or answered meanwhile."""


def hand_on(
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
    current = followup_of(session, round_id, unit_id)
    action = find_action(current.plan, number)
    if action.power is Power.COMMUNITY or not why.strip() or len(why) > LONGEST:
        raise EscalationRefused
    raised = Escalation(
        id=EscalationId(0),
        round=round_id,
        unit=unit_id,
        municipality=current.unit.municipality,
        action=number,
        what=action.what,
        why=why.strip(),
        raised_at=now,
        due=(now + current.template.answer).date(),
    )
    added = escalations.add(session, raised, by=by)
    if added is None:
        raise EscalationRefused
    return added


def inbox(session: Session) -> tuple[Escalation, ...]:
    """Return every matter that was handed on: those that wait first, by the day their answer is due."""
    found = escalations.escalations(session)
    return tuple(sorted(found, key=lambda one: one.answer is not None))


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

    EscalationRefused without a text, or if somebody else answered meanwhile.
    """
    if not text.strip() or len(text) > LONGEST:
        raise EscalationRefused
    given = Answer(kind, text.strip(), now)
    if not escalations.set_answer(session, number, given, before=over, by=by):
        raise EscalationRefused
