"""`flask doctor`: what is in order, what is not, and what to do about it, in plain words."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from smtplib import SMTP, SMTP_SSL, SMTPException
from urllib.parse import urlsplit

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.config import ROOT, Settings
from app.core.instruments import InstrumentRefused
from app.core.rounds import KeyMode, RoundState
from app.services import rounds
from app.store import jobs, revisions, standstill
from app.store.database import Session, reading
from app.store.instruments import read_file
from app.web.shared.door import now, settings

ROOM = 2 * 1024**3
SKEW = timedelta(seconds=30)
IDLE = timedelta(minutes=15)
OLDEST_POSTGRESQL = 150_000
MAIL_SECONDS = 5


class State(StrEnum):
    """How a finding is marked."""

    GOOD = "ok"
    ODD = "look"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where nothing needs to be done."""

    state: State
    what: str
    remedy: str = ""


Check = Callable[[Settings, datetime], Iterator[Finding]]


@click.command("doctor")
def doctor() -> None:
    """Look at settings, secrets, database, jobs, disk and mail; exit with 1 if something is bad."""
    findings = [finding for check in CHECKS for finding in check(settings(), now())]
    for finding in findings:
        click.echo(f"{finding.state:>4}  {finding.what}")
        if finding.remedy:
            click.echo(f"      → {finding.remedy}")
    bad = sum(finding.state is State.BAD for finding in findings)
    odd = sum(finding.state is State.ODD for finding in findings)
    click.echo(f"{len(findings)} things looked at: {bad} bad, {odd} to look at.")
    if bad:
        raise click.exceptions.Exit(1)


