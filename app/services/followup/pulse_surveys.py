"""Find the communities that are due for a pulse survey, and restrict a pulse survey to them."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.followup import FollowUpStep, Timeline
from app.core.organisations import Region
from app.core.rounds import RoundId
from app.core.working_days import same_or_next_working_day
from app.services.followup.follow_up_lookup import FollowUp, newest_follow_up_of_each_unit
from app.store import followup, organisations

PLANNING_LEAD = timedelta(days=7)
PULSE_LENGTH = timedelta(days=11)
OPENING_TIME = time(6, 0)
CLOSING_TIME = time(23, 59)
DAYS_PER_WEEK = 7


def follow_ups_due_for_pulse(session: Session, *, now: datetime) -> tuple[FollowUp, ...]:
    """Return the follow-ups that want a pulse survey and are due for it now or within a week."""
    today = {unit.id for unit in organisations.load_region(session).units}
    return tuple(
        newest_followup
        for newest_followup in newest_follow_up_of_each_unit(session)
        if newest_followup.unit.id in today and _is_due(newest_followup, now=now)
    )


def pulse_opening_and_closing(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a pulse planned now opens and closes: from next Monday morning to Friday of the week after.

    A day off moves to the next working day.
    """
    local_time = now.astimezone(zone)
    monday = local_time.date() + timedelta(days=DAYS_PER_WEEK - local_time.weekday())
    first = same_or_next_working_day(monday)
    last = same_or_next_working_day(first + PULSE_LENGTH)
    return datetime.combine(first, OPENING_TIME, zone), datetime.combine(last, CLOSING_TIME, zone)


def restrict_pulse_to_units(session: Session, round_id: RoundId, followups: Iterable[FollowUp]) -> None:
    """Restrict a planned pulse survey to these units; others get no codes."""
    follow_ups = tuple(followups)
    for survey in {follow_up.round for follow_up in follow_ups}:
        units = [follow_up.unit.id for follow_up in follow_ups if follow_up.round == survey]
        followup.add_pulse_units(session, round_id, units, survey=survey)


def region_asked_by_round(session: Session, round_id: RoundId, region: Region) -> Region:
    """Return the part of the region that a round asks: the units of a pulse, or everything."""
    return region.restricted_to(followup.units_asked_by_pulse(session, round_id))


def is_due_for_pulse(timeline: Timeline, *, wanted: bool, now: datetime) -> bool:
    """Tell whether a pulse survey that a plan wants is due now or within a week; none may have been planned."""
    first = timeline.pulse_from
    return (
        wanted
        and timeline.is_step_taken(FollowUpStep.PLAN_AGREED)
        and first is not None
        and now.date() >= first - PLANNING_LEAD
    )


def _is_due(follow_up: FollowUp, *, now: datetime) -> bool:
    is_open = follow_up.next_round is None and not follow_up.pulses
    return is_open and is_due_for_pulse(follow_up.timeline, wanted=follow_up.plan.pulse, now=now)
