"""Courses a community can request, in sections: its requests, the top of its list, the rest folded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext, ngettext

from app.core.catalogue import Course, Offering
from app.core.catalogue.courses import Area
from app.web.shared.recommendation_words import area_name

FIRST = 8  # of the own list, before the rest of it is folded away


@dataclass(frozen=True, slots=True)
class RequestableCourse:
    """A course with the times that can be wished for.

    `place` is that on the community's own list; `order` that of the dearest wish, 1 first, None without one.
    """

    course: Course
    times: tuple[Offering, ...]
    place: int | None
    order: int | None


@dataclass(frozen=True, slots=True)
class CourseSection:
    """Courses under one title; `above` is a heading that stands before the first of several parts."""

    title: str
    courses: tuple[RequestableCourse, ...]
    is_folded: bool
    above: str = ""


def course_sections(
    offered: Sequence[tuple[Course, Offering]], *, places: Mapping[str, int], orders: Mapping[str, int]
) -> list[CourseSection]:
    """Return what is on offer in the order in which a community looks for it; nothing is left out.

    `places` are those of courses on the own list, `orders` those of the times wished for.
    """
    known = [_listed(list(pairs), places, orders) for _id, pairs in groupby(offered, lambda pair: pair[0].external_id)]
    own = sorted(
        (listed_course for listed_course in known if listed_course.place is not None),
        key=lambda each_listed_course: each_listed_course.place or 0,
    )
    listed_courses = sorted(
        (listed_course for listed_course in known if listed_course.order), key=lambda item: item.order or 0
    )
    first, later = _cut([listed_course for listed_course in own if listed_course.order is None])
    result = []
    if listed_courses:
        result.append(CourseSection(gettext("What you have requested"), tuple(listed_courses), is_folded=False))
    if first:
        result.append(CourseSection(gettext("From the top of your list"), first, is_folded=False))
    if later:
        title = ngettext("One more course of your list", "%(num)s more courses of your list", len(later))
        result.append(CourseSection(title, later, is_folded=True))
    beyond = [listed_course for listed_course in known if listed_course.place is None and listed_course.order is None]
    return [*result, *_by_area(beyond, gettext("Not on your list") if own else gettext("By area"))]


def _listed(
    pairs: list[tuple[Course, Offering]], places: Mapping[str, int], orders: Mapping[str, int]
) -> RequestableCourse:
    course = pairs[0][0]
    times = tuple(offering for _course, offering in pairs)
    order = min((orders[time.external_id] for time in times if time.external_id in orders), default=None)
    return RequestableCourse(course, times, places.get(course.external_id), order)


def _cut(courses: list[RequestableCourse]) -> tuple[tuple[RequestableCourse, ...], tuple[RequestableCourse, ...]]:
    return tuple(courses[:FIRST]), tuple(courses[FIRST:])


def _by_area(courses: list[RequestableCourse], above: str) -> Iterator[CourseSection]:
    for area in Area:
        here = tuple(cours for cours in courses if cours.course.area is area)
        if here:
            counted = ngettext("%(num)s course", "%(num)s courses", len(here))
            yield CourseSection(f"{area_name(area)}: {counted}", here, is_folded=True, above=above)
            above = ""