def check_settings(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Look at what an installation must say before real people answer."""
    address = urlsplit(chosen.base_url)
    local = address.hostname in {"127.0.0.1", "localhost", "::1"}
    if address.scheme != "https" and not local:
        yield Finding(
            State.BAD, f"The service is reached without encryption: {chosen.base_url}", "Serve it over https."
        )
    if address.scheme == "https" and not chosen.secure_cookies:
        yield Finding(State.BAD, "Cookies of the staff wing may leave encrypted pages.", "Set SECURE_COOKIES = True.")
    if local:
        yield Finding(State.ODD, f"Links and slips point to {chosen.base_url}.", "Set BASE_URL to the public address.")
    for name in ("contact", "controller"):
        if not getattr(chosen, name):
            told = "what respondents are told before the first question"
            yield Finding(State.ODD, f"{name.upper()} is empty; it is part of {told}.", f"Set {name.upper()}.")
    yield Finding(State.GOOD, f"Settings are read from {chosen.instance / 'config.py'} and variables VOIMAVARA_…")


def check_secrets(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Look at who may read what must stay secret."""
    wanted = {chosen.instance / "secret": 0o600, chosen.keys: 0o700}
    if chosen.database.startswith("sqlite:///"):
        wanted[Path(chosen.database.removeprefix("sqlite:///"))] = 0o600
    for path, most in wanted.items():
        if not path.exists():
            yield Finding(
                State.BAD, f"{path} is missing.", "Put it back from where it is kept; a new one opens nothing."
            )
        elif stat.S_IMODE(path.stat().st_mode) & ~most:
            yield Finding(State.BAD, f"Other accounts of this machine can reach {path}.", f"chmod {most:o} {path}")
        else:
            yield Finding(State.GOOD, f"{path} is its owner's alone.")


def check_database(chosen: Settings, moment: datetime) -> Iterator[Finding]:
    """Look at the database: reachable, whole, up to date, and on the same time."""
    try:
        with reading() as session:
            current, newest = revisions.current(session), revisions.newest(ROOT / "migrations")
            if current != newest:
                what = f"The database stands at migration {current or 'none'}, the program at {newest}."
                yield Finding(State.BAD, what, "./run flask db upgrade")
                return
            yield Finding(State.GOOD, f"The database is up to date (migration {current}).")
            if standstill.stands_still(session.connection()):
                what = "The database stands still and takes nothing: it was moved, or a restore broke off."
                remedy = "Set DATABASE_URL to the new one, or restore again. To go on with this one: ./run flask reopen"
                yield Finding(State.BAD, what, remedy)
            yield from _look_inside(session, moment)
            yield from _look_at_keys(session, chosen)
            yield from _look_at_jobs(session, moment)
    except SQLAlchemyError as error:
        what = f"The database cannot be used: {type(error).__name__}."
        yield Finding(State.BAD, what, "Look at VOIMAVARA_DATABASE_URL, the server and its disk.")


def _look_inside(session: Session, moment: datetime) -> Iterator[Finding]:
    if session.get_bind().dialect.name == "sqlite":
        said = session.execute(text("PRAGMA quick_check")).scalar()
        whole = said == "ok"
        remedy = "" if whole else "Stop the service and go back to the last backup."
        yield Finding(State.GOOD if whole else State.BAD, f"The database file: {said}.", remedy)
        return
    version = int(session.execute(text("SHOW server_version_num")).scalar() or 0)
    if version < OLDEST_POSTGRESQL:
        yield Finding(State.BAD, f"PostgreSQL {version // 10_000} is too old.", "Use PostgreSQL 15 or newer.")
    theirs = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs(theirs - moment)
    if apart > SKEW:
        what = f"This host's clock and the database's are {apart.total_seconds():.0f} seconds apart."
        yield Finding(State.BAD, what, "Let both follow the same time servers.")
    else:
        yield Finding(State.GOOD, "This host's clock agrees with the database's.")


def _look_at_keys(session: Session, chosen: Settings) -> Iterator[Finding]:
    waiting = {RoundState.OPEN, RoundState.CLOSED}
    found = [one for one in rounds.rounds(session) if one.state in waiting and one.key_mode is KeyMode.AUTOMATIC]
    for one in found:
        if any(chosen.keys.glob(f"round-{one.id}-*.key")):
            yield Finding(State.GOOD, f"The key of round {one.id} is on this host.")
        else:
            what = f"The key file of round {one.id} is not on this host: here it cannot be counted."
            yield Finding(State.ODD, what, f"Right where another host counts; else put it back into {chosen.keys}.")


def _look_at_jobs(session: Session, moment: datetime) -> Iterator[Finding]:
    last = jobs.newest(session)
    if last is not None and last - moment > SKEW:
        yield Finding(State.BAD, f"A job began at {last:%Y-%m-%d %H:%M}, which is yet to come.", "Set the clock right.")
    elif last is None or moment - last > IDLE:
        when = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "ever"
        what = f"No process has done any job {when}: rounds neither open nor close by themselves."
        yield Finding(State.ODD, what, "./run serve does the jobs; elsewhere set JOBS = True.")
    else:
        yield Finding(State.GOOD, f"Jobs are done; the last began at {last:%H:%M} UTC.")


def check_disk(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Look at the room that is left."""
    free = shutil.disk_usage(chosen.instance).free
    what = f"{free / 1024**3:.1f} GiB are free under {chosen.instance}."
    low = free < ROOM
    remedy = "Make room: a count needs about three times the database's size." if low else ""
    yield Finding(State.BAD if low else State.GOOD, what, remedy)


def check_surveys(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Read every questionnaire."""
    for path in sorted(chosen.surveys.glob("*.toml")):
        try:
            found = read_file(path)
        except InstrumentRefused as refused:
            yield Finding(State.BAD, f"{path.name} cannot be used.", str(refused))
        else:
            state = State.GOOD if found.answerable else State.ODD
            remedy = "" if found.answerable else "It has no sentences yet; no round can be opened with it."
            yield Finding(state, f"{path.name}: {len(found.items)} items, {len(found.scales)} scales.", remedy)


def check_mail(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Greet the mail server."""
    if not chosen.smtp_url:
        yield Finding(State.ODD, "No letter is sent: SMTP_URL is empty.", "Printed slips need none.")
        return
    address = urlsplit(chosen.smtp_url)
    kind = SMTP_SSL if address.scheme == "smtps" else SMTP
    try:
        with kind(address.hostname or "", address.port or 0, timeout=MAIL_SECONDS) as server:
            server.ehlo()
    except (OSError, SMTPException) as error:
        what = f"The mail server {address.hostname} does not answer: {type(error).__name__}."
        yield Finding(State.BAD, what, "Look at SMTP_URL and whether this host may reach it.")
    else:
        yield Finding(State.GOOD, f"The mail server {address.hostname} answers.")


CHECKS: tuple[Check, ...] = (check_settings, check_secrets, check_database, check_disk, check_surveys, check_mail)
