"""`flask` commands for surveys by others: dates by municipality, and the crosswalk of scales."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.languages import with_english_messages
from app.cli.table_errors import print_errors_and_make_exception, print_notices
from app.cli.texts import SingleLineText
from app.core.other_surveys import LONGEST_NAME, OtherSurvey
from app.core.tables.errors import TableImportError
from app.services import other_surveys
from app.store.database import Session, read_session, write_session
from app.web.shared.app_context import now

group = AppGroup("other-surveys", help="Surveys of others: when they ask, and which of their scales resemble ours.")
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_KIND = click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
_OUTPUT = click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it."
)


@group.command("list")
def list_surveys() -> None:
    """List the surveys of others with their numbers, oldest first."""
    with read_session() as session:
        surveys = other_surveys.other_surveys(session)
    for survey in surveys:
        click.echo(f"{survey.id}\t{survey.municipality}\t{survey.first}–{survey.last}\t{survey.title}")


@group.command("add")
@click.argument("municipality")
@click.argument("title", type=SingleLineText(LONGEST_NAME))
@click.option("--first", type=_DAY, required=True, help="The first day to answer.")
@click.option("--last", type=_DAY, required=True, help="The last day to answer.")
def add(municipality: str, title: str, first: datetime, last: datetime) -> None:
    """Add the survey TITLE with its first and last day in MUNICIPALITY (its identifier)."""
    survey = OtherSurvey(0, municipality, title, first.date(), last.date())
    with _errors_as_messages(), write_session() as session:
        number = other_surveys.add_other_survey(session, survey, by=None, now=now())
    click.echo(f"Survey {number} entered.")


@group.command("change")
@click.argument("number", type=int)
@click.option("--title", type=SingleLineText(LONGEST_NAME), help="Without it the name stays.")
@click.option("--first", type=_DAY, help="Without it the first day stays.")
@click.option("--last", type=_DAY, help="Without it the last day stays.")
def change(number: int, title: str | None, first: datetime | None, last: datetime | None) -> None:
    """Change name or days of survey NUMBER."""
    with _errors_as_messages(), write_session() as session:
        stored = _stored(session, number)
        changed = OtherSurvey(
            number,
            stored.municipality,
            title or stored.title,
            first.date() if first else stored.first,
            last.date() if last else stored.last,
        )
        other_surveys.update_other_survey(session, stored, changed, by=None, now=now())
    click.echo(f"Survey {number} changed.")


@group.command("delete")
@click.argument("number", type=int)
def delete(number: int) -> None:
    """Delete survey NUMBER."""
    with _errors_as_messages(), write_session() as session:
        other_surveys.delete_other_survey(session, _stored(session, number), by=None, now=now())
    click.echo(f"Survey {number} deleted.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and store nothing.")
@with_english_messages
def import_crosswalk(file: Path, dry_run: bool) -> None:
    """Import the crosswalk from FILE (CSV or XLSX): all of it or nothing."""
    content = file.read_bytes()
    try:
        with write_session() as session:
            checked = other_surveys.require_no_problems(other_surveys.check_crosswalk(session, content))
            if not dry_run:
                other_surveys.import_crosswalk(session, content, by=None, now=now())
    except TableImportError as refused:
        raise print_errors_and_make_exception(refused) from refused
    print_notices(checked.notices)
    click.echo(
        f"{len(checked.matches)} scales: {len(checked.added)} new, {len(checked.changed)} changed, "
        f"{len(checked.unchanged)} as before, {len(checked.removed)} removed."
        + (" Nothing was stored (dry run)." if dry_run else "")
    )


@group.command("export")
@_KIND
@_OUTPUT
def export_crosswalk(kind: str, output: Path | None) -> None:
    """Write the crosswalk; importing it again changes nothing."""
    with read_session() as session:
        _write(other_surveys.export_crosswalk(session, kind=kind), output)


@group.command("template")
@_KIND
@_OUTPUT
def crosswalk_template(kind: str, output: Path | None) -> None:
    """Write the empty crosswalk table."""
    _write(other_surveys.empty_crosswalk_file(kind=kind), output)


def _stored(session: Session, number: int) -> OtherSurvey:
    survey = other_surveys.find_other_survey(session, number)
    if survey is None:
        message = f"there is no survey {number}: see flask other-surveys list."
        raise click.ClickException(message)
    return survey


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    try:
        yield
    except other_surveys.UnknownMunicipality as refused:
        message = f"there is no municipality {refused}: see flask organisations list."
        raise click.ClickException(message) from refused
    except (other_surveys.ChangedMeanwhile, ValueError) as refused:
        raise click.ClickException(str(refused)) from refused


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)
        click.echo(f"{output} written.")
