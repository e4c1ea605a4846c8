"""Do what is due, once in each slot, in whichever process leads.

A job does what is due by the dates in the domain's own tables, so a missed slot is caught up by the
next one, and doing it again changes nothing. What rests on the files of one host, such as the keys of
rounds, is done on every host, once in each slot there.
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
from app.jobs.leader import LeaderLock
from app.services import secret_match
from app.store import clock_skew, jobs
from app.store.database import DatabaseUnavailable, Session, read_session, write_session

TICK = timedelta(seconds=20)
FROZEN = timedelta(minutes=6)
TOLD_EVERY = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskContext:
    """What a job is given: the installation's settings and secret, and the moment."""

    settings: Settings
    secret: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """One thing that is done by itself, once in each slot of length `every`.

    A job that stands `alone` is given a session without a transaction, after its slot was taken for
    good; if it fails, the next slot tries again. One that is done `everywhere` needs no leader.
    """

    name: str
    every: timedelta
    work: Callable[[Session, TaskContext], None]
    alone: bool = False
    everywhere: bool = False

    def row(self, host: str) -> str:
        """Return the name under which its slots are taken on a host."""
        return f"{self.name}{jobs.AT}{host}" if self.everywhere else self.name

    def slot(self, now: datetime) -> datetime:
        """Return the beginning of the slot that `now` falls in.

        >>> daily = ScheduledTask("daily", timedelta(days=1), lambda session, context: None)
        >>> daily.slot(datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
        datetime.datetime(2026, 5, 4, 0, 0, tzinfo=datetime.timezone.utc)
        """
        return now - (now - _EPOCH) % self.every


@dataclass(slots=True)
class Scheduler:
    """The jobs of one process, done while it leads."""

    app: Flask
    means: Callable[[], TaskContext]
    leadership: LeaderLock
    jobs: Sequence[ScheduledTask]
    frozen: timedelta = FROZEN
    host: str = ""
    busy: threading.Lock = field(default_factory=threading.Lock)
    _done: dict[str, datetime] = field(default_factory=dict)
    _told: dict[str, datetime] = field(default_factory=dict)

    def run_due(self) -> None:
        """Do what is due now; a job that fails is tried again at the next tick, and stops no other.

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
        context = self.means()
        with self.app.app_context():
            try:
                trouble = self._trouble(context)
                if trouble is not None:
                    self.leadership.release()  # a host without such trouble shall lead
                    self._tell(context.now, trouble)
                    return
                leads = self._leads(context.now)
            except DatabaseUnavailable:
                _log.warning("The database is away; the jobs wait.")
                return
            for job in self.jobs:
                if (leads or job.everywhere) and self._done.get(job.name) != job.slot(context.now):
                    self._do(job, context)

    def _trouble(self, context: TaskContext) -> str | None:
        """Return why this host must not run any task, or None.

        A round that is closed or counted too early stays so: its key is destroyed. So a host whose clock is wrong runs
        nothing, and where the database's clock is wrong no host does.
        """
        with read_session() as session:
            if not secret_match.matches(session, context.secret):
                return f"{secret_match.MISMATCH_MESSAGE} No task runs here. {secret_match.REMEDY}"
            skew = clock_skew.excessive_skew(session)
        return None if skew is None else f"{clock_skew.skew_message(skew)} No task runs here. {clock_skew.REMEDY}"

    def _tell(self, now: datetime, trouble: str) -> None:
        kind = trouble.partition(" ")[0]
        if kind not in self._told or now - self._told[kind] >= TOLD_EVERY:
            self._told[kind] = now
            _log.error("%s", trouble)

    def _leads(self, now: datetime) -> bool:
        if self.leadership.hold():
            return True
        # A leader that is frozen keeps its lock. The rows make it safe to step in.
        with read_session() as session:
            last = jobs.last_run(session, [job.name for job in self.jobs if not job.everywhere])
        return last is not None and now - last > self.frozen

    def _do(self, job: ScheduledTask, context: TaskContext) -> None:
        slot = job.slot(context.now)
        try:
            with write_session() as session:
                taken = jobs.claim_slot(session, job.row(self.host), slot=slot, now=context.now)
                if taken and not job.alone:
                    job.work(session, context)
            if taken and job.alone:
                with write_session() as session:
                    job.work(session, context)
        except Exception as error:  # one job's failure must not end the others
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("The job %s failed: %s\n%s", job.name, type(error).__name__, where)
        else:
            self._done[job.name] = slot


def host_name(settings: Settings) -> str:
    """Return a short name of this host's instance folder that no other host has; it tells nothing more."""
    place = f"{socket.gethostname()}\0{settings.instance.resolve()}"
    return hashlib.sha256(place.encode()).hexdigest()[:12]


def start_scheduler(timetable: Scheduler) -> BackgroundScheduler:
    """Tick in a thread of its own until the process ends: at once, and then at every turn."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        timetable.run_due,
        "interval",
        seconds=TICK.total_seconds(),
        id="tick",
        next_run_time=timetable.means().now,
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    return scheduler
