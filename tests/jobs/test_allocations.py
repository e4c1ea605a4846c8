"""Allocations in the background: done once, told on a page, safe when a process dies."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.matching.background_tasks import MOST_ATTEMPTS, STALE, TaskState
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import AllocationStage, SeatRequest
from app.core.organisations import Community, CommunityKind, Municipality
from app.jobs.allocation_worker import allocation_worker
from app.services import catalogue, seats
from app.services.seats import allocation_tasks
from app.store import organisations
from app.store.allocation_tasks import QUEUE
from app.store.background_tasks import TaskLost
from tests.conftest import NOON
from tests.web.staff_client import signed_in
from tests.web.visitor import Visitor

LIMITS = AllocationLimits(two_or_none=True, seconds=5)


@pytest.fixture
def asked(app, session):
    """A region with one wish, and an allocation that was asked for."""
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    organisations.upsert(
        session,
        region=("r", "Seutu"),
        municipalities=[Municipality("m", "Tyrskylä")],
        communities=[Community("a", "Yhteisö", "m", CommunityKind.SCHOOL, {"teachers": 20})],
    )
    wanted = max((one for _course, one in seats.requestable_offerings(session, now=NOON)), key=lambda one: one.capacity)
    seats.save_seat_requests(session, "a", [SeatRequest("a", wanted.external_id, wanted.capacity)], by=None, now=NOON)
    number = allocation_tasks.request_allocation(session, LIMITS, seed=4, by=None, now=NOON)
    session.commit()
    return number


def worker(app, at=NOON):
    return allocation_worker(app, lambda: at)


def seen(session, number):
    session.rollback()
    session.expire_all()
    return QUEUE.find_task(session, number)


def test_a_task_is_done_once_and_its_allocation_kept(app, session, asked):
    worker(app).run_oldest_pending_task()
    done = seen(session, asked)
    assert (done.state, done.stage, done.attempts) == (TaskState.DONE, AllocationStage.KEEPING, 1)
    kept = seats.find_allocation(session, done.allocation)
    assert (kept.allocation.seed, kept.limits, kept.weights) == (4, LIMITS, "2026-1")
    session.rollback()
    worker(app).run_oldest_pending_task()
    assert seats.find_allocation(session).id == kept.id


def test_what_a_dead_process_had_is_taken_up_after_a_while_and_not_for_ever(app, session, asked):
    assert QUEUE.take(session, QUEUE.next_task(session, now=NOON), now=NOON) is not None
    session.commit()
    worker(app, NOON + timedelta(seconds=30)).run_oldest_pending_task()
    assert seen(session, asked).state is TaskState.RUNNING
    for number in range(2, MOST_ATTEMPTS + 1):
        later = NOON + number * 2 * STALE
        assert QUEUE.take(session, QUEUE.next_task(session, now=later), now=later).attempts == number
    session.commit()
    worker(app, NOON + 20 * STALE).run_oldest_pending_task()
    assert seen(session, asked).state is TaskState.FAILED


def test_of_two_that_try_at_once_one_gets_it(session, asked):
    known = QUEUE.next_task(session, now=NOON)
    assert QUEUE.take(session, known, now=NOON) is not None
    assert QUEUE.take(session, known, now=NOON) is None


def test_a_stopped_task_leaves_nothing_behind(app, session, asked):
    mine = QUEUE.take(session, QUEUE.next_task(session, now=NOON), now=NOON)
    QUEUE.end(session, asked, TaskState.STOPPED, now=NOON)
    with pytest.raises(TaskLost):
        QUEUE.heartbeat(session, mine, AllocationStage.MEMBERS, now=NOON)
    session.commit()
    worker(app).run_oldest_pending_task()
    assert seats.find_allocation(session) is None


def test_the_page_looks_again_by_itself_if_asked_until_the_answer_is_there(app, session, asked):
    given = app.extensions["voimavara"]
    app.extensions["voimavara"] = replace(given, settings=replace(given.settings, jobs=True))
    visitor = Visitor(app)
    visitor.client = signed_in(app, Grant(Role.COORDINATOR))
    sent = visitor.client.post("/staff/seats/allocation/run", data={"seed": "9", "two_or_none": "1"})
    assert seen(session, asked).state is TaskState.STOPPED
    session.rollback()
    visitor.get(sent.location)
    assert 'http-equiv="refresh"' not in visitor.response.text
    assert 'http-equiv="refresh"' in visitor.client.get(f"{sent.location}?watch=1").text
    worker(app).run_oldest_pending_task()
    assert visitor.get(sent.location).h1 == "Seat allocation"
    stopped = visitor.get(f"/staff/seats/allocation/task/{asked}")
    assert "The allocation was stopped" in visitor.response.text
    assert stopped.h1 == "The seats are being allocated"
