"""Dashboard of an account: the sections of the home page for its roles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from app.core.accounts import Account, Permission, Role
from app.core.followup import Escalation, FollowUpStep
from app.core.organisations import Community, Municipality, ReportingUnit
from app.core.rounds import Round, RoundState
from app.core.text import sort_key
from app.services import followup, municipality, organisations, rounds, seats
from app.services.followup import UnitProgress
from app.services.municipality import MunicipalNeed, MunicipalSeats
from app.store.database import Session
from app.web.shared.app_context import now, settings, today
from app.web.shared.followup_words import STEPS
from app.web.shared.translated_texts import plain_round_title, round_title
from app.web.staff.followup.views import may_in_unit
from app.web.staff.home import tasks
from app.web.staff.home.open_rounds import OpenRoundParticipation, participation_in_open_rounds
from app.web.staff.home.tasks import Task, TrusteeKeyTask

MOST_EVENTS = 6
# Steps of a community from its results to a plan; later steps have their own page.
WAY = (FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED, FollowUpStep.PLAN_AGREED)
WAY_ENDPOINTS = {
    FollowUpStep.PREVIEWED: "results.community",
    FollowUpStep.DISCUSSED: "meetings.prepare",
    FollowUpStep.PLAN_AGREED: "followup.show",
}


@dataclass(frozen=True, slots=True)
class ResultsToPlanStep:
    """One step from the results to the plan: a page, and whether it was taken or is the next."""

    title: str
    url: str
    done: bool
    is_next: bool


@dataclass(frozen=True, slots=True)
class OwnCommunity:
    """A community of one's own with the way from its results to its plan; no steps before its first results."""

    name: str
    id: str
    survey: str = ""
    way: tuple[ResultsToPlanStep, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A future date with a text and a link."""

    day: date
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class RegionSeatCounts:
    """Seats that communities request now, and those that were last given."""

    requested: int
    granted: int | None


@dataclass(frozen=True, slots=True)
class MunicipalityOverview:
    """A municipality for its education director: issues to answer, own needs, communities with their progress, seats.

    The progress of a community is None before its first results.
    """

    place: Municipality
    waiting: tuple[Escalation, ...]
    answered: int
    own_needs: tuple[MunicipalNeed, ...]
    communities: tuple[tuple[ReportingUnit, UnitProgress | None], ...]
    seats: MunicipalSeats

    @property
    def unit_names(self) -> dict[str, str]:
        """Names of the communities by id."""
        return {unit.id: unit.name for unit, _progress in self.communities}


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on the home page of an account."""

    tasks: tuple[Task, ...]
    open_rounds: tuple[OpenRoundParticipation, ...]
    released: tuple[Round, ...]
    own: tuple[OwnCommunity, ...]
    events: tuple[CalendarEvent, ...]
    keys: tuple[TrusteeKeyTask, ...]
    any_round: bool
    last_counted: Round | None
    seats: RegionSeatCounts | None = None
    municipalities: tuple[MunicipalityOverview, ...] = ()

    @property
    def urgent_tasks(self) -> tuple[Task, ...]:
        """Tasks that must be done soon."""
        return tuple(task for task in self.tasks if not task.is_quiet)

    @property
    def optional_tasks(self) -> tuple[Task, ...]:
        """Tasks that are not urgent, and notices."""
        return tuple(task for task in self.tasks if task.is_quiet)


def dashboard(session: Session, who: Account) -> Dashboard:
    """Return the contents of an account's home page; reads no publication."""
    listed = rounds.rounds(session)
    communities = organisations.communities(session)
    follows = who.may(Permission.EDIT_PLAN) or who.may(Permission.READ_REGION)
    progress = followup.progress_of_each_unit(session, listed, now=now()) if follows else ()
    reads = who.may(Permission.READ_COMMUNITY)
    return Dashboard(
        tasks=tuple(_tasks(session, who, listed, progress, has_communities=bool(communities))),
        open_rounds=participation_in_open_rounds(session, who, listed),
        released=tuple(round_ for round_ in listed if reads and round_.state is RoundState.RELEASED)[::-1],
        own=_own_communities(who, communities, progress),
        events=_events(who, listed, progress) if who.may(Permission.PLAN_ROUND) else (),
        keys=tasks.trustee_key_tasks(listed) if _holds(who, Role.TRUSTEE) else (),
        any_round=bool(listed),
        last_counted=_last_counted(listed),
        municipalities=_municipalities(session, who, progress),
        seats=_seat_counts(session) if who.may_everywhere(Permission.ALLOCATE_SEATS) else None,
    )


def _tasks(
    session: Session,
    who: Account,
    listed: Sequence[Round],
    progress: Sequence[UnitProgress],
    *,
    has_communities: bool,
) -> list[Task]:
    """Return all tasks; what is late first, else in the order of the sections."""
    result = [
        *tasks.clock_tasks(session, who),
        *tasks.missing_key_tasks(session, who, listed),
        *tasks.administrator_tasks(session, who, has_communities=has_communities),
        *tasks.follow_up_tasks(who, progress),
        *tasks.round_tasks(session, who, listed),
        *tasks.region_tasks(session, who, progress),
        *tasks.needs_and_courses_tasks(who, listed),
    ]
    return sorted(result, key=lambda task: not task.late)


def _municipalities(
    session: Session, who: Account, progress: Iterable[UnitProgress]
) -> tuple[MunicipalityOverview, ...]:
    """Return the municipalities whose education director the account is; none for whoever reads the whole region."""
    if who.may_everywhere(Permission.READ_REGION):
        return ()
    region = organisations.region(session)
    by_unit = {item.unit.id: item for item in progress}
    return tuple(
        _municipality(session, place, region.units_of(place.id), by_unit)
        for place in region.municipalities
        if who.may(Permission.READ_REGION, municipality=place.id)
    )


def _municipality(
    session: Session, place: Municipality, units: Iterable[ReportingUnit], by_unit: Mapping[str, UnitProgress]
) -> MunicipalityOverview:
    waiting, answered = municipality.open_issues_and_answered_count(session, place.id)
    return MunicipalityOverview(
        place=place,
        waiting=waiting,
        answered=answered,
        own_needs=municipality.needs_in_own_power(session, place.id, now=now()),
        communities=tuple((unit, by_unit.get(unit.id)) for unit in units),
        seats=municipality.municipal_seats(session, place.id),
    )


def _own_communities(
    who: Account, communities: Iterable[Community], progress: Sequence[UnitProgress]
) -> tuple[OwnCommunity, ...]:
    """Return the communities that the account leads; those that are reported together appear once."""
    own_ids = {grant.community for grant in who.grants if grant.role is Role.PRINCIPAL}
    result = []
    reported: set[str] = set()
    for item in progress:
        if may_in_unit(item.unit, Permission.EDIT_PLAN):
            reported |= {item.unit.id, *item.unit.communities}
            result.append(OwnCommunity(item.unit.name, item.unit.id, round_title(item.survey), _way(item)))
    result += [
        OwnCommunity(community.name, community.id)
        for community in communities
        if community.id in own_ids and community.id not in reported
    ]
    return tuple(result)


def _way(item: UnitProgress) -> tuple[ResultsToPlanStep, ...]:
    waiting = item.timeline.next
    return tuple(
        ResultsToPlanStep(
            title=_way_title(step),
            url=url_for(WAY_ENDPOINTS[step], number=item.round, unit=item.unit.id),
            done=item.timeline.is_step_taken(step),
            is_next=waiting is not None and waiting.step is step,
        )
        for step in WAY
    )


def _way_title(step: FollowUpStep) -> str:
    titles: dict[FollowUpStep, str] = {
        FollowUpStep.PREVIEWED: _("Results"),
        FollowUpStep.DISCUSSED: _("Meeting"),
        FollowUpStep.PLAN_AGREED: _("The plan"),
    }
    return str(titles[step])


def _events(who: Account, listed: Iterable[Round], progress: Iterable[UnitProgress]) -> tuple[CalendarEvent, ...]:
    """Return what happens next: rounds that open and close, and the next day of each follow-up step."""
    zone = ZoneInfo(settings().time_zone)
    result = [event for round_ in listed if (event := _round_event(round_, zone)) is not None]
    steps: dict[tuple[FollowUpStep, date], int] = {}
    for item in progress:
        step = item.timeline.next
        if step and step.due and who.may(Permission.READ_REGION, municipality=item.unit.municipality):
            steps[step.step, step.due] = steps.get((step.step, step.due), 0) + 1
    result += [
        CalendarEvent(
            day,
            _("Due: %(step)s (communities: %(number)s)", step=STEPS[step], number=number),
            url_for("followup_overview.index"),
        )
        for (step, day), number in steps.items()
    ]
    day = today()
    coming = [event for event in result if event.day >= day]
    return tuple(sorted(coming, key=lambda event: (event.day, sort_key(event.text))))[:MOST_EVENTS]


def _round_event(round_: Round, zone: ZoneInfo) -> CalendarEvent | None:
    texts: dict[RoundState, tuple[datetime, str]] = {
        RoundState.DRAFT: (round_.opens_at, _("Opens: %(round)s", round=plain_round_title(round_))),
        RoundState.OPEN: (round_.closes_at, _("Closes: %(round)s", round=plain_round_title(round_))),
    }
    if round_.state not in texts:
        return None
    moment, text = texts[round_.state]
    return CalendarEvent(moment.astimezone(zone).date(), text, url_for("rounds.show", number=round_.id))


def _seat_counts(session: Session) -> RegionSeatCounts:
    published = seats.find_published_allocation(session)
    granted = None if published is None else sum(seats.final_seats(published).values())
    return RegionSeatCounts(seats.count_requested_seats_in_region(session), granted)


def _last_counted(listed: Iterable[Round]) -> Round | None:
    counted = [round_ for round_ in listed if round_.state in (RoundState.COUNTED, RoundState.RELEASED)]
    return max(counted, key=lambda round_: round_.closes_at, default=None)


def _holds(who: Account, role: Role) -> bool:
    return any(grant.role is role for grant in who.grants)
