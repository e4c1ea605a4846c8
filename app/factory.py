"""Application factory: the only module that imports all other parts."""

import atexit
import contextlib
import gc
import logging
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.cli import commands
from app.config import ROOT, InvalidSetting, Settings, load_settings
from app.lazy import lazy_module
from app.store import clock_checks, pooler
from app.store.database import DatabaseUnavailable, database, init_app, write_session
from app.store.database_clock import DatabaseClock
from app.vault import memory
from app.web.shared import json_logs, languages
from app.web.shared.app_context import AppContext
from app.web.shared.private_logging import PrivateLoggingFlask, filter_server_request_logs

if TYPE_CHECKING:
    import flask_migrate

    from app.jobs import allocation_worker, leader, replacement, scheduler, supply_worker, tasks
    from app.services import counting, secret_match
    from app.web import pages
    from app.web.shared import secret_check
else:  # a command needs no page, and a process without jobs no scheduler
    flask_migrate = lazy_module("flask_migrate")
    allocation_worker = lazy_module("app.jobs.allocation_worker")
    leader = lazy_module("app.jobs.leader")
    replacement = lazy_module("app.jobs.replacement")
    scheduler = lazy_module("app.jobs.scheduler")
    supply_worker = lazy_module("app.jobs.supply_worker")
    tasks = lazy_module("app.jobs.tasks")
    counting = lazy_module("app.services.counting")
    secret_match = lazy_module("app.services.secret_match")
    pages = lazy_module("app.web.pages")
    secret_check = lazy_module("app.web.shared.secret_check")

SECRET_BYTES = 32
NOT_BEGUN = 3  # exit code at which gunicorn stops instead of restarting the worker for ever

_log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """Create the application; settings and clock default to the real ones.

    The real clock is that of the database: all hosts share it.
    """
    with _gc_paused():
        app = create_command_app(settings, clock=clock)
        pages.register(app)
    return app


def create_command_app(settings: Settings | None = None, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """Create an application without pages, for commands: settings, secret key, database, languages."""
    memory.protect_memory()
    found_settings = settings or load_settings()
    filter_server_request_logs()
    app = PrivateLoggingFlask(
        "app", instance_path=str(found_settings.instance), template_folder="web/templates", static_folder="web/static"
    )
    secret = load_or_create_secret_key(found_settings.instance)
    found_settings.keys.mkdir(mode=0o700, exist_ok=True)
    app.config["SECRET_KEY"] = secret
    if found_settings.proxies:  # otherwise everyone behind the proxy shares one address in the rate limiter
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=found_settings.proxies, x_proto=found_settings.proxies)  # type: ignore[method-assign]
    init_app(app, found_settings.effective_database_url)
    with app.app_context():
        clock = clock or DatabaseClock(database.engine)
    app.extensions["voimavara"] = AppContext(settings=found_settings, clock=clock, secret=secret)
    if found_settings.log_format == "json":
        json_logs.register(app)
    app.extensions["migrate"] = DeferredMigrate(app)
    languages.register(app)
    commands.register(app)
    return app


class DeferredMigrate:
    """Stands for Flask-Migrate's extension until a migration is asked for: Alembic takes 0.3 seconds to import."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        """Register the real extension in place of this one, and return its attribute."""
        flask_migrate.Migrate(self._app, database, directory=str(ROOT / "migrations"))
        return getattr(self._app.extensions["migrate"], name)


@contextlib.contextmanager
def _gc_paused() -> Iterator[None]:
    """Pause garbage collection while modules are imported: nothing of them is garbage, and a tenth of the time goes."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_prepared: list[Flask] = []  # at most one: the application that a server made before it started its workers


def preload_app() -> None:
    """Create the application in the server's first process, before it forks its workers; `serve` completes it.

    The workers then share the memory of modules, pages and templates, and start in a fraction of the time. Opens no
    connection and starts no thread: neither would survive a fork. InvalidSetting is left to the workers, which say it.
    """
    _prepared.clear()
    with contextlib.suppress(InvalidSetting):
        app = create_app()
        _preload_templates(app)
        _prepared.append(app)
        _freeze_gc()


