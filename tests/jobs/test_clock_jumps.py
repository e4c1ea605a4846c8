"""After a jump of the clock nothing is closed, counted or deleted by schedule until the time is confirmed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock_jumps import MAX_STEP, SETTLING, ClockReading
from app.core.rounds import RoundState
from app.factory import build_scheduler, create_app
from app.jobs.scheduler import ScheduledTask, TaskContext
from app.jobs.tasks import TASKS
from app.services import clock_jumps, rounds, secret_match
from app.store import clock_checks, jobs
from app.store.database import read_session, write_session
from tests.databases import both_databases
from tests.services.factories import CLOSES, OPENS, SECRET, opened

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
UPTIME = timedelta(days=3)
HELD = {
    "close_due",
    "open_due",
    "count_due",
    "write_letters",
    "remind_follow_ups",
    "close_votes",
    "refresh_bands",
    "forget_runs",
    "forget_sessions",
    "forget_old",
}
POSTGRESQL_ONLY = pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])


class Lead:
    def acquire(self):
        return True

    def release(self):
        pass


@dataclass
class Machine:
    """A machine with a clock that the test sets and a timer that it cannot set."""

    name: str
    now: datetime
    timer: timedelta = UPTIME

    def passes(self, real, *, jump=timedelta()):
        self.timer += real
        self.now += real + jump

    def starts_again(self, name, *, after=MINUTE):
        self.name = name
        self.timer = after

    def read_clock(self, session, now):
        is_shared = session.get_bind().dialect.name == "postgresql"
        return ClockReading(self.name, now, self.timer.total_seconds(), is_shared)


@pytest.fixture
def machine():
    return Machine("first", OPENS)


@pytest.fixture
def process(app, monkeypatch):
    """A way to start processes on machines; with no tasks given, one that waits and one that does not."""
    monkeypatch.setattr(secret_match, "matches_database", lambda _session, _secret: True)
    settings = app.extensions["voimavara"].settings

    def start(machine, listed=None):
        done = []
        tasks = listed or (
            ScheduledTask("held", MINUTE, lambda session, context: done.append("held")),
            ScheduledTask("other", MINUTE, lambda session, context: done.append("other"), runs_after_clock_jump=True),
        )
        scheduler = replace(
            build_scheduler(app),
            make_context=lambda: TaskContext(settings=settings, secret=SECRET, now=machine.now),
            leadership=Lead(),
            jobs=tasks,
            read_clock=machine.read_clock,
        )

        def turn():
            done.clear()
            scheduler.run_due()
            return list(done)

        return turn

    return start


def found_jump(machine):
    with read_session() as session:
        return clock_jumps.find_jump(session, now=machine.now)


def confirm(machine):
    with write_session() as session:
        clock_jumps.confirm(session, machine.read_clock(session, machine.now))


ALL = ["held", "other"]


def test_these_tasks_wait_after_a_jump_and_no_others():
    assert {task.name for task in TASKS if not task.runs_after_clock_jump} == HELD


@both_databases
@pytest.mark.parametrize("jump", [8 * DAY, MAX_STEP + MINUTE])
def test_a_jump_while_running_holds_every_process_until_a_person_confirms(process, machine, caplog, jump):
    turn = process(machine)
    assert turn() == ALL
    machine.passes(HOUR)
    assert turn() == ALL
    before = machine.now
    machine.passes(MINUTE, jump=jump)
    for _ in range(3):
        assert turn() in (["other"], [])
        machine.passes(MINUTE)
    assert process(machine)() == ["other"]
    assert caplog.text.count("Time jumped forward") == 2  # each process says it, once an hour
    jumped = found_jump(machine)
    assert jumped.last_trusted_at == before
    assert jumped.noticed_at == before + MINUTE + jump
    machine.passes(3 * DAY)
    assert turn() == ["other"]
    confirm(machine)
    machine.passes(MINUTE)
    assert turn() == ALL
    assert found_jump(machine) is None


@both_databases
def test_a_jump_of_hours_outlives_a_restart_of_the_machine(process, machine):
    process(machine)()
    machine.passes(MINUTE, jump=3 * HOUR)
    process(machine)()
    machine.passes(HOUR)
    machine.starts_again("first again")
    for _ in range(3):
        assert process(machine)() == ["other"]
        machine.passes(HOUR)
    confirm(machine)
    assert "held" in process(machine)()


@both_databases
@pytest.mark.parametrize(("off", "done"), [(23 * HOUR, ALL), (25 * HOUR, ["other"])])
def test_a_machine_that_was_off_for_more_than_a_day_asks(process, machine, off, done):
    process(machine)()
    machine.now += off
    machine.starts_again("first again")
    assert process(machine)() == done
    if done != ALL:
        machine.passes(HOUR)
        assert process(machine)() == done
        assert found_jump(machine).last_trusted_at == OPENS


@both_databases
def test_a_service_that_was_off_on_a_running_machine_asks_nobody(process, machine):
    process(machine)()
    machine.passes(30 * DAY)
    assert process(machine)() == ALL
    assert found_jump(machine) is None


@both_databases
def test_a_clock_that_is_set_back_ends_it_and_the_next_jump_is_noticed(process, machine):
    turn = process(machine)
    turn()
    machine.passes(MINUTE, jump=8 * DAY)
    assert turn() == ["other"]
    machine.passes(MINUTE, jump=-8 * DAY)
    assert turn() == ALL
    assert found_jump(machine) is None
    machine.passes(MINUTE, jump=-8 * DAY)
    assert turn() == ALL
    machine.passes(MINUTE, jump=4 * DAY)  # still behind the time that was trusted first
    assert turn() == ["other"]


def test_a_new_machine_whose_clock_is_set_after_its_start_asks_nobody(process, machine):
    """Without a clock that outlives the power, a machine starts in the past until a time server has told it."""
    process(machine)()
    right = machine.now + HOUR
    machine.starts_again("first again")
    machine.now = datetime(2020, 1, 1, tzinfo=UTC)
    assert process(machine)() == ALL
    machine.passes(MINUTE)
    machine.now = right
    machine.starts_again("first again", after=SETTLING / 2)
    assert process(machine)() == ALL
    assert found_jump(machine) is None


def test_small_steps_each_day_are_believed_and_many_in_one_day_are_not(process, machine):
    turn = process(machine)
    for _ in range(20):
        assert turn() == ALL
        machine.passes(DAY + MINUTE, jump=MAX_STEP - MINUTE)
    assert turn() == ALL
    machine.passes(HOUR, jump=MAX_STEP - MINUTE)
    assert turn() == ALL
    machine.passes(HOUR, jump=MAX_STEP - MINUTE)
    assert turn() == ["other"]


def test_an_earlier_version_left_its_last_run(process, machine, session):
    jobs.claim_slot(session, "close_due", slot=OPENS - 2 * DAY, now=OPENS - 2 * DAY)
    session.commit()
    assert process(machine)() == ["other"]
    assert found_jump(machine).last_trusted_at == OPENS - 2 * DAY


def test_a_restored_backup_asks_on_another_machine_and_not_on_the_same(process, machine):
    process(machine)()
    with read_session() as session:
        stored = clock_checks.checks(session)
    machine.passes(14 * DAY)
    process(machine)()
    with write_session() as session:
        clock_checks.delete_all(session)
        for check in stored:
            clock_checks.upsert(session, check)
    machine.passes(MINUTE)
    assert process(machine)() == ALL
    elsewhere = Machine("elsewhere", machine.now)
    with write_session() as session:
        clock_checks.delete_all(session)
        for check in stored:
            clock_checks.upsert(session, check)
    elsewhere.passes(MINUTE)
    assert process(elsewhere)() == ["other"]


@POSTGRESQL_ONLY
def test_two_machines_that_were_both_off_confirm_each_other(process, machine):
    process(machine)()
    machine.now += 7 * DAY
    machine.starts_again("first again")
    other = Machine("second", machine.now)
    assert process(machine)() == ["other"]
    assert "held" in process(other)()
    machine.passes(MINUTE)
    assert process(machine)() == ALL
    assert found_jump(machine) is None


@POSTGRESQL_ONLY
def test_two_processes_of_one_machine_confirm_nothing(process, machine):
    process(machine)()
    machine.now += 7 * DAY
    machine.starts_again("first again")
    turns = [process(machine), process(machine)]
    for _ in range(3):
        for turn in turns:
            assert "held" not in turn()
        machine.passes(MINUTE)


@POSTGRESQL_ONLY
def test_clocks_that_jump_together_on_running_machines_ask_a_person(process, machine):
    other = Machine("second", machine.now)
    turns = [process(machine), process(other)]
    for turn in turns:
        turn()
    for _ in range(3):
        machine.passes(MINUTE, jump=8 * DAY)
        other.passes(MINUTE, jump=8 * DAY)
        for turn in turns:
            assert "held" not in turn()


@POSTGRESQL_ONLY
def test_a_second_running_machine_confirms_the_time_of_one_that_was_paused(process, machine):
    other = Machine("second", machine.now)
    process(machine)()
    process(other)()
    other.passes(3 * HOUR)
    machine.passes(MINUTE, jump=3 * HOUR - MINUTE)
    assert process(machine)() == ["other"]
    assert "held" in process(other)()
    machine.passes(MINUTE)
    assert process(machine)() == ALL


def state(number):
    with read_session() as session:
        return rounds.get_round(session, number).state


@both_databases
def test_a_round_stays_open_with_its_key_until_the_time_is_confirmed(app, session, process, machine):
    settings = app.extensions["voimavara"].settings
    number = opened(session, settings.keys, alder=12)
    session.commit()
    turn = process(machine, TASKS)
    turn()
    kept = sorted(settings.keys.glob("round-*.key"))
    assert kept
    machine.passes(MINUTE, jump=CLOSES + DAY - machine.now)
    for _ in range(10):
        turn()
        process(machine, TASKS)()
        machine.passes(MINUTE)
    assert state(number) is RoundState.OPEN
    assert sorted(settings.keys.glob("round-*.key")) == kept
    confirm(machine)
    turn()
    assert state(number) is RoundState.COUNTED
    machine.passes(6 * MINUTE)
    turn()
    assert not list(settings.keys.glob("round-*.key"))


def test_only_the_real_clock_is_guarded(app):
    assert build_scheduler(app).read_clock is None
    assert build_scheduler(create_app(app.extensions["voimavara"].settings)).read_clock is clock_checks.read_clock


def test_a_machine_is_one_start_of_one_kernel(session, monkeypatch, tmp_path):
    boot = tmp_path / "boot_id"
    boot.write_text("first boot\n")
    monkeypatch.setattr(clock_checks, "BOOT_ID", boot)
    first = clock_checks.read_clock(session, OPENS)
    assert first == replace(clock_checks.read_clock(session, OPENS), timer=first.timer)
    assert first.timer > 0
    boot.write_text("second boot\n")
    assert clock_checks.read_clock(session, OPENS).machine != first.machine
    monkeypatch.setattr(clock_checks, "BOOT_ID", tmp_path / "none")
    assert clock_checks.read_clock(session, OPENS).timer is None
