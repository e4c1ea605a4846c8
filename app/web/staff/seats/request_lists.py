"""Courses that a community can request: its requests, the top of its list, the rest collapsed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext, ngettext

from app.core.catalogue import Course, Offering
from app.core.catalogue.courses import Area
from app.web.shared.recommendation_words import course_area_name

FIRST = 5  # courses shown after the community's own list, before the rest is collapsed


@dataclass(frozen=True, slots=True)
class RequestableCourse:
    """A course with the offerings that can be requested.

    `place` is that on the community's own list, None for a course that is not on it; `rank` that among all courses
    that answer a need, those of the list first; `order` the highest priority of its
    requests, 1 first, None without one.
    """

    course: Course
    times: tuple[Offering, ...]
    place: int | None
    rank: int | None
    order: int | None


@dataclass(frozen=True, slots=True)
class CourseSection:
    """Courses under one title; `above` is a heading that stands before the first of several parts."""

    title: str
    courses: tuple[RequestableCourse, ...]
    is_folded: bool
    above: str = ""


def course_sections(
    offered: Sequence[tuple[Course, Offering]],
    *,
    listed: Sequence[str],
    ranked: Sequence[str],
    orders: Mapping[str, int],
) -> list[CourseSection]:
    """Return what is on offer in the order in which a community looks for it; nothing is left out.

    `listed` are the courses of the own list; `ranked` all courses that answer a need, best first, those of the list at
    their head. `orders` are those of the requested offerings.
    """
    known = [_requestable(list(pairs), listed, ranked, orders) for _id, pairs in groupby(offered, _course_id)]
    requested = sorted((each for each in known if each.order), key=lambda each: each.order or 0)
    open_ones = [each for each in known if each.order is None]
    own = sorted((each for each in open_ones if each.place is not None), key=lambda each: each.place or 0)
    others = sorted(
        (each for each in open_ones if each.place is None and each.rank is not None), key=lambda each: each.rank or 0
    )
    result = []
    if requested:
        result.append(CourseSection(gettext("What you have requested"), tuple(requested), is_folded=False))
    if own:
        result.append(CourseSection(gettext("Your list"), tuple(own), is_folded=False))
    result += _next_best(others)
    beyond = [each for each in open_ones if each.rank is None]
    return [*result, *_by_area(beyond, gettext("Other courses") if ranked else gettext("By area"))]


def _course_id(pair: tuple[Course, Offering]) -> str:
    return pair[0].external_id


def _requestable(
    pairs: list[tuple[Course, Offering]], listed: Sequence[str], ranked: Sequence[str], orders: Mapping[str, int]
) -> RequestableCourse:
    course = pairs[0][0]
    times = tuple(offering for _course, offering in pairs)
    order = min((orders[time.external_id] for time in times if time.external_id in orders), default=None)
    return RequestableCourse(
        course,
        times,
        place=listed.index(course.external_id) + 1 if course.external_id in listed else None,
        rank=ranked.index(course.external_id) + 1 if course.external_id in ranked else None,
        order=order,
    )


def _next_best(others: list[RequestableCourse]) -> Iterator[CourseSection]:
    """Yield the courses after the own list: the first ones open, the rest folded."""
    first = tuple(others[:FIRST])
    later = tuple(others[FIRST:])
    if first:
        yield CourseSection(gettext("The next best after your list"), first, is_folded=False)
    if later:
        title = ngettext("One more course meets a need", "%(num)s more courses meet a need", len(later))
        yield CourseSection(title, later, is_folded=True)


def _by_area(courses: list[RequestableCourse], above: str) -> Iterator[CourseSection]:
    for area in Area:
        here = tuple(each for each in courses if each.course.area is area)
        if here:
            counted = ngettext("%(num)s course", "%(num)s courses", len(here))
            yield CourseSection(f"{course_area_name(area)}: {counted}", here, is_folded=True, above=above)
            above = ""