def _prepared_or_new_app() -> Flask:
    if not _prepared:
        app = create_app()
        _preload_templates(app)
        return app
    memory.protect_memory()  # locks in memory do not survive a fork
    return _prepared.pop()


def serve() -> Flask:
    """Return the application that a server runs, after it started the background threads and destroyed leftover keys.

    The scheduler runs all tasks if the settings say so; without it, a host on another database than SQLite runs those
    of its own key files only. Every process watches whether it must be replaced. Ends the process where a setting is
    invalid, where a pooler shares the sessions of the database, or where the secret key is not the one that the
    database was used with: it would refuse every code.
    """
    try:
        app = _prepared_or_new_app()
        with app.app_context():
            pooler.require_session_pooling(database.engine)
        secret_check.check_or_store_secret_fingerprint(app)
    except (InvalidSetting, pooler.UnsuitablePooler, secret_match.SecretMismatch) as refused:
        _log.critical("%s", refused)
        raise SystemExit(NOT_BEGUN) from refused
    app_context: AppContext = app.extensions["voimavara"]
    _destroy_leftover_keys(app)
    jobs = build_scheduler(app)
    if app_context.settings.jobs:
        running = scheduler.start_scheduler(jobs)
        allocation_worker.allocation_worker(app, app_context.clock).add_to_scheduler(running)
        supply_worker.supply_plan_worker(app, app_context.clock).add_to_scheduler(running)
        atexit.register(running.shutdown, wait=False)
    elif not app_context.settings.effective_database_url.startswith(
        "sqlite"
    ):  # databases other than SQLite: each host has its own key files
        keys_only = replace(jobs, jobs=tasks.KEY_TASKS, leadership=leader.NeverLeads())
        atexit.register(scheduler.start_scheduler(keys_only).shutdown, wait=False)
    replacement.ProcessReplacer(app, jobs.host, jobs.busy).start()
    _freeze_gc()
    return app


def _destroy_leftover_keys(app: Flask) -> None:
    """Destroy the keys of rounds that another host counted while this one was down, before anything else."""
    app_context: AppContext = app.extensions["voimavara"]
    if not any(app_context.settings.keys.glob("round-*.key")):
        return
    with app.app_context():
        try:
            with write_session() as session:
                counting.destroy_and_certify_leftover_keys(session, keys=app_context.settings.keys)
        except DatabaseUnavailable:
            _log.warning("Database unavailable: keys of counted rounds, if any, are destroyed when it is back.")


def _freeze_gc() -> None:
    """Freeze long-lived objects out of garbage collection.

    A collection of them all takes a tenth of a second, during which every request waits, and finds no garbage.
    """
    gc.collect()
    gc.freeze()


def _preload_templates(app: Flask) -> None:
    """Read the templates once and for all.

    When a new version is copied over this one, the process goes on with its own pages until it is ended: a
    template of the new version might ask for what this program does not give.
    """
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def build_scheduler(app: Flask) -> "scheduler.Scheduler":
    """Return the scheduler of an application, not started."""
    app_context: AppContext = app.extensions["voimavara"]
    return scheduler.Scheduler(
        app=app,
        make_context=lambda: scheduler.TaskContext(
            settings=app_context.settings, secret=app_context.secret, now=app_context.clock()
        ),
        leadership=leader.leader_lock(app_context.settings.effective_database_url),
        jobs=tasks.TASKS,
        host=scheduler.host_instance_digest(app_context.settings),
        # An injected clock (as in tests) is arbitrary: only the real one is compared with the host's timer.
        read_clock=clock_checks.read_clock if isinstance(app_context.clock, DatabaseClock) else None,
    )


def load_or_create_secret_key(instance: Path) -> bytes:
    """Return the secret key of this installation; create its file (mode 0600) the first time.

    Several processes may start at once: each writes a whole file of its own, and the one that is
    linked to the name first is everybody's.
    """
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = instance / "secret"
    if not path.exists():
        _write_once(path, secrets.token_bytes(SECRET_BYTES))
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        message = f"{path} is not whole: put it back from where the installation's secret is kept"
        raise RuntimeError(message)
    return secret


def _write_once(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
