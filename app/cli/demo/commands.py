"""`flask demo start|load|show`: start or load the demo, and show its accounts."""

import json
import os
import secrets
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from app.cli.demo import round_loader
from app.cli.demo.followups import load_followups_of_last_two_rounds
from app.cli.demo.people import PEOPLE, load_people_and_return_principals
from app.cli.demo.seats import load_course_participation, load_seat_requests_and_allocation
from app.services import accounts, answering, counting, organisations, rounds
from app.store.database import database, read_session, write_session
from app.web.shared.app_context import now, secret, settings

SURVEY = "wellbeing.toml"  # of the rounds that were counted; the open one is asked with the newest version
CONTROLLER = "Kahdeksan kunnan seutu, sivistyspalvelut"
CONTACT = "hyvinvointi@kunta.example"
PASSWORD_BYTES = 9
PRINTED_CODES = 6
CACHE_KIBIBYTES = 100_000

group = AppGroup("demo", help="An invented region with a few years behind it, to look at and to try things on.")


@group.command("start")
def prepare_and_show() -> None:
    """Migrate the database, load the demo if the database is empty, and print what there is to see."""
    upgrade()
    with read_session() as session:
        empty = _is_empty(session)
    if empty:
        _load_all()
    _show()


@group.command("load")
def load() -> None:
    """Load the demo into an empty installation; where there is data already, nothing is touched."""
    with read_session() as session:
        empty = _is_empty(session)
    if not empty:
        raise click.ClickException(
            "There is data here already, and the demo goes into an empty installation only. "
            "Choose another folder: VOIMAVARA_INSTANCE=/some/other/folder"
        )
    _load_all()


@group.command("show")
def show() -> None:
    """Print the demo's addresses, sign-ins and some codes that nobody has used yet."""
    _show()


def _load_all() -> None:
    click.echo("Loading the demo: three rounds that were counted, one that is open.", err=True)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with write_session() as session:
        codes = _load(session, password)
    database.session.remove()
    with write_session() as session:
        counting.destroy_keys_and_wipe_remnants(session, now=now(), keys=settings().keys)
    _write_notes(settings().instance, {"password": password, "codes": codes})
    _write_settings(settings().instance)


def _write_settings(instance: Path) -> None:
    """Name who is responsible for the demo, where nothing was set yet: pages and messages show it."""
    path = instance / "config.py"
    if not path.exists():
        path.touch(mode=0o600)  # as the handbook asks of every file that may hold passwords
        path.write_text(f"CONTROLLER = {CONTROLLER!r}\nCONTACT = {CONTACT!r}\n", encoding="utf-8")


def _show() -> None:
    noted = _read_notes(settings().instance)
    if noted is None:
        click.echo(f"Open {settings().base_url} (no demo here: this installation has data of its own).")
        return
    base = settings().base_url.rstrip("/")
    click.echo(f"\n  Answer     {base}/\n  Sign in    {base}/staff/   password for all: {noted['password']}\n")
    for person in PEOPLE:
        click.echo(f"  {person.email:30} {person.role:15} {person.shows}")
    unused = _unused(noted["codes"])
    click.echo("\n  Codes of the open round that nobody has used:")
    for unit, code in unused:
        click.echo(f"  {code:30} {unit}")
    if unused:
        click.echo(f"\n  A code in its link, as on a slip: {base}/#{unused[0][1]}")
    click.echo("")


def _is_empty(session: Session) -> bool:
    return not (organisations.communities(session) or accounts.accounts(session) or rounds.rounds(session))


def _load(session: Session, password: str) -> dict[str, list[str]]:
    if session.get_bind().dialect.name == "sqlite":  # boxes are rewritten thousands of times: in memory, not on disk
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIBIBYTES}")
    demo_context = round_loader.DemoContext(settings().surveys / SURVEY, settings().keys, secret(), now())
    region = round_loader.load_organisations_and_support(session, demo_context)
    round_loader.load_catalogue(session, demo_context, ZoneInfo(settings().time_zone))
    counted = [
        round_loader.load_past_round(session, demo_context, region, number)
        for number in range(round_loader.PAST_ROUNDS)
    ]
    principals = load_people_and_return_principals(session, password=password, now=demo_context.now)
    load_followups_of_last_two_rounds(session, counted, surveys=settings().surveys, principals=principals, now=now())
    load_seat_requests_and_allocation(session, region, now=demo_context.now)
    load_course_participation(session, now=demo_context.now)
    return round_loader.load_open_round(session, demo_context, region)


def _unused(codes: dict[str, list[str]]) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []
    with read_session() as session:
        for unit, drawn in list(codes.items())[:: len(codes) // PRINTED_CODES or 1]:
            result += [(unit, code) for code in drawn if _is_good(session, code)][:1]
    return result[:PRINTED_CODES]


def _is_good(session: Session, code: str) -> bool:
    try:
        answering.resolve_code(session, code, secret=secret(), now=now())
    except answering.InvalidCode:
        return False
    return True


def _write_notes(instance: Path, content: dict[str, Any]) -> None:
    path = instance / "demo.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


def _read_notes(instance: Path) -> dict[str, Any] | None:
    path = instance / "demo.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
