"""Lists are made once and again when anything that they rest on changes; those of a large region in a thread."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import SeatRequest
from app.services import matching, seats
from app.store import course_lists, courses, weights
from app.store.seats import Override
from tests.publications import NOON, made, store
from tests.web.staff_client import add_account, signed_in
from tests.web.test_newest_survey import survey

__all__ = ["survey"]


def lists(session, *, now=NOON, **more):
    session.commit()
    session.expire_all()
    return matching.find_or_build_region_lists(session, now=now, **more)


def request_seats(session, number=5):
    offering = seats.requestable_offerings(session, now=NOON)[3][1]
    wished = [SeatRequest("other-1", offering.external_id, number, 1)]
    seats.save_seat_requests(session, "other-1", wished, by=None, now=NOON)


def withdraw_times(session):
    first = next(course for course in courses.courses(session) if course.offerings)
    courses.upsert_courses_and_replace_offerings(session, [replace(first, offerings=())])


def add_weights(session):
    changed = replace(weights.current_weights(session), uptake=0.4)
    weights.add(session, changed, number=weights.next_number(session), reason="Others", by=None, now=NOON)


def add_principal(session):
    add_account(Grant(Role.PRINCIPAL, "south", "pine"), email="p@example.test", language="sv")


def publish_allocation(session):
    number = seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    seats.publish_allocation(session, number, by=None, now=NOON)
    return number


def release_survey(session):
    store(session, made(2, moods={"fir": -1.2}))


CHANGES = (request_seats, withdraw_times, add_weights, add_principal, publish_allocation, release_survey)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_lists_are_made_again_when_what_they_rest_on_changes_and_only_then(app, session, survey, change):
    first = lists(session)
    assert first is not None
    assert lists(session) is first
    change(session)
    second = lists(session)
    assert second is not first
    assert lists(session) is second


def test_lists_are_made_again_on_the_next_day_and_after_a_manual_change(app, session, survey):
    first = lists(session)
    assert lists(session, now=NOON + timedelta(days=1)) is not first
    number = publish_allocation(session)
    second = lists(session)
    community, offering = next(iter(seats.find_published_allocation(session).seats_after_overrides))
    seats.override_seats(session, number, Override(community, offering, 0, "Ill"), by=None, now=NOON)
    third = lists(session)
    assert third is not second
    assert third.allocated.granted[community, offering] == 0


@pytest.fixture
def started(monkeypatch):
    """Let every region be a large one, and collect the work that threads are started for."""
    work = []
    monkeypatch.setattr(course_lists, "AT_ONCE", 0)
    monkeypatch.setattr(course_lists, "start_daemon_thread", work.append)
    return work


def test_a_large_region_is_worked_out_once_in_the_background(app, session, survey, started):
    assert lists(session) is None
    assert lists(session) is None
    (work,) = started
    work()
    first = lists(session)
    assert first is not None
    assert lists(session) is first
    assert len(started) == 1


def test_the_former_lists_stand_until_the_new_ones_are_there(app, session, survey, started):
    first = lists(session, wait=True)
    request_seats(session)
    assert lists(session) is first
    (work,) = started
    work()
    assert lists(session) is not first
    assert lists(session).requests["other-1"] != first.requests["other-1"]


def test_work_that_ends_in_the_middle_leaves_the_former_lists_and_is_done_again(
    app, session, survey, started, monkeypatch
):
    first = lists(session, wait=True)
    request_seats(session)
    assert lists(session) is first

    def fail(*_arguments, **_options):
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(course_lists, "build_lists", fail)
        started[0]()
    assert lists(session) is first
    assert len(started) == 2
    started[1]()
    assert lists(session) is not first


def test_a_command_waits_for_the_lists_of_a_large_region(app, session, survey, started):
    assert lists(session, wait=True) is not None
    assert started == []


def test_pages_answer_while_a_thread_works(app, session, survey, monkeypatch):
    monkeypatch.setattr(course_lists, "AT_ONCE", 0)
    go_on = threading.Event()
    done = threading.Event()
    build = course_lists.build_lists

    def slow(*arguments, **options):
        assert go_on.wait(30)
        return build(*arguments, **options)

    keep = course_lists._CACHE._keep

    def kept(*arguments):
        result = keep(*arguments)
        done.set()
        return result

    monkeypatch.setattr(course_lists, "build_lists", slow)
    monkeypatch.setattr(course_lists._CACHE, "_keep", kept)
    desk = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"), email="pine@example.test")
    for address in ("/staff/matching/community/pine", "/staff/seats/community/pine"):
        assert desk.get(address).status_code == 200
    assert "The lists of the region are being worked out." in desk.get("/staff/matching/community/pine").text
    go_on.set()
    assert done.wait(30)
    assert 'id="course-' in desk.get("/staff/matching/community/pine").text
