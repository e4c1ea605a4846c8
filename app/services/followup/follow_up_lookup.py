"""Follow-ups of communities after a survey: timeline, plan and escalations."""

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
    TimelineStep,
    build_timeline,
    promises_to_staff,
)
from app.core.organisations import ReportingUnit
from app.core.publication import Publication, ReleasedSurveys, SurveyResult
from app.core.rounds import RoundId
from app.store import escalations, followup, organisations, plans, publications, step_deadlines
from app.store.database import Executor


class UnknownFollowUp(ConcurrentChange):
    """There is no released survey of that number with this unit."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Follow-up of one unit after one survey."""

    publication: Publication
    unit: ReportingUnit
    timeline: Timeline
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
        """The promises to staff, with their outcome."""
        return promises_to_staff(self.plan, self.escalations)


@dataclass(frozen=True, slots=True)
class _SurveyData:
    """Data of all units after one survey."""

    publication: Publication
    released: Mapping[RoundId, datetime]
    surveys: ReleasedSurveys
    steps: Mapping[str, Mapping[FollowUpStep, datetime]]
    pulses: Mapping[str, tuple[RoundId, ...]]
    template: StepDeadlines


def released_surveys(session: Executor) -> tuple[Publication, ...]:
    """Return the released surveys, oldest first."""
    return publications.load_released_surveys(session).surveys


def newest_survey_result_of_each_unit(session: Session) -> tuple[SurveyResult, ...]:
    """Return for each unit the newest survey that asked it, in the region's order."""
    return publications.load_released_surveys(session).newest_survey_per_unit(organisations.community_ids(session))


def newest_follow_up_of_each_unit(session: Session) -> tuple[FollowUp, ...]:
    """Return the follow-up of each unit after the newest survey that asked it, in the region's order."""
    newest = newest_survey_result_of_each_unit(session)
    result = {
        (number, item.unit.id): item
        for number in {survey_result.publication.round for survey_result in newest}
        for item in follow_ups_after_survey(session, number)
    }
    return tuple(result[survey_result.publication.round, survey_result.unit.id] for survey_result in newest)


def follow_up_of_unit(session: Session, round_id: RoundId, unit_id: str) -> FollowUp:
    """Return the follow-up of one unit; UnknownFollowUp if there is none."""
    survey_data = _load_survey_data(session, round_id)
    unit = next((unit for unit in survey_data.publication.region.units if unit.id == unit_id), None)
    if unit is None:
        raise UnknownFollowUp(unit_id)
    plan = plans.plan_or_empty(session, round_id, unit_id)
    return _build_follow_up(survey_data, unit, plan, escalations.escalations(session, round_id=round_id, unit=unit_id))


def next_step(
    session: Session, latest: ReleasedSurveys, publication: Publication, unit: ReportingUnit
) -> TimelineStep | None:
    """Return the next step of a unit's follow-up; None if it is finished or the round is no released survey.

    `latest` are the released surveys, which the caller has read already. Escalations do not move the timeline and are
    not read.
    """
    if not any(survey.round == publication.round for survey in latest.surveys):
        return None
    survey_data = _survey_data(session, publication, latest)
    return _build_follow_up(
        survey_data, unit, plans.plan_or_empty(session, publication.round, unit.id), ()
    ).timeline.next


def follow_ups_after_survey(session: Session, round_id: RoundId) -> tuple[FollowUp, ...]:
    """Return the follow-ups of all units after a survey, in the region's order."""
    survey_data = _load_survey_data(session, round_id)
    written = plans.plans_by_unit(session, round_id)
    raised: dict[str, list[Escalation]] = {}
    for escalation in escalations.escalations(session, round_id=round_id):
        raised.setdefault(escalation.unit, []).append(escalation)
    return tuple(
        _build_follow_up(
            survey_data, unit, written.get(unit.id, Plan(round_id, unit.id)), tuple(raised.get(unit.id, ()))
        )
        for unit in survey_data.publication.region.units
    )


def _load_survey_data(session: Session, round_id: RoundId) -> _SurveyData:
    latest = publications.load_released_surveys(session)
    publication = next((survey for survey in latest.surveys if survey.round == round_id), None)
    if publication is None:
        raise UnknownFollowUp(str(round_id))
    return _survey_data(session, publication, latest)


def _survey_data(session: Session, publication: Publication, latest: ReleasedSurveys) -> _SurveyData:
    return _SurveyData(
        publication=publication,
        released=publications.unreplaced_release_times_by_round(session),
        surveys=latest,
        steps=followup.step_times_by_unit(session, publication.round),
        pulses=followup.pulse_rounds_by_unit(session, publication.round),
        template=step_deadlines.deadlines(session, publication.round),
    )


def _build_follow_up(
    survey_data: _SurveyData, unit: ReportingUnit, plan: Plan, raised: tuple[Escalation, ...]
) -> FollowUp:
    publication = survey_data.publication
    # A survey that did not ask this unit does not end its follow-up.
    following = survey_data.surveys.next_survey_of_community(publication.round, unit.id)
    pulses = survey_data.pulses.get(unit.id, ())
    after = following.round if following is not None else None
    timeline = unit_timeline(
        plan,
        survey_data.steps.get(unit.id, {}),
        released=survey_data.released,
        pulses=pulses,
        after=after,
        template=survey_data.template,
    )
    return FollowUp(publication, unit, timeline, plan, raised, pulses, after, survey_data.template)


def unit_timeline(
    plan: Plan,
    steps: Mapping[FollowUpStep, datetime],
    *,
    released: Mapping[RoundId, datetime],
    pulses: tuple[RoundId, ...],
    after: RoundId | None,
    template: StepDeadlines,
) -> Timeline:
    """Return the timeline of a unit after the survey of its plan; `after` is the next survey that asked it."""
    at = {FollowUpStep.RELEASED: released[plan.round], **steps}
    released_pulses = [released[round_id] for round_id in pulses if round_id in released]
    if released_pulses:
        at[FollowUpStep.PULSE_DONE] = min(released_pulses)
    reached = FollowUpProgress(
        at,
        pulse=plan.pulse,
        discussed_on=plan.meeting.discussed_on,
        next_released=released[after] if after is not None else None,
    )
    return build_timeline(reached, template=template)
