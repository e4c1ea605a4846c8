"""Plan of a community: meeting, focus and actions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NewType

from app.core.catalogue import DIMENSIONS
from app.core.followup.step_deadlines import DEFAULT_DEADLINES, StepDeadlines
from app.core.rounds import RoundId
from app.core.working_days import same_or_next_working_day

ActionId = NewType("ActionId", int)

MAX_FOCUS = 2
MAX_TEXT_LENGTH = 500
MAX_OWNER_LENGTH = 120
MAX_ATTENDEES = 2000


class ActionTarget(StrEnum):
    """What an action changes; the work itself comes first."""

    WORK = "work"
    TEAM = "team"
    LEADERSHIP = "leadership"
    SKILLS = "skills"


class DecisionLevel(StrEnum):
    """Who can decide on an action."""

    COMMUNITY = "community"
    MUNICIPALITY = "municipality"
    REGION = "region"


class ActionStatus(StrEnum):
    """Status of an action; dropped actions stay visible."""

    PLANNED = "planned"
    STARTED = "started"
    DONE = "done"
    DROPPED = "dropped"


class ActionErrorCode(StrEnum):
    """What is wrong with a field of an action."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    NO_DATE = "no_date"
    FIRST_STEP_TOO_LATE = "first_step_too_late"
    ENDS_BEFORE_FIRST_STEP = "ends_before_first_step"


class InvalidAction(Exception):
    """An action cannot be saved; `faults` maps fields to error codes."""

    def __init__(self, faults: Mapping[str, ActionErrorCode]):
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Action:
    """An action that a community agreed on.

    `sign` is how staff will notice it, `owner` a role, never a name, `course` the id of a course in the catalogue
    or empty, `outcome` what it achieved. `version` grows with every change.
    """

    id: ActionId
    dimension: str
    what: str
    aim: ActionTarget
    power: DecisionLevel
    owner: str
    first_step: str
    first_by: date
    due: date
    sign: str
    course: str = ""
    status: ActionStatus = ActionStatus.PLANNED
    outcome: str = ""
    version: int = 1


_TEXTS = {
    "what": MAX_TEXT_LENGTH,
    "owner": MAX_OWNER_LENGTH,
    "first_step": MAX_TEXT_LENGTH,
    "sign": MAX_TEXT_LENGTH,
    "course": 80,
    "outcome": MAX_TEXT_LENGTH,
}
_NEEDED = ("what", "owner", "first_step", "sign")
_SETS: Mapping[str, Iterable[str]] = {
    "dimension": DIMENSIONS,
    "aim": ActionTarget,
    "power": DecisionLevel,
    "status": ActionStatus,
}


def action_to_form(action: Action) -> dict[str, str]:
    """Return an action as form texts, by field."""
    return {
        "dimension": action.dimension,
        "what": action.what,
        "aim": action.aim.value,
        "power": action.power.value,
        "owner": action.owner,
        "first_step": action.first_step,
        "first_by": action.first_by.isoformat(),
        "due": action.due.isoformat(),
        "sign": action.sign,
        "course": action.course,
        "status": action.status.value,
        "outcome": action.outcome,
    }


def action_from_form(texts: Mapping[str, str], *, first_by_latest: date | None = None) -> Action:
    """Return an action from form texts; InvalidAction names every wrong field.

    `first_by_latest` is the last day allowed for the first visible step.
    """
    tidy = {name: text.strip() for name, text in texts.items()}
    faults = {name: ActionErrorCode.MISSING for name in _NEEDED if not tidy.get(name)}
    faults |= {name: ActionErrorCode.TOO_LONG for name, most in _TEXTS.items() if len(tidy.get(name, "")) > most}
    faults |= {name: ActionErrorCode.UNKNOWN for name, known in _SETS.items() if tidy.get(name) not in set(known)}
    first_by = _day(tidy.get("first_by", ""))
    due = _day(tidy.get("due", ""))
    faults |= _date_faults(first_by, due, first_by_latest)
    if faults or first_by is None or due is None:
        raise InvalidAction(faults)
    return Action(
        id=ActionId(0),
        dimension=tidy["dimension"],
        aim=ActionTarget(tidy["aim"]),
        power=DecisionLevel(tidy["power"]),
        status=ActionStatus(tidy["status"]),
        first_by=first_by,
        due=due,
        what=tidy["what"],
        owner=tidy["owner"],
        first_step=tidy["first_step"],
        sign=tidy["sign"],
        course=tidy.get("course", ""),
        outcome=tidy.get("outcome", ""),
    )


