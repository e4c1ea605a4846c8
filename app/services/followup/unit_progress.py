"""Follow-up progress of all units after their newest survey, without reading publications.

A publication of 300 communities takes up to a second to parse. The first page after signing in shows steps, dates
and counts, which stand in small tables and in the boundaries of the rounds.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.followup import Plan, Timeline
from app.core.organisations import ReportingUnit
from app.core.publication.latest import keep_first_unit_per_community
from app.core.rounds import Round, RoundId
from app.services.followup.follow_up_lookup import unit_timeline
from app.services.followup.pulse_surveys import is_due_for_pulse
from app.store import followup, organisations, plans, publications, released_surveys, step_deadlines


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """Progress of one unit after the newest survey that asked it."""

    survey: Round
    unit: ReportingUnit
    timeline: Timeline
    needs_pulse: bool

    @property
    def round(self) -> RoundId:
        """The survey that is followed up."""
        return self.survey.id


@dataclass(frozen=True, slots=True)
class _SurveyedUnit:
    """A unit and the survey that asked it."""

    survey: Round
    unit: ReportingUnit


def progress_of_each_unit(session: Session, all_rounds: Iterable[Round], *, now: datetime) -> tuple[UnitProgress, ...]:
    """Return the progress of each current unit after the newest survey that asked it.

    `all_rounds` are the rounds of the installation, as they were read. The units are those of
    `newest_follow_up_of_each_unit`.
    """
    by_id = {round_.id: round_ for round_ in all_rounds if round_.boundaries is not None}
    surveys = [
        by_id[round_id] for round_id in released_surveys.unreplaced_rounds_oldest_first(session) if round_id in by_id
    ]
    newest = keep_first_unit_per_community(_units(surveys[::-1]), organisations.community_ids(session))
    released = publications.unreplaced_release_times_by_round(session)
    invited_today = {unit.id for unit in organisations.load_region(session).units} if newest else set()
    result: list[UnitProgress] = []
    for survey in surveys[::-1]:
        units = [item.unit for item in newest if item.survey.id == survey.id]
        if units:
            result += _after_survey(session, survey, units, released=released, invited_today=invited_today, now=now)
    return tuple(result)


def _units(surveys: Iterable[Round]) -> list[_SurveyedUnit]:
    return [_SurveyedUnit(survey, unit) for survey in surveys if survey.boundaries for unit in survey.boundaries.units]


def _after_survey(
    session: Session,
    survey: Round,
    units: Sequence[ReportingUnit],
    *,
    released: dict[RoundId, datetime],
    invited_today: Container[str],
    now: datetime,
) -> list[UnitProgress]:
    """Return the progress of units after a survey; being their newest, no later survey asked them."""
    steps = followup.step_times_by_unit(session, survey.id)
    pulses = followup.pulse_rounds_by_unit(session, survey.id)
    written = plans.plans_by_unit(session, survey.id)
    template = step_deadlines.deadlines(session, survey.id)
    result = []
    for unit in units:
        plan = written.get(unit.id, Plan(survey.id, unit.id))
        planned_pulses = pulses.get(unit.id, ())
        timeline = unit_timeline(
            plan,
            steps.get(unit.id, {}),
            released=released,
            pulses=planned_pulses,
            after=None,
            template=template,
        )
        needs_pulse = (
            unit.id in invited_today and not planned_pulses and is_due_for_pulse(timeline, wanted=plan.pulse, now=now)
        )
        result.append(UnitProgress(survey, unit, timeline, needs_pulse))
    return result
