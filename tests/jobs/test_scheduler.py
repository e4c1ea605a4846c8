from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from app.config import load_settings
from app.core.rounds import RoundState
from app.factory import build_scheduler
from app.jobs.scheduler import TICK, ScheduledTask, TaskContext, start_scheduler
from app.jobs.tasks import TASKS
from app.services import rounds, secret_match
from app.store import clock_skew, jobs
from tests.databases import both_databases
from tests.services.factories import CLOSES, opened

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECRET = "somebody's answer"


class Fixed:
    """A lock that is held or not, as the test says."""

    def __init__(self, *, mine=True):
        self.mine = mine

    def acquire(self):
        return self.mine

    def release(self):
        self.mine = False


class Clock:
    """The moment that the test says."""

    def __init__(self, instance):
        self.now = NOON
        self.settings = load_settings({}, instance=instance)

    def means(self):
        return TaskContext(settings=self.settings, secret=b"", now=self.now)


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "instance")


@pytest.fixture
def table(app, clock):
    """A way to make the timetable of one process after another."""

    def make(*work, mine=True):
        listed = tuple(ScheduledTask(one.__name__, MINUTE, one) for one in work)
        return replace(build_scheduler(app), make_context=clock.means, leadership=Fixed(mine=mine), jobs=listed)

    return make


@both_databases
def test_a_job_is_done_once_in_a_slot_however_often_and_wherever_it_is_tried(table, clock):
    done = []

    def count(session, means):
        done.append(means.now)

    first = table(count)
    second = table(count)
    for _ in range(3):
        first.run_due()
        second.run_due()
    clock.now += MINUTE
    second.run_due()
    first.run_due()
    assert done == [NOON, NOON + MINUTE]


@both_databases
def test_a_job_that_failed_is_tried_again_and_stops_no_other(table, app, caplog):
    tries = []

    def break_down(session, means):
        tries.append("broken")
        if len(tries) == 1:
            raise ValueError(SECRET)

    def go_on(session, means):
        tries.append("other")

    one = table(break_down, go_on)
    one.run_due()
    one.run_due()
    one.run_due()
    assert tries == ["broken", "other", "broken"]
    assert "break_down failed: ValueError" in caplog.text
    assert SECRET not in caplog.text


def test_who_does_not_lead_does_nothing_while_the_leader_is_alive(table, clock):
    done = []

    def count(session, means):
        done.append(means.now)

    table(count).run_due()
    clock.now += 5 * MINUTE
    table(count, mine=False).run_due()
    assert done == [NOON]


@both_databases
def test_what_is_done_everywhere_is_done_once_on_each_host_by_whoever_is_first(table, clock):
    done = []

    def look(session, means):
        done.append("looked")

    leader = table(look)
    colleague = table(look, mine=False)
    elsewhere = table(look, mine=False)
    for one, host in ((colleague, "a"), (leader, "a"), (elsewhere, "b")):
        one.jobs = tuple(replace(job, on_every_host=True) for job in one.jobs)
        one.host = host
        one.run_due()
        one.run_due()
    assert done == ["looked"] * 2


def test_jobs_that_are_done_everywhere_do_not_hide_a_frozen_leader(table, clock):
    done = []

    def lead(session, means):
        done.append(means.now)

    def look(session, means):
        done.append("looked")

    table(lead).run_due()
    clock.now += 7 * MINUTE
    other = table(look, lead, mine=False)
    other.jobs = (replace(other.jobs[0], on_every_host=True), other.jobs[1])
    other.host = "b"
    other.run_due()
    assert done == [NOON, "looked", NOON + 7 * MINUTE] or done == [NOON, NOON + 7 * MINUTE, "looked"]


def test_another_steps_in_where_the_leader_froze(table, clock):
    done = []

    def count(session, means):
        done.append(means.now)

    table(count).run_due()
    clock.now += 7 * MINUTE
    table(count, mine=False).run_due()
    assert done == [NOON, NOON + 7 * MINUTE]


