"""A jump of the clock is told to those who may close rounds, and one of them confirms the time."""

import re
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.core.clock_jumps import ClockCheck
from app.core.rounds import RoundState
from app.services import audit, clock_jumps
from app.store import clock_checks
from app.store.database import read_session, write_session
from tests.conftest import NOON
from tests.web.staff_client import signed_in
from tests.web.test_rounds_pages import coordinator, plan, region, state

__all__ = ["coordinator", "region"]
MINUTE = timedelta(minutes=1)
SENTENCE = "until the time is confirmed"


@pytest.fixture
def jump(session):
    with write_session() as store:
        known = NOON - timedelta(days=8)
        clock_checks.upsert(store, ClockCheck("first", trusted_at=known, jumped_at=NOON - MINUTE))


def is_held():
    with read_session() as session:
        return clock_jumps.find_jump(session, now=NOON) is not None


def entries():
    with read_session() as session:
        return audit.entries(session, AuditFilter(event=AuditEvent.CLOCK_CONFIRMED))


def seen(page):
    return re.search(r'name="seen" value="([^"]+)"', page).group(1)


def test_nothing_is_told_while_the_time_is_trusted(coordinator):
    for address in ("/staff/", "/staff/rounds/"):
        assert SENTENCE not in coordinator.get(address).text
    page = coordinator.get("/staff/clock/").text
    assert "are counted automatically" in page
    assert 'name="seen"' not in page


def test_a_coordinator_confirms_the_time_that_the_page_shows(coordinator, jump):
    for address in ("/staff/", "/staff/rounds/"):
        page = coordinator.get(address).text
        assert SENTENCE in page
        assert "/staff/clock/" in page
    page = coordinator.get("/staff/clock/").text
    assert "16 November 2026" in page
    assert "24 November 2026" in page
    after = coordinator.post("/staff/clock/", data={"seen": seen(page)}, follow_redirects=True).text
    assert "The time is confirmed" in after
    assert SENTENCE not in after
    assert not is_held()
    assert [entry.subject for entry in entries()] == ["clock"]
    with read_session() as session:
        assert [check.trusted_at for check in clock_checks.checks(session)] == [NOON]


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ((NOON - timedelta(minutes=30)).isoformat(), 302),
        ((NOON - timedelta(minutes=31)).isoformat(), 409),
        ((NOON + timedelta(minutes=31)).isoformat(), 409),
        ("", 409),
        ("yesterday", 409),
        ("2026-11-24T12:00:00", 409),
    ],
)
def test_a_page_that_showed_another_time_confirms_nothing(coordinator, jump, shown, status):
    answer = coordinator.post("/staff/clock/", data={"seen": shown})
    assert answer.status_code == status
    assert is_held() is (status == 409)
    assert bool(entries()) is (status == 302)
    assert ("Check it again" in answer.text) is (status == 409)


def test_to_confirm_what_was_confirmed_already_changes_nothing(coordinator):
    answer = coordinator.post("/staff/clock/", data={"seen": NOON.isoformat()})
    assert answer.status_code == 302
    assert entries() == ()


@pytest.mark.parametrize(
    "grant", [Grant(Role.PRINCIPAL, "m1", "c1"), Grant(Role.COORDINATOR, "m1"), Grant(Role.ADMINISTRATOR)]
)
def test_who_may_not_close_a_round_confirms_no_time(app, region, jump, grant):
    client = signed_in(app, grant)
    assert client.get("/staff/clock/").status_code in (403, 404)
    assert client.post("/staff/clock/", data={"seen": NOON.isoformat()}).status_code in (403, 404)
    assert is_held()
    page = client.get("/staff/").text
    assert "/staff/clock/" not in page
    assert (SENTENCE in page) is (grant.role is Role.ADMINISTRATOR)


def test_a_person_closes_and_counts_a_round_without_a_confirmation(app, coordinator, region, jump):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    coordinator.post("/staff/rounds/1/close")
    assert state() is RoundState.CLOSED
    coordinator.post("/staff/rounds/1/count", data={"anyway": "1"})
    assert state() is RoundState.COUNTED
    assert is_held()
