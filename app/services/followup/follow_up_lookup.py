"""Where communities stand after a round: clock, plan, and what they handed on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.errors import ConcurrentChange
from app.core.followup import (
    DEFAULT_DEADLINES,
    Escalation,
    FollowUpProgress,
    FollowUpStep,
    Plan,
    Promise,
    StepDeadlines,
    Timeline,
    build_timeline,
    promises_to_staff,
)
from app.core.organisations import ReportingUnit
from app.core.publication import LatestSurveys, Publication, SurveyResult
from app.core.rounds import RoundId
from app.store import escalations, followup, organisations, plans, publications, step_deadlines
from app.store.database import Executor


class UnknownFollowUp(ConcurrentChange):
    """No released survey of that number has such a community."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One community after one survey."""

    publication: Publication
    unit: ReportingUnit
    clock: Timeline
    plan: Plan
    escalations: tuple[Escalation, ...]
    pulses: tuple[RoundId, ...] = ()
    next_round: RoundId | None = None
    template: StepDeadlines = DEFAULT_DEADLINES

    @property
    def round(self) -> RoundId:
        """The survey that is followed up."""
        return self.publication.round

    @property
    def promises(self) -> tuple[Promise, ...]:
        """What staff were told, with what came of it."""
        return promises_to_staff(self.plan, self.escalations)


@dataclass(frozen=True, slots=True)
class _SurveyData:
    """What is known after one survey, of every community at once."""

    publication: Publication
    released: Mapping[RoundId, datetime]
    known: LatestSurveys
    steps: Mapping[str, Mapping[FollowUpStep, datetime]]
    pulses: Mapping[str, tuple[RoundId, ...]]
    template: StepDeadlines


def surveys(session: Executor) -> tuple[Publication, ...]:
    """Return the surveys that were released, oldest first."""
    return publications.latest_surveys(session).surveys


def newest_surveys(session: Session) -> tuple[SurveyResult, ...]:
    """Return for each unit the newest survey that asked it, in the region's order; it is the one to follow up."""
    return publications.latest_surveys(session).newest_by_unit(organisations.ids(session))


def newest_followups(session: Session) -> tuple[FollowUp, ...]:
    """Return where every community stands after the newest survey that asked it, in the region's order."""
    asked = newest_surveys(session)
    result = {
        (number, each_follow_up.unit.id): each_follow_up
        for number in {survey_result.publication.round for survey_result in asked}
        for each_follow_up in follow_ups(session, number)
    }
    return tuple(result[survey_result.publication.round, survey_result.unit.id] for survey_result in asked)


def follow_up(session: Session, round_id: RoundId, unit_id: str) -> FollowUp:
    """Return where one community stands; UnknownFollowUp if there is nothing to follow up."""
    survey_data = _gather(session, round_id)
    unit = next((unit for unit in survey_data.publication.region.units if unit.id == unit_id), None)
    if unit is None:
        raise UnknownFollowUp(unit_id)
    plan = plans.plan(session, round_id, unit_id)
    return _put_together(survey_data, unit, plan, escalations.escalations(session, round_id=round_id, unit=unit_id))


def follow_ups(session: Session, round_id: RoundId) -> tuple[FollowUp, ...]:
    """Return where every community stands after a survey, in the region's order."""
    survey_data = _gather(session, round_id)
    written = plans.plans(session, round_id)
    raised: dict[str, list[Escalation]] = {}
    for escalation in escalations.escalations(session, round_id=round_id):
        raised.setdefault(escalation.unit, []).append(escalation)
    return tuple(
        _put_together(survey_data, unit, written.get(unit.id, Plan(round_id, unit.id)), tuple(raised.get(unit.id, ())))
        for unit in survey_data.publication.region.units
    )


def _gather(session: Session, round_id: RoundId) -> _SurveyData:
    known = publications.latest_surveys(session)
    publication = next((survey for survey in known.surveys if survey.round == round_id), None)
    if publication is None:
        raise UnknownFollowUp(str(round_id))
    return _SurveyData(
        publication=publication,
        released=publications.released_at(session),
        known=known,
        steps=followup.steps(session, round_id),
        pulses=followup.pulses_of(session, round_id),
        template=step_deadlines.deadlines(session, round_id),
    )


def _put_together(
    survey_data: _SurveyData, unit: ReportingUnit, plan: Plan, raised: tuple[Escalation, ...]
) -> FollowUp:
    publication = survey_data.publication
    # A survey that did not ask this community ends nothing for it.
    following = survey_data.known.next_survey(publication.round, unit.id)
    asked = survey_data.pulses.get(unit.id, ())
    at = {FollowUpStep.RELEASED: survey_data.released[publication.round], **survey_data.steps.get(unit.id, {})}
    told = [survey_data.released[round_id] for round_id in asked if round_id in survey_data.released]
    if told:
        at[FollowUpStep.PULSE_DONE] = min(told)
    reached = FollowUpProgress(
        at,
        pulse=plan.pulse,
        discussed_on=plan.meeting.discussed_on,
        next_released=survey_data.released[following.round] if following is not None else None,
    )
    after = following.round if following is not None else None
    clock = build_timeline(reached, template=survey_data.template)
    return FollowUp(publication, unit, clock, plan, raised, asked, after, survey_data.template)
