"""Check disk space, mail server and process memory; report what is deleted automatically."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.cli.doctor.findings import CheckResult, fail, ok, warn
from app.config import Settings
from app.core.mail import MailServerFaultCode
from app.mailer import MailServerUnavailable, smtp_connection, smtp_server
from app.services import authentication, processes
from app.store import uploads
from app.store.database import DatabaseUnavailable, read_session
from app.vault import memory

ROOM = 2 * 1024**3
GIB = 1024**3
FEWEST_FILES = 1000
HOUR = 3600
MAIL_SECONDS = 5.0
MAIL_REMEDIES = {
    MailServerFaultCode.UNREACHABLE: "Look at the host and port in SMTP_URL, and whether this host may reach them.",
    MailServerFaultCode.CERTIFICATE: (
        "Nobody this host trusts has signed its certificate, or it is for another name. Name the file of certificates "
        "to trust in SMTP_CA_FILE; for a relay on this host or in its network SMTP_PLAIN = True does without "
        "encryption."
    ),
    MailServerFaultCode.SIGN_IN: "Look at the user and password in SMTP_URL.",
    MailServerFaultCode.SENDER: (
        "Ask whoever runs the mail server to let this host send as MAIL_FROM: the right to send as it, to relay, or a "
        "higher limit of messages."
    ),
    MailServerFaultCode.ALL_REFUSED: "The mail server's log says why. Look at MAIL_FROM and the imported addresses.",
    MailServerFaultCode.MESSAGE: "Look at MAIL_FROM, which must be one plain e-mail address.",
}


def check_disk(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Check the free disk space for the database and for backups."""
    places = {settings.instance: max(ROOM, 3 * _size(settings)), settings.backups: _size(settings)}
    for path, wanted in places.items():
        if not path.exists():
            continue
        free = shutil.disk_usage(path).free
        names = os.statvfs(path)
        what = f"{free / GIB:.1f} GiB are free under {path}."
        if free < wanted:
            yield fail(what, f"Make room: a count, a backup and a restore need {wanted / GIB:.1f} GiB there.")
        elif names.f_files and names.f_favail < FEWEST_FILES:
            yield fail(f"No more files can be made under {path}.", "Delete many small files there.")
        else:
            yield ok(what)


def _size(settings: Settings) -> int:
    path = Path(settings.effective_database_url.removeprefix("sqlite:///"))
    return path.stat().st_size if settings.effective_database_url.startswith("sqlite:///") and path.exists() else 0


def check_mail(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Connect to the mail server, and sign in to it if a user is set."""
    if not settings.smtp_url:
        yield warn("No message is sent: SMTP_URL is empty.", "Printed slips need none.")
        return
    try:
        where = smtp_server(settings)
    except ValueError as error:
        yield fail("SMTP_URL cannot be read.", f"{error}")
        return
    if settings.mail_from.endswith("@localhost"):
        yield warn(f"Messages come from {settings.mail_from}, which many refuse.", "Set MAIL_FROM.")
    try:
        with smtp_connection(where, patience=MAIL_SECONDS):
            yield ok(f"The mail server {where.host} answers.")
    except MailServerUnavailable as error:
        what = f"The mail server {where.host} does not answer, or not to this service: {error}."
        yield fail(what, MAIL_REMEDIES[error.setback.fault])
    if where.plain and where.user:
        what = "The mail password crosses the network in plain text: SMTP_PLAIN is set and SMTP_URL has a user."
        yield warn(what, "Set SMTP_CA_FILE instead of SMTP_PLAIN, or use a relay that asks for no password.")


def check_memory_protection(_chosen: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Check whether answers in memory could end up in a core file or in swap, or stay in old processes."""
    protection = memory.protect_memory()
    if not protection.undumpable or not protection.no_core:
        yield warn(
            "A core file may be written of this service.", "Run it on Linux, and set LimitCORE=0 or ulimit -c 0."
        )
    elif memory.can_be_swapped():
        what = "Memory of this service may be written to swap, and answers pass through it."
        yield warn(what, "Switch the swap off or encrypt it, or start the service by the unit in deploy/systemd.")
    else:
        yield ok("The memory of the service goes neither to a core file nor to swap.")
    yield from _old_processes()


def _old_processes() -> Iterator[CheckResult]:
    try:
        with read_session() as session:
            hosts = processes.hosts_awaiting_replacement(session) if processes.can_register(session) else ()
    except DatabaseUnavailable:
        return
    if hosts:
        what = f"Processes that served a round that has ended are still to be replaced on: {', '.join(hosts)}."
        remedy = "It takes a minute. If it does not end, restart the service there; gone for good: round forget-host."
        yield warn(what, remedy)


def report_retention_periods(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Report what is erased automatically, and when."""
    spans = {
        "codes, addresses and boxes": "at the count",
        "staff sessions": f"{authentication.IDLE.total_seconds() / HOUR:.0f} hour after they were last used",
        "failed sign-ins": f"{authentication.FAMILIAR_FOR.days} days",
        "uploads that were not confirmed": f"{uploads.UNCONFIRMED_FOR.days} day",
        "the audit log and closed accounts": f"{settings.audit_days} days",
        "numbers of messages sent to staff": f"{settings.letter_days} days",
        "backups": f"{settings.backup_days} days",
    }
    yield ok(f"Erased by itself: {'; '.join(f'{what}: {when}' for what, when in spans.items())}.")