def _date_faults(first_by: date | None, due: date | None, latest: date | None) -> dict[str, ActionErrorCode]:
    faults = {name: ActionErrorCode.NO_DATE for name, day in (("first_by", first_by), ("due", due)) if day is None}
    if first_by is not None and latest is not None and first_by > latest:
        faults["first_by"] = ActionErrorCode.FIRST_STEP_TOO_LATE
    if first_by is not None and due is not None and due < first_by:
        faults["due"] = ActionErrorCode.ENDS_BEFORE_FIRST_STEP
    return faults


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class MeetingErrorCode(StrEnum):
    """What is wrong with the minutes of a meeting."""

    NO_DATE = "no_date"
    IN_THE_FUTURE = "in_the_future"
    NO_NUMBER = "no_number"
    UNKNOWN_FOCUS = "unknown_focus"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"


class InvalidMeeting(Exception):
    """The minutes cannot be saved; `faults` maps fields to error codes."""

    def __init__(self, faults: Mapping[str, MeetingErrorCode]):
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class MeetingMinutes:
    """Minutes: when the results were discussed with staff, and how many were present; no names."""

    discussed_on: date | None = None
    present: int | None = None
    note: str = ""


def minutes_and_focus_from_form(
    texts: Mapping[str, str], focus: Iterable[str], *, today: date
) -> tuple[MeetingMinutes, tuple[str, ...]]:
    """Return the minutes and the chosen focus; InvalidMeeting names every wrong field."""
    day = _day(texts.get("discussed_on", "").strip())
    present = texts.get("present", "").strip()
    note = texts.get("note", "").strip()
    chosen = tuple(dict.fromkeys(focus))
    faults: dict[str, MeetingErrorCode] = {}
    if day is None or day > today:
        faults["discussed_on"] = MeetingErrorCode.NO_DATE if day is None else MeetingErrorCode.IN_THE_FUTURE
    if not (present.isascii() and present.isdigit() and 0 < int(present) <= MAX_ATTENDEES):
        faults["present"] = MeetingErrorCode.NO_NUMBER
    if len(note) > MAX_TEXT_LENGTH:
        faults["note"] = MeetingErrorCode.TOO_LONG
    if not set(chosen) <= set(DIMENSIONS):
        faults["focus"] = MeetingErrorCode.UNKNOWN_FOCUS
    elif len(chosen) > MAX_FOCUS:
        faults["focus"] = MeetingErrorCode.TOO_MANY
    if faults:
        raise InvalidMeeting(faults)
    return MeetingMinutes(day, int(present), note), chosen


@dataclass(frozen=True, slots=True)
class Plan:
    """A community's plan after one round: focus, meeting and actions.

    `pulse` tells whether the community wants a pulse survey; `version` grows with every change of the meeting, the
    focus or `pulse`.
    """

    round: RoundId
    unit: str
    focus: tuple[str, ...] = ()
    meeting: MeetingMinutes = field(default_factory=MeetingMinutes)
    pulse: bool = True
    actions: tuple[Action, ...] = ()
    version: int = 0

    @property
    def kept_actions(self) -> tuple[Action, ...]:
        """The actions that were not dropped."""
        return tuple(action for action in self.actions if action.status is not ActionStatus.DROPPED)

    @property
    def has_started_or_done_action(self) -> bool:
        """Whether any action is started or done."""
        return any(action.status in (ActionStatus.STARTED, ActionStatus.DONE) for action in self.actions)


def latest_first_step_day(today: date, template: StepDeadlines = DEFAULT_DEADLINES) -> date:
    """Return the last day allowed for the first visible step of an action planned today."""
    return same_or_next_working_day(today + timedelta(days=template.first_step.days))