def test_a_clock_that_went_back_does_nothing_twice(table, clock):
    done = []

    def count(session, means):
        done.append(means.now)

    table(count).run_due()
    clock.now -= timedelta(seconds=30)
    table(count).run_due()
    clock.now += timedelta(seconds=30)
    table(count).run_due()
    assert done == [NOON, NOON - timedelta(seconds=30)]  # another slot, but neither of them again


def test_old_slots_are_forgotten_but_for_the_newest(session):
    old = NOON - timedelta(days=30)
    older = NOON - timedelta(days=31)
    for slot in (old, older):
        assert jobs.claim_slot(session, "daily", slot=slot, now=slot)
    jobs.delete_before_except_newest(session, before=NOON)
    assert jobs.last_run_by_task(session) == {"daily": old}
    assert not jobs.claim_slot(session, "daily", slot=old, now=NOON)


def test_every_job_has_a_name_of_its_own():
    assert len({job.name for job in TASKS}) == len(TASKS)


POSTGRESQL_ONLY = pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])


def set_host_clock(monkeypatch, skew):
    monkeypatch.setattr(clock_skew, "host_now", lambda: datetime.now(UTC) + skew)


@POSTGRESQL_ONLY
@pytest.mark.parametrize("skew", [timedelta(), timedelta(seconds=20), timedelta(seconds=-20)])
def test_a_clock_that_is_a_few_seconds_off_hinders_no_task(table, monkeypatch, caplog, skew):
    done = []
    set_host_clock(monkeypatch, skew)
    table(lambda session, context: done.append(context.now)).run_due()
    assert len(done) == 1
    assert not caplog.records


@POSTGRESQL_ONLY
@pytest.mark.parametrize("skew", [timedelta(days=8), timedelta(days=-8), timedelta(seconds=40), timedelta(seconds=-40)])
def test_a_host_with_a_wrong_clock_runs_nothing_lets_another_lead_and_says_so_once_an_hour(
    table, clock, monkeypatch, caplog, skew
):
    done = []

    def work(session, context):
        done.append(context.now)

    process = table(work)
    process.jobs = (*process.jobs, ScheduledTask("on each host", MINUTE, work, on_every_host=True))
    set_host_clock(monkeypatch, skew)
    for _ in range(3):
        process.run_due()
    assert done == []
    assert not process.leadership.mine
    assert caplog.text.count("Let both follow the same time servers") == 1
    assert "ahead of" in caplog.text if skew > timedelta() else "behind" in caplog.text
    clock.now += timedelta(minutes=61)
    process.run_due()
    assert caplog.text.count("Let both follow the same time servers") == 2
    set_host_clock(monkeypatch, timedelta())
    table(work).run_due()
    assert len(done) == 1


@POSTGRESQL_ONLY
def test_a_host_that_is_days_ahead_closes_no_round(app, session, clock, monkeypatch, tmp_path):
    """Its own clock says that the round ended long ago, and that the leader has been frozen for days."""
    round_id = opened(session, tmp_path / "keys", alder=12)
    session.commit()
    clock.now = CLOSES + timedelta(days=1)
    process = replace(build_scheduler(app), make_context=clock.means, leadership=Fixed(mine=True))
    monkeypatch.setattr(secret_match, "matches_database", lambda _session, _secret: True)
    set_host_clock(monkeypatch, timedelta(days=8))
    process.run_due()
    session.expire_all()
    assert rounds.get_round(session, round_id).state is RoundState.OPEN
    session.rollback()
    set_host_clock(monkeypatch, timedelta())
    process.leadership.mine = True
    process.run_due()
    session.expire_all()
    assert rounds.get_round(session, round_id).state is not RoundState.OPEN


def test_the_first_turn_comes_at_once_so_that_nobody_waits_to_see_whether_jobs_are_done(table):
    done = Event()

    def work(session, means):
        done.set()

    scheduler = start_scheduler(table(work))
    try:
        assert done.wait(TICK.total_seconds() / 2)
    finally:
        scheduler.shutdown()
