"""What a community can wish for, in the order in which it looks for it; and long lists page by page."""

import pytest

from app.core.catalogue.courses import Area
from app.web.shared.pagination import requested_page
from app.web.staff.seats.request_lists import FIRST, course_sections
from tests.core.matching.synthetic_region import course, offering


@pytest.fixture(autouse=True)
def asked(app):
    with app.test_request_context("/?lang=en"):
        yield


def offered(*names, area=Area.WELLBEING):
    return [(course(name, area=area), offering(f"{name}-{n}")) for name in names for n in (1, 2)]


def shown(found):
    return {part.title: [one.course.external_id for one in part.courses] for part in found}


def test_wishes_come_first_by_their_order_then_the_own_list_then_areas():
    names = ("a", "b", "c", "d", "e")
    found = course_sections(offered(*names), listed=["c", "a"], ranked=["c", "a", "e"], orders={"d-2": 2, "a-1": 1})
    assert shown(found) == {
        "What you have requested": ["a", "d"],
        "Your list": ["c"],
        "The next best after your list": ["e"],
        "Wellbeing: 1 course": ["b"],
    }
    assert [part.is_folded for part in found] == [False, False, False, True]
    assert [part.above for part in found] == ["", "", "", "Other courses"]


def test_only_a_course_of_the_list_has_a_place_on_it():
    found = course_sections(offered("a", "b", "c"), listed=["b"], ranked=["b", "a"], orders={"a-1": 1})
    places = {one.course.external_id: one.place for part in found for one in part.courses}
    assert places == {"a": None, "b": 1, "c": None}


def test_every_time_stands_once_wherever_its_course_stands():
    names = [f"course-{n:02}" for n in range(20)]
    pairs = offered(*names) + offered("x", area=Area.LEADERSHIP)
    found = course_sections(
        pairs, listed=names[:3], ranked=names[:15], orders={"x-1": 3, "course-19-2": 1, "course-02-1": 2}
    )
    times = [time.external_id for part in found for one in part.courses for time in one.times]
    assert sorted(times) == sorted(time.external_id for _course, time in pairs)
    assert len(times) == len(set(times)) == 42


def test_what_comes_late_after_the_list_is_folded():
    names = [f"course-{n:02}" for n in range(FIRST + 6)]
    own, first, later = course_sections(offered(*names), listed=names[:3], ranked=names, orders={})
    assert [one.course.external_id for one in own.courses] == names[:3]
    assert [one.course.external_id for one in first.courses] == names[3 : FIRST + 3]
    assert later.title == "3 more courses meet a need" and later.is_folded


def test_without_a_list_courses_lie_folded_by_area():
    pairs = offered("a") + offered("b", area=Area.LEADERSHIP)
    found = course_sections(pairs, listed=[], ranked=[], orders={})
    assert [part.title for part in found] == ["Wellbeing: 1 course", "Leadership: 1 course"]
    assert [part.above for part in found] == ["By area", ""]


def test_nothing_on_offer_makes_no_part():
    assert course_sections([], listed=[], ranked=[], orders={}) == []


@pytest.mark.parametrize(
    ("asked", "page", "shown"), [("", 1, 20), ("2", 2, 20), ("3", 3, 2), ("9", 3, 2), ("-1", 1, 20), ("x", 1, 20)]
)
def test_a_long_list_is_shown_page_by_page(app, asked, page, shown):
    with app.test_request_context(f"/?page={asked}"):
        sheet = requested_page(range(42))
    assert (sheet.page, sheet.pages, len(sheet.shown)) == (page, 3, shown)


def test_an_empty_list_has_one_page():
    sheet = requested_page(())
    assert (sheet.page, sheet.pages, list(sheet.shown)) == (1, 1, [])
