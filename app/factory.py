"""The only module that knows every part."""

import atexit
import contextlib
import gc
import logging
import os
import secrets
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from app.cli import commands
from app.config import ROOT, InvalidSetting, Settings, load_settings
from app.jobs.allocation_worker import AllocationWorker, start_worker
from app.jobs.leader import leader_lock
from app.jobs.replacement import Replacement
from app.jobs.scheduler import Scheduler, TaskContext, host_name, start_scheduler
from app.jobs.supply_worker import SupplyWorker, start_supply_worker
from app.jobs.tasks import TASKS
from app.services.secret_match import SecretMismatch
from app.store.database import database, init_app
from app.vault import memory
from app.web.interface import blueprints as interface
from app.web.respondent import blueprints as respondent
from app.web.shared import (
    errors,
    followup_words,
    formats,
    health,
    languages,
    metrics,
    recommendation_words,
    robots,
    secret_check,
    security_contact,
    security_headers,
    url_converters,
)
from app.web.shared.app_context import AppContext
from app.web.shared.private_logging import PrivateLoggingFlask, silence_servers
from app.web.staff import blueprints as staff

SECRET_BYTES = 32
NOT_BEGUN = 3  # with this end of a worker gunicorn gives up, rather than begin the same again and again

_log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """Put an application together; settings and clock may be given, else they are the real ones."""
    memory.protect()
    found_settings = settings or load_settings()
    silence_servers()
    app = PrivateLoggingFlask(
        "app", instance_path=str(found_settings.instance), template_folder="web/templates", static_folder="web/static"
    )
    secret = installation_secret(found_settings.instance)
    found_settings.keys.mkdir(mode=0o700, exist_ok=True)
    app.config["SECRET_KEY"] = secret
    if found_settings.proxies:  # else everybody behind the proxy would be one address to the brake on guessing
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=found_settings.proxies, x_proto=found_settings.proxies)  # type: ignore[method-assign]
    app.extensions["voimavara"] = AppContext(settings=found_settings, clock=clock or _utc_now, secret=secret)
    init_app(app, found_settings.database)
    Migrate(app, database, directory=str(ROOT / "migrations"))
    for part in (
        url_converters,
        health,
        metrics,
        security_contact,
        robots,
        languages,
        formats,
        recommendation_words,
        followup_words,
        security_headers,
        errors,
        respondent,
        interface,
        staff,
        commands,
    ):
        part.register(app)
    return app


def serve() -> Flask:
    """Put together the application that a server runs, with its timetable if the settings say so.

    Ends the process where a setting cannot be, or where the secret is not the one that the database goes with: it
    would refuse every code.
    """
    try:
        app = create_app()
        secret_check.guard(app)
    except (InvalidSetting, SecretMismatch) as refused:
        _log.critical("%s", refused)
        raise SystemExit(NOT_BEGUN) from refused
    _preload_templates(app)
    app_context: AppContext = app.extensions["voimavara"]
    jobs = build_scheduler(app)
    if app_context.settings.jobs:
        scheduler = start_scheduler(jobs)
        start_worker(scheduler, AllocationWorker(app, app_context.clock))
        start_supply_worker(scheduler, SupplyWorker(app, app_context.clock))
        atexit.register(scheduler.shutdown, wait=False)
    Replacement(app, jobs.host, jobs.busy).start()
    _freeze_gc()
    return app


def _freeze_gc() -> None:
    """Let collections of garbage leave alone what stays until the process ends.

    To look through it all takes a tenth of a second, in which everybody waits; nothing of it is ever garbage.
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


def build_scheduler(app: Flask) -> Scheduler:
    """Return the timetable of an application."""
    app_context: AppContext = app.extensions["voimavara"]
    return Scheduler(
        app=app,
        means=lambda: TaskContext(settings=app_context.settings, secret=app_context.secret, now=app_context.clock()),
        leadership=leader_lock(app_context.settings.database),
        jobs=TASKS,
        host=host_name(app_context.settings),
    )


def installation_secret(instance: Path) -> bytes:
    """Return the secret of this installation; make it, mode 0600, the first time.

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


def _utc_now() -> datetime:
    return datetime.now(UTC)
