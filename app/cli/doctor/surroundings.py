"""Look at what the service stands on: disk, mail, and what goes by itself."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.cli.doctor.findings import Finding, bad, good, odd
from app.config import Settings
from app.mailer import MailUnreachable, connected, server
from app.services import retention, signin

ROOM = 2 * 1024**3
GIB = 1024**3
FEWEST_FILES = 1000
HOUR = 3600
MAIL_SECONDS = 5.0


def check_disk(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Look at the room that is left, for the database and for backups."""
    places = {chosen.instance: max(ROOM, 3 * _size(chosen)), chosen.backups: _size(chosen)}
    for path, wanted in places.items():
        if not path.exists():
            continue
        free, names = shutil.disk_usage(path).free, os.statvfs(path)
        what = f"{free / GIB:.1f} GiB are free under {path}."
        if free < wanted:
            yield bad(what, f"Make room: a count, a backup and a restore need {wanted / GIB:.1f} GiB there.")
        elif names.f_files and names.f_favail < FEWEST_FILES:
            yield bad(f"No more files can be made under {path}.", "Delete many small files there.")
        else:
            yield good(what)


def _size(chosen: Settings) -> int:
    path = Path(chosen.database.removeprefix("sqlite:///"))
    return path.stat().st_size if chosen.database.startswith("sqlite:///") and path.exists() else 0


def check_mail(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Greet the mail server, and sign in to it if it has a user."""
    if not chosen.smtp_url:
        yield odd("No letter is sent: SMTP_URL is empty.", "Printed slips need none.")
        return
    try:
        where = server(chosen.smtp_url)
    except ValueError as error:
        yield bad("SMTP_URL cannot be read.", f"{error}")
        return
    if chosen.mail_from.endswith("@localhost"):
        yield odd(f"Letters come from {chosen.mail_from}, which many refuse.", "Set MAIL_FROM.")
    try:
        with connected(where, patience=MAIL_SECONDS):
            yield good(f"The mail server {where.host} answers.")
    except MailUnreachable as error:
        what = f"The mail server {where.host} does not answer, or not to us: {error}."
        yield bad(what, "Look at SMTP_URL, its user and password, and whether this host may reach it.")


def check_retention(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Say what is erased by itself, and when."""
    spans = {
        "codes, addresses and boxes": "at the count",
        "staff sessions": f"{signin.IDLE.total_seconds() / HOUR:.0f} hour after they were last used",
        "failed sign-ins": f"{signin.FAMILIAR_FOR.days} days",
        "lists handed in and not confirmed": f"{retention.HANDED_IN.days} day",
        "the trail of deeds and closed accounts": f"{chosen.audit_days} days",
        "numbers of letters sent to staff": f"{chosen.letter_days} days",
        "backups": f"{chosen.backup_days} days",
    }
    yield good(f"Erased by itself: {'; '.join(f'{what}: {when}' for what, when in spans.items())}.")
