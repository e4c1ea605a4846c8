"""Newest survey of a unit with its plan and escalations, read in one statement.

Every respondent's first page shows them. On PostgreSQL each statement is a message to the server and back, which costs
more than what it reads.
"""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, select

from app.core.followup import Escalation, Plan
from app.core.rounds import RoundId
from app.store import escalations, plans, released_surveys
from app.store.database import Executor, has_column
from app.store.escalations import EscalationRow
from app.store.plans import ActionRow, PlanRow
from app.store.released_surveys import UnitSurvey


@dataclass(frozen=True, slots=True)
class SurveyFollowUp:
    """A survey that asked a unit, the unit's plan after it, and the escalations of the plan's actions."""

    survey: UnitSurvey
    plan: Plan
    escalations: tuple[Escalation, ...]


_PLANS = cast("Table", PlanRow.__table__)
_ACTIONS = cast("Table", ActionRow.__table__)
_ESCALATIONS = cast("Table", EscalationRow.__table__)
_SURVEY = released_surveys.NEWEST_OF_UNIT.subquery("survey")
_TABLES = (_SURVEY, _PLANS, _ACTIONS, _ESCALATIONS)
# One row for each action, with its escalation: there is at most one.
_ALL_IN_ONE = (
    select(*(column.label(f"{table.name}_{column.name}") for table in _TABLES for column in table.c))
    .select_from(_SURVEY)
    .outerjoin(_PLANS, (_PLANS.c.round_id == _SURVEY.c.round_id) & (_PLANS.c.unit_id == _SURVEY.c.unit_id))
    .outerjoin(_ACTIONS, (_ACTIONS.c.round_id == _PLANS.c.round_id) & (_ACTIONS.c.unit_id == _PLANS.c.unit_id))
    .outerjoin(_ESCALATIONS, _ESCALATIONS.c.action_id == _ACTIONS.c.id)
    .order_by(_ACTIONS.c.id)
)
_CELLS = [namedtuple(table.name, table.c.keys()) for table in _TABLES]


def find_newest_follow_up_of_unit(
    session: Executor, unit_id: str, *, other_than: RoundId | None = None
) -> SurveyFollowUp | None:
    """Return the newest survey that asked a unit, other than `other_than`, and what followed; None if none asked it."""
    if not released_surveys.has_released_survey_tables(session) or not has_column(
        session, _ESCALATIONS.c.answer_translations
    ):
        return _in_several_statements(session, unit_id, other_than=other_than)
    parameters = released_surveys.newest_of_unit_parameters(unit_id, other_than=other_than)
    rows = [_split(row) for row in session.execute(_ALL_IN_ONE, parameters)]
    if not rows:
        return None
    survey, plan = rows[0][:2]
    return SurveyFollowUp(
        released_surveys.survey_from_row(survey),
        Plan(RoundId(survey.round_id), unit_id)
        if plan.round_id is None
        else plans.plan_from_rows(plan, [action for _, _, action, _ in rows if action.id is not None]),
        tuple(escalations.escalation_from_row(raised) for _, _, _, raised in rows if raised.id is not None),
    )


def _in_several_statements(session: Executor, unit_id: str, *, other_than: RoundId | None) -> SurveyFollowUp | None:
    """Read the same before migration 0019, when the tables lacked translations."""
    survey = released_surveys.find_newest_survey_of_unit(session, unit_id, other_than=other_than)
    if survey is None:
        return None
    plan = plans.plan_or_empty(session, survey.round, unit_id)
    raised = escalations.escalations(session, round_id=survey.round, unit=unit_id) if plan.actions else ()
    return SurveyFollowUp(survey, plan, raised)


def _split(row: Sequence[Any]) -> list[Any]:
    """Return the cells of a row by table, with the columns as attributes."""
    cells = iter(row)
    return [named(*islice(cells, len(table.c))) for table, named in zip(_TABLES, _CELLS, strict=True)]
