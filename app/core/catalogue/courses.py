"""Courses of the regional catalogue and their offerings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from app.core.languages import Language, PartlyTranslatedText, TranslatedText

DIMENSIONS: Mapping[str, TranslatedText] = {
    "control": TranslatedText(fi="Työn hallinta", sv="Kontroll över arbetet", en="Control over work"),
    "demands": TranslatedText(fi="Työkuorman kohtuullisuus", sv="Rimlig arbetsbelastning", en="Manageable workload"),
    "resources": TranslatedText(fi="Voimavarat", sv="Resurser", en="Resources"),
    "practices": TranslatedText(fi="Yhteiset toimintatavat", sv="Gemensamma arbetssätt", en="Common practices"),
    "leadership": TranslatedText(fi="Johtamisen tuki", sv="Stöd från ledningen", en="Support from leadership"),
    "wellbeing": TranslatedText(fi="Hyvinvointi työssä", sv="Välbefinnande i arbetet", en="Wellbeing at work"),
    "safety": TranslatedText(fi="Turvallisuus työssä", sv="Trygghet i arbetet", en="Safety at work"),
}
"""Names of the dimensions by identifier; like the numbers on the pages, each names the good end."""

AUDIENCES: Mapping[str, TranslatedText] = {
    "everyone": TranslatedText(fi="Koko henkilöstö", sv="Hela personalen", en="All staff"),
    "leaders": TranslatedText(fi="Rehtorit ja johtajat", sv="Rektorer och föreståndare", en="Principals and leaders"),
    "teams": TranslatedText(fi="Kokonaiset tiimit", sv="Hela team", en="Whole teams"),
    "early_childhood": TranslatedText(fi="Varhaiskasvatus", sv="Småbarnspedagogik", en="Early childhood education"),
    "school": TranslatedText(fi="Perusopetus", sv="Grundläggande utbildning", en="Basic education"),
    "upper_secondary": TranslatedText(fi="Toinen aste", sv="Andra stadiet", en="Upper secondary education"),
    "teachers": TranslatedText(fi="Opettajat", sv="Lärare", en="Teachers"),
    "assistants": TranslatedText(fi="Ohjaajat ja avustajat", sv="Handledare och assistenter", en="Assistants"),
    "other_staff": TranslatedText(fi="Muu henkilöstö", sv="Övrig personal", en="Other staff"),
}


class Area(StrEnum):
    """The four areas that the catalogue is ordered by."""

    COMPETENCE = "competence"
    GROWTH_AND_LEARNING = "growth_and_learning"
    WELLBEING = "wellbeing"
    LEADERSHIP = "leadership"


class ChangeTarget(StrEnum):
    """What a course sets out to change: the work, the team, the leader or the individual."""

    WORK = "work"
    TEAM = "team"
    LEADER = "leader"
    PERSON = "person"


class EvidenceGrade(StrEnum):
    """How well it is shown that the course helps; A is the strongest."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class YesNo(StrEnum):
    """Value of a yes/no cell."""

    YES = "yes"
    NO = "no"


class DeliveryMode(StrEnum):
    """How a course is delivered."""

    ONLINE = "online"
    ONSITE = "onsite"
    BLENDED = "blended"
    SELF_PACED = "self_paced"


class CourseStatus(StrEnum):
    """Status of a course or an offering in the catalogue."""

    DRAFT = "draft"
    ACTIVE = "active"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Relevance:
    """How much a course has to do with a dimension, 0-3; `second` is another coordinator's view."""

    dimension: str
    value: int
    second: int | None = None


@dataclass(frozen=True, slots=True)
class CourseSession:
    """One session of an offering; both ends have a time zone."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Offering:
    """One scheduled instance of a course; sessions are in chronological order.

    `member_quota` is how many seats are kept for members of the network (None: members come first for all);
    `quotas` maps a municipality's id to the most seats that it may have.
    """

    external_id: str
    mode: DeliveryMode
    sessions: tuple[CourseSession, ...]
    place: str
    accessibility: PartlyTranslatedText
    capacity: int
    min_participants: int
    member_quota: int | None
    registration_url: str
    registration_opens: date | None
    registration_closes: date | None
    price_eur: float | None
    payer: str
    status: CourseStatus
    quotas: Mapping[str, int] = field(default_factory=dict)

    @property
    def first_day(self) -> date | None:
        """The day of the first session, or None for what has no dates."""
        return self.sessions[0].start.date() if self.sessions else None

    @property
    def days(self) -> set[date]:
        """Every day that it takes."""
        return {
            session.start.date() + timedelta(days=number)
            for session in self.sessions
            for number in range((session.end.date() - session.start.date()).days + 1)
        }

    @property
    def last_moment(self) -> datetime | None:
        """When the last session ends, or None for what has no dates."""
        return self.sessions[-1].end if self.sessions else None


@dataclass(frozen=True, slots=True)
class Course:
    """One course of the catalogue, with its offerings.

    `led_from_outside` says that somebody from outside the community leads the work.
    """

    external_id: str
    title: TranslatedText
    description: TranslatedText
    area: Area
    dimensions: tuple[Relevance, ...]
    target: ChangeTarget
    audience: tuple[str, ...]
    evidence_grade: EvidenceGrade
    evidence_note: PartlyTranslatedText
    evidence_url: str
    hours: float | None
    ects: float | None
    languages: tuple[Language, ...]
    prerequisites: PartlyTranslatedText
    provider: str
    status: CourseStatus
    updated_at: datetime
    offerings: tuple[Offering, ...] = ()
    led_from_outside: bool = False

    def shown_text_language(self, text: TranslatedText, reader: Language) -> Language:
        """Return the language in which a text of this course is actually shown to `reader`.

        Where a language was left empty, the import put another one's words in its place: the same words
        in several languages are taken to be in the first that the course is held in.
        """
        alike = [language for language in Language if text.in_language(language) == text.in_language(reader)]
        if len(alike) == 1 or reader in self.languages:
            return reader
        return next((language for language in self.languages if language in alike), reader)

    def find_offering(self, external_id: str) -> Offering | None:
        """Return the offering called `external_id`, or None where there is none."""
        return next((offering for offering in self.offerings if offering.external_id == external_id), None)


_NEVER = datetime.max.replace(tzinfo=UTC)


def offering_sort_key(offering: Offering) -> tuple[datetime, str]:
    """Return what offerings are ordered by: their first session, then their id; undated ones last."""
    return (offering.sessions[0].start if offering.sessions else _NEVER, offering.external_id)
