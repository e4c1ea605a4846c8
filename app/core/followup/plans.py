"""What a community agrees to change: its meeting, its focus and its actions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NewType

from app.core.catalogue import DIMENSIONS
from app.core.followup.paces import TEMPLATE, Template
from app.core.rounds import RoundId

ActionId = NewType("ActionId", int)

MOST_FOCUS = 2
LONGEST = 500
SHORT = 120
MOST_PRESENT = 2000


class Aim(StrEnum):
    """What an action changes; the work itself comes first."""

    WORK = "work"
    TEAM = "team"
    LEADERSHIP = "leadership"
    SKILLS = "skills"


class Power(StrEnum):
    """Who can decide on it."""

    COMMUNITY = "community"
    MUNICIPALITY = "municipality"
    REGION = "region"


class Status(StrEnum):
    """Where an action stands; a dropped one stays to be seen."""

    PLANNED = "planned"
    STARTED = "started"
    DONE = "done"
    DROPPED = "dropped"


class ActionFault(StrEnum):
    """What is wrong with a field of an action."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    NO_DATE = "no_date"
    FIRST_STEP_TOO_LATE = "first_step_too_late"
    ENDS_BEFORE_FIRST_STEP = "ends_before_first_step"


class ActionRefused(Exception):
    """An action cannot be saved; `faults` maps a field to what is wrong with it."""

    def __init__(self, faults: Mapping[str, ActionFault]):
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a community agreed to do.

    `sign` is how staff will notice it, `owner` a role and never a name, `course` the catalogue's id of
    a course or empty, `outcome` what came of it. `version` grows with every change.
    """

    id: ActionId
    dimension: str
    what: str
    aim: Aim
    power: Power
    owner: str
    first_step: str
    first_by: date
    due: date
    sign: str
    course: str = ""
    status: Status = Status.PLANNED
    outcome: str = ""
    version: int = 1


_TEXTS = {"what": LONGEST, "owner": SHORT, "first_step": LONGEST, "sign": LONGEST, "course": 80, "outcome": LONGEST}
_NEEDED = ("what", "owner", "first_step", "sign")
_SETS: Mapping[str, Iterable[str]] = {"dimension": DIMENSIONS, "aim": Aim, "power": Power, "status": Status}


def written(action: Action) -> dict[str, str]:
    """Return an action as the plain texts of a form, by field."""
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


def action_of(texts: Mapping[str, str], *, first_by_latest: date | None = None) -> Action:
    """Read an action from the texts of a form; ActionRefused names every field that is wrong.

    `first_by_latest` is the last day on which the first visible step may be planned.
    """
    tidy = {name: text.strip() for name, text in texts.items()}
    faults = {name: ActionFault.MISSING for name in _NEEDED if not tidy.get(name)}
    faults |= {name: ActionFault.TOO_LONG for name, most in _TEXTS.items() if len(tidy.get(name, "")) > most}
    faults |= {name: ActionFault.UNKNOWN for name, known in _SETS.items() if tidy.get(name) not in set(known)}
    first_by, due = _day(tidy.get("first_by", "")), _day(tidy.get("due", ""))
    faults |= _date_faults(first_by, due, first_by_latest)
    if faults or first_by is None or due is None:
        raise ActionRefused(faults)
    return Action(
        id=ActionId(0),
        dimension=tidy["dimension"],
        aim=Aim(tidy["aim"]),
        power=Power(tidy["power"]),
        status=Status(tidy["status"]),
        first_by=first_by,
        due=due,
        what=tidy["what"],
        owner=tidy["owner"],
        first_step=tidy["first_step"],
        sign=tidy["sign"],
        course=tidy.get("course", ""),
        outcome=tidy.get("outcome", ""),
    )


def _date_faults(first_by: date | None, due: date | None, latest: date | None) -> dict[str, ActionFault]:
    faults = {name: ActionFault.NO_DATE for name, day in (("first_by", first_by), ("due", due)) if day is None}
    if first_by is not None and latest is not None and first_by > latest:
        faults["first_by"] = ActionFault.FIRST_STEP_TOO_LATE
    if first_by is not None and due is not None and due < first_by:
        faults["due"] = ActionFault.ENDS_BEFORE_FIRST_STEP
    return faults


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class MeetingFault(StrEnum):
    """What is wrong with the minutes of a meeting."""

    NO_DATE = "no_date"
    IN_THE_FUTURE = "in_the_future"
    NO_NUMBER = "no_number"
    UNKNOWN_FOCUS = "unknown_focus"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"


class MeetingRefused(Exception):
    """The minutes cannot be saved; `faults` maps a field to what is wrong with it."""

    def __init__(self, faults: Mapping[str, MeetingFault]):
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Meeting:
    """The minutes: when the results were discussed with staff, and how many were there; nobody by name."""

    discussed_on: date | None = None
    present: int | None = None
    note: str = ""


def meeting_of(texts: Mapping[str, str], focus: Iterable[str], *, today: date) -> tuple[Meeting, tuple[str, ...]]:
    """Read the minutes and the focus that staff chose; MeetingRefused names every field that is wrong."""
    day, present = _day(texts.get("discussed_on", "").strip()), texts.get("present", "").strip()
    note, chosen = texts.get("note", "").strip(), tuple(dict.fromkeys(focus))
    faults: dict[str, MeetingFault] = {}
    if day is None or day > today:
        faults["discussed_on"] = MeetingFault.NO_DATE if day is None else MeetingFault.IN_THE_FUTURE
    if not (present.isascii() and present.isdigit() and 0 < int(present) <= MOST_PRESENT):
        faults["present"] = MeetingFault.NO_NUMBER
    if len(note) > LONGEST:
        faults["note"] = MeetingFault.TOO_LONG
    if not set(chosen) <= set(DIMENSIONS):
        faults["focus"] = MeetingFault.UNKNOWN_FOCUS
    elif len(chosen) > MOST_FOCUS:
        faults["focus"] = MeetingFault.TOO_MANY
    if faults:
        raise MeetingRefused(faults)
    return Meeting(day, int(present), note), chosen


@dataclass(frozen=True, slots=True)
class Plan:
    """A community's plan after one round: the focus that staff chose, the meeting, the actions.

    `pulse` says whether the community asks for a pulse; `version` grows with every change of the
    meeting, the focus or that wish.
    """

    round: RoundId
    unit: str
    focus: tuple[str, ...] = ()
    meeting: Meeting = field(default_factory=Meeting)
    pulse: bool = True
    actions: tuple[Action, ...] = ()
    version: int = 0

    @property
    def open_actions(self) -> tuple[Action, ...]:
        """The actions that are still to be done or under way."""
        return tuple(one for one in self.actions if one.status in (Status.PLANNED, Status.STARTED))

    @property
    def kept_actions(self) -> tuple[Action, ...]:
        """The actions that were not dropped."""
        return tuple(one for one in self.actions if one.status is not Status.DROPPED)

    @property
    def has_begun(self) -> bool:
        """Whether any action has been started or done."""
        return any(one.status in (Status.STARTED, Status.DONE) for one in self.actions)


def first_step_latest(today: date, template: Template = TEMPLATE) -> date:
    """Return the last day on which a first visible step that is written today may be."""
    return today + timedelta(days=template.first_step.days)
