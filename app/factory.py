"""The only module that knows every part."""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from app.cli import verbs
from app.config import ROOT, Settings, load_settings
from app.store.database import attach, database
from app.web.respondent import wing as respondent
from app.web.shared import errors, languages, security
from app.web.shared.door import Door
from app.web.staff import wing as staff

SECRET_BYTES = 32


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] | None = None) -> Flask:
    """Put an application together; settings and clock may be given, else they are the real ones."""
    chosen = settings or load_settings()
    app = Flask("app", instance_path=str(chosen.instance), template_folder="web/templates", static_folder="web/static")
    secret = installation_secret(chosen.instance)
    app.config["SECRET_KEY"] = secret
    app.extensions["voimavara"] = Door(settings=chosen, clock=clock or _utc_now, secret=secret)
    attach(app, chosen.database)
    Migrate(app, database, directory=str(ROOT / "migrations"))
    for part in (languages, security, errors, respondent, staff, verbs):
        part.register(app)
    return app


def installation_secret(instance: Path) -> bytes:
    """Return the secret of this installation; make it, mode 0600, the first time."""
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
    return path.read_bytes()


def _utc_now() -> datetime:
    return datetime.now(UTC)
