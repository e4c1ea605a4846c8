"""Run due tasks in the leading process, once per time slot.

A task acts on dates in the domain tables, so a missed slot is caught up by the next one, and repeating a task
changes nothing. Tasks that need files of one host, such as round keys, run on every host, once in each slot.
"""

import hashlib
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app.config import Settings
from app.core.clock_jumps import ClockReading
from app.jobs.leader import LeaderLock
from app.services import clock_jumps, secret_match
from app.store import clock_skew, jobs
from app.store.database import DatabaseUnavailable, Session, read_session, write_session

TICK = timedelta(seconds=20)
LEADER_TIMEOUT = timedelta(minutes=6)
LOG_INTERVAL = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskContext:
    """Context of a task: settings, secret key and current time."""

    settings: Settings
    secret: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """A task that runs once in each slot of length `every`.

    With `own_transaction` its slot is committed before it runs, and the task manages its own transactions; if it
    fails, the next slot tries again. With `on_every_host` it needs no leader. While the time is not trusted, only a
    task with `runs_after_clock_jump` runs: one that does nothing because a date has passed, or nothing that stays.
    """

    name: str
    every: timedelta
    run: Callable[[Session, TaskContext], None]
    own_transaction: bool = False
    on_every_host: bool = False
    runs_after_clock_jump: bool = False

    def claim_name(self, host: str) -> str:
        """Return the name under which a host claims slots of this task.

        The host is part of it only for tasks that run on every host.
        """
        return f"{self.name}{jobs.HOST_SEPARATOR}{host}" if self.on_every_host else self.name

    def start_of_current_slot(self, now: datetime) -> datetime:
        """Return the start of the slot that contains `now`.

        >>> daily = ScheduledTask("daily", timedelta(days=1), lambda session, context: None)
        >>> daily.start_of_current_slot(datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
        datetime.datetime(2026, 5, 4, 0, 0, tzinfo=datetime.timezone.utc)
        """
        return now - (now - _EPOCH) % self.every


@dataclass(slots=True)
class Scheduler:
    """The scheduled tasks of one process."""

    app: Flask
    make_context: Callable[[], TaskContext]
    leadership: LeaderLock
    jobs: Sequence[ScheduledTask]
    leader_timeout: timedelta = LEADER_TIMEOUT
    host: str = ""
    read_clock: Callable[[Session, datetime], ClockReading] | None = None  # None: no clock check
    busy: threading.Lock = field(default_factory=threading.Lock)
    _done: dict[str, datetime] = field(default_factory=dict)
    _logged_at: dict[str, datetime] = field(default_factory=dict)

    def run_due(self) -> None:
        """Run due tasks; a failed task is retried at the next tick and does not stop others.

        Nothing is done on a host whose secret is not the one that the database goes with, on one whose clock differs
        from the database's, nor in a process that is about to be replaced.
        """
        if not self.busy.acquire(blocking=False):
            return
        try:
            self._tick()
        finally:
            self.busy.release()

    def _tick(self) -> None:
        context = self.make_context()
        with self.app.app_context():
            try:
                trouble = self._trouble(context)
                if trouble is not None:
                    self.leadership.release()  # let a host without this problem lead
                    self._tell(context.now, trouble)
                    return
                leads = self._leads(context.now)
                is_time_trusted = self._is_time_trusted(context.now)
            except DatabaseUnavailable:
                _log.warning("Database unavailable; jobs skipped.")
                return
            for job in self.jobs:
                if not (is_time_trusted or job.runs_after_clock_jump):
                    continue
                if (leads or job.on_every_host) and self._done.get(job.name) != job.start_of_current_slot(context.now):
                    self._do(job, context)

    def _trouble(self, context: TaskContext) -> str | None:
        """Return why this host must not run any task, or None.

        A round that is closed or counted too early stays so: its key is destroyed. So a host whose clock is wrong runs
        nothing, and where the database's clock is wrong no host does.
        """
        with read_session() as session:
            if not secret_match.matches_database(session, context.secret):
                return f"{secret_match.MISMATCH_MESSAGE} No task runs here. {secret_match.REMEDY}"
            skew = clock_skew.excessive_skew(session)
        return None if skew is None else f"{clock_skew.skew_message(skew)} No task runs here. {clock_skew.REMEDY}"

    def _is_time_trusted(self, now: datetime) -> bool:
        """Tell whether tasks that cannot be undone may run, and store what this machine found out about the clock."""
        if self.read_clock is None:
            return True
        with read_session() as session:
            reading = self.read_clock(session, now)
            if not clock_jumps.must_store(session, reading):
                return True
        with write_session() as session:
            jump = clock_jumps.check_and_store(session, reading)
        if jump is not None:
            self._tell(now, f"{clock_jumps.jump_message(jump)} {clock_jumps.REMEDY}")
        return jump is None

    def _tell(self, now: datetime, trouble: str) -> None:
        kind = trouble.partition(" ")[0]
        if kind not in self._logged_at or now - self._logged_at[kind] >= LOG_INTERVAL:
            self._logged_at[kind] = now
            _log.error("%s", trouble)

    def _leads(self, now: datetime) -> bool:
        if self.leadership.acquire():
            return True
        # A frozen leader keeps its lock. The slot rows make it safe to take over.
        with read_session() as session:
            last = jobs.last_run(session, [job.name for job in self.jobs if not job.on_every_host])
        return last is not None and now - last > self.leader_timeout

    def _do(self, job: ScheduledTask, context: TaskContext) -> None:
        slot = job.start_of_current_slot(context.now)
        try:
            with write_session() as session:
                claimed = jobs.claim_slot(session, job.claim_name(self.host), slot=slot, now=context.now)
                if claimed and not job.own_transaction:
                    job.run(session, context)
            if claimed and job.own_transaction:
                with write_session() as session:
                    job.run(session, context)
        except Exception as error:  # a failed task must not stop the others
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("The job %s failed: %s\n%s", job.name, type(error).__name__, where)
        else:
            self._done[job.name] = slot


def host_instance_digest(settings: Settings) -> str:
    """Return a short digest that identifies this host's instance folder without revealing the host's name or path."""
    identity = f"{socket.gethostname()}\0{settings.instance.resolve()}"
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def start_scheduler(scheduler_tasks: Scheduler) -> BackgroundScheduler:
    """Start a background thread that runs due tasks immediately and at every tick."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        scheduler_tasks.run_due,
        "interval",
        seconds=TICK.total_seconds(),
        id="tick",
        next_run_time=clock_skew.host_now(),  # the scheduler thread uses the host clock, even if that is wrong
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    return scheduler
