"""Courses and their offerings, as the regional catalogue knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.core.languages import Language, Text


class Area(StrEnum):
    """The four areas that the catalogue is ordered by."""

    COMPETENCE = "competence"
    GROWTH_AND_LEARNING = "growth_and_learning"
    WELLBEING = "wellbeing"
    LEADERSHIP = "leadership"


class Target(StrEnum):
    """What a course sets out to change."""

    WORK = "work"
    TEAM = "team"
    LEADER = "leader"
    PERSON = "person"


class Grade(StrEnum):
    """How well it is shown that the course helps; A is the strongest."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Mode(StrEnum):
    """How one takes part."""

    ONLINE = "online"
    ONSITE = "onsite"
    BLENDED = "blended"
    SELF_PACED = "self_paced"


class Status(StrEnum):
    """Whether it can be had."""

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
class Session:
    """One sitting of an offering, both ends with a time zone."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Offering:
    """One time that a course is held."""

    external_id: str
    mode: Mode
    sessions: tuple[Session, ...]
    place: str
    accessibility: str
    capacity: int
    min_participants: int
    member_quota: int | None
    registration_url: str
    registration_opens: date | None
    registration_closes: date | None
    price_eur: float | None
    payer: str
    status: Status
    quotas: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """One course of the catalogue, with its offerings."""

    external_id: str
    title: Text
    description: Text
    area: Area
    dimensions: tuple[Relevance, ...]
    target: Target
    audience: tuple[str, ...]
    evidence_grade: Grade
    evidence_note: str
    evidence_url: str
    hours: float | None
    ects: float | None
    languages: tuple[Language, ...]
    prerequisites: str
    provider: str
    status: Status
    updated_at: datetime
    offerings: tuple[Offering, ...] = ()
