"""Meeting guide: agendas of three lengths, ground rules, and discussion questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.core.catalogue import DIMENSIONS
from app.core.languages import TranslatedText, read_translated_text

ANY = "any"
REPORT_KINDS = ("numbers", "placement", "wider")
PROMPTS_PER_DIMENSION = 3


class InvalidGuide(Exception):
    """The files of the meeting guide are invalid; the text names the entry."""


class AgendaLead(StrEnum):
    """Who leads an agenda item."""

    PRINCIPAL = "principal"
    RECORDER = "recorder"
    EVERYONE = "everyone"
    GROUPS = "groups"


class ProjectorView(StrEnum):
    """Views of the projector, one topic each, in order."""

    START = "start"
    ANSWERED = "answered"
    RESULTS = "results"
    STRONGEST = "strongest"
    WEAKEST = "weakest"
    PROMPTS = "prompts"
    VOTE = "vote"
    DECISIONS = "decisions"


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One item of an agenda with its length in minutes."""

    id: str
    minutes: int
    who: AgendaLead
    view: ProjectorView
    title: TranslatedText
    purpose: TranslatedText


@dataclass(frozen=True, slots=True)
class Agenda:
    """An agenda for a meeting of `minutes` minutes."""

    minutes: int
    items: tuple[AgendaItem, ...]

    @property
    def start_minutes(self) -> tuple[int, ...]:
        """The minute at which each item starts, counted from the start of the meeting."""
        return tuple(sum(stage.minutes for stage in self.items[:place]) for place in range(len(self.items)))


@dataclass(frozen=True, slots=True)
class Guide:
    """Content of the meeting guide."""

    agendas: tuple[Agenda, ...]
    ground_rules: tuple[TranslatedText, ...]
    opening_questions: Mapping[str, TranslatedText]
    prompts: Mapping[str, tuple[TranslatedText, ...]]

    def agenda_of_length(self, minutes: int) -> Agenda:
        """Return the agenda of that length; KeyError if there is none."""
        return {agenda.minutes: agenda for agenda in self.agendas}[minutes]

    def discussion_questions(self, report_kind: str, dimension: str | None) -> tuple[TranslatedText, ...]:
        """Return the opening question for a kind of report, and three questions about a dimension or in general."""
        return (self.opening_questions[report_kind], *self.prompts[dimension or ANY])


def read_guide(agendas: Mapping[str, Any], prompts: Mapping[str, Any]) -> Guide:
    """Return the guide from the two files; InvalidGuide names the wrong entry."""
    steps = {name: _step(f"steps.{name}", name, entry) for name, entry in _table(agendas, "steps").items()}
    asked = _table(prompts, "dimensions")
    opening = _table(prompts, "opening")
    _same("dimensions", asked, (*DIMENSIONS, ANY))
    _same("opening", opening, REPORT_KINDS)
    return Guide(
        agendas=tuple(_agenda(entry, steps) for entry in agendas.get("agendas", ())),
        ground_rules=tuple(
            _text(f"norms, entry {number}", item) for number, item in enumerate(agendas.get("norms", ()), 1)
        ),
        opening_questions={name: _text(f"opening.{name}", item) for name, item in opening.items()},
        prompts={name: _questions(name, entries) for name, entries in asked.items()},
    )


def _agenda(entry: Mapping[str, Any], steps: Mapping[str, AgendaItem]) -> Agenda:
    minutes = int(entry["minutes"])
    stages = []
    for name, length in entry["steps"]:
        if name not in steps:
            message = f"the agenda of {minutes} minutes has the step {name}, which is not described"
            raise InvalidGuide(message)
        known = steps[name]
        stages.append(AgendaItem(name, int(length), known.who, known.view, known.title, known.purpose))
    total = sum(stage.minutes for stage in stages)
    if total != minutes or any(stage.minutes < 1 for stage in stages):
        message = f"the agenda of {minutes} minutes has steps of {total} minutes together"
        raise InvalidGuide(message)
    return Agenda(minutes, tuple(stages))


def _step(place: str, name: str, entry: Mapping[str, Any]) -> AgendaItem:
    try:
        agenda_lead = AgendaLead(str(entry.get("who")))
        view = ProjectorView(str(entry.get("view")))
    except ValueError as fault:
        message = f"{place}: {fault}"
        raise InvalidGuide(message) from fault
    title, purpose = (_text(f"{place}.{field}", entry.get(field)) for field in ("title", "purpose"))
    return AgendaItem(name, 0, agenda_lead, view, title, purpose)


def _questions(dimension: str, entries: Sequence[Any]) -> tuple[TranslatedText, ...]:
    if len(entries) != PROMPTS_PER_DIMENSION:
        message = f"dimensions.{dimension}: write {PROMPTS_PER_DIMENSION} questions, there are {len(entries)}"
        raise InvalidGuide(message)
    return tuple(_text(f"dimensions.{dimension}, entry {number}", item) for number, item in enumerate(entries, 1))


def _text(place: str, entry: object) -> TranslatedText:
    try:
        return read_translated_text(entry)
    except ValueError as error:
        message = f"{place}: {error}"
        raise InvalidGuide(message) from error


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    result = content.get(name)
    if not isinstance(result, Mapping):
        message = f"there is no [{name}]"
        raise InvalidGuide(message)
    return result


def _same(place: str, result: Iterable[str], wanted: Iterable[str]) -> None:
    differing = sorted(set(result) ^ set(wanted))
    if differing:
        message = f"{place}: {', '.join(differing)} is missing, or there is no such word"
        raise InvalidGuide(message)
