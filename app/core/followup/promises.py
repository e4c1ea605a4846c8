"""Promises to staff ("you said, we did") and escalations to the municipality."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from app.core.followup.plans import ActionId, ActionStatus, Plan
from app.core.languages import PartlyTranslatedText
from app.core.rounds import RoundId

EscalationId = NewType("EscalationId", int)


class MunicipalityAnswerKind(StrEnum):
    """Kind of answer of a municipality."""

    DONE = "done"
    WILL_DO = "will_do"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class EscalationAnswer:
    """Answer to an escalation, with a reason or a date in words."""

    kind: MunicipalityAnswerKind
    text: PartlyTranslatedText
    at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """An issue that a community cannot decide itself, open at the municipality until it is answered."""

    id: EscalationId
    round: RoundId
    unit: str
    municipality: str
    action: ActionId
    what: str
    why: str
    raised_at: datetime
    due: date
    answer: EscalationAnswer | None = None

    def is_late(self, today: date) -> bool:
        """Tell whether the answer was due before today."""
        return self.answer is None and self.due < today


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of "You said, we did": an agreed action and its outcome."""

    dimension: str
    what: str
    status: ActionStatus
    first_step: str
    first_by: date
    sign: str
    outcome: str
    answer: EscalationAnswer | None = None
    is_escalated: bool = False


def promises_to_staff(plan: Plan, escalations: Iterable[Escalation]) -> tuple[Promise, ...]:
    """Return all actions of a plan as promises, finished ones first; dropped ones are included with a reason."""
    handed_on = {escalation.action: escalation for escalation in escalations}
    order = [ActionStatus.DONE, ActionStatus.STARTED, ActionStatus.PLANNED, ActionStatus.DROPPED]
    return tuple(
        Promise(
            dimension=each_action.dimension,
            what=each_action.what,
            status=each_action.status,
            first_step=each_action.first_step,
            first_by=each_action.first_by,
            sign=each_action.sign,
            outcome=each_action.outcome,
            answer=handed_on[each_action.id].answer if each_action.id in handed_on else None,
            is_escalated=each_action.id in handed_on,
        )
        for each_action in sorted(plan.actions, key=lambda action: (order.index(action.status), action.first_by))
    )
