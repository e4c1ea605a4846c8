"""Filter courses of the catalogue by text, area, dimension, what they change and language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from app.core.catalogue.courses import Area, ChangeTarget, Course, CourseStatus
from app.core.languages import Language


@dataclass(frozen=True, slots=True)
class CourseFilter:
    """Filter for courses; an empty value means no restriction."""

    words: str = ""
    area: str = ""
    dimension: str = ""
    target: str = ""
    language: str = ""
    status: str = ""
    open_only: bool = False

    @classmethod
    def from_query(cls, asked: Mapping[str, str]) -> Self:
        """Return the filter from URL query arguments; unknown values mean no restriction."""
        return cls(
            words=asked.get("q", "").strip()[:100],
            area=_known(asked.get("area"), Area),
            dimension=asked.get("dimension", ""),
            target=_known(asked.get("target"), ChangeTarget),
            language=_known(asked.get("in"), Language),
            status=_known(asked.get("status"), CourseStatus),
            open_only=asked.get("open") == "1",
        )

    @property
    def query_arguments(self) -> dict[str, str]:
        """The URL query arguments that give this filter."""
        values = {
            "q": self.words,
            "area": self.area,
            "dimension": self.dimension,
            "target": self.target,
            "in": self.language,
            "status": self.status,
            "open": "1" if self.open_only else "",
        }
        return {name: value for name, value in values.items() if value}


def _known(value: str | None, allowed: Iterable[str]) -> str:
    return value if value is not None and value in {str(item) for item in allowed} else ""


def filter_courses(courses: Iterable[Course], choice: CourseFilter, *, today: date) -> tuple[Course, ...]:
    """Return the courses that suit a choice, in the order that they came."""
    return tuple(each for each in courses if _matches(each, choice, today))


def _matches(course: Course, choice: CourseFilter, today: date) -> bool:
    return (
        (not choice.area or course.area == choice.area)
        and (not choice.target or course.target == choice.target)
        and (not choice.status or course.status == choice.status)
        and (not choice.language or choice.language in course.languages)
        and (
            not choice.dimension
            or any(dimension.dimension == choice.dimension and dimension.value for dimension in course.dimensions)
        )
        and (
            not choice.open_only
            or any(offering.first_day is None or offering.first_day >= today for offering in course.offerings)
        )
        and all(word in _text(course) for word in choice.words.casefold().split())
    )


def _text(course: Course) -> str:
    texts = [course.external_id, course.provider, *(offering.place for offering in course.offerings)]
    texts += [text.in_language(language) for text in (course.title, course.description) for language in Language]
    return " ".join(texts).casefold()
