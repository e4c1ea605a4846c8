"""`flask` commands for municipalities and communities: import, export, list and template."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.languages import with_english_messages
from app.cli.output import write_output
from app.cli.table_errors import print_errors_and_make_exception, print_notices
from app.core.instruments import staff_group_names_by_id
from app.core.tables.errors import TableImportError
from app.services import organisations
from app.store.database import read_session, write_session
from app.store.instruments import load_questionnaires
from app.web.shared.app_context import now, settings

group = AppGroup("organisations", help="Municipalities and communities, and how many people work in each.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and store nothing.")
@with_english_messages
def import_(file: Path, dry_run: bool) -> None:
    """Import communities from FILE (CSV or XLSX): all of it or nothing."""
    try:
        with write_session() as session:
            content = file.read_bytes()
            checked = organisations.require_no_problems(organisations.check_import(session, content, groups=_groups()))
            if not dry_run:
                organisations.import_organisations(session, content, groups=_groups(), by=None, now=now())
    except TableImportError as refused:
        raise print_errors_and_make_exception(refused) from refused
    print_notices(checked.notices)
    click.echo(
        f"{len(checked.communities)} communities with {checked.staff} people: {len(checked.added)} new, "
        f"{len(checked.changed)} changed, {len(checked.unchanged)} as before; "
        f"{len(checked.untouched)} that the file does not name stay as they are."
        + (" Nothing was stored (dry run)." if dry_run else "")
    )


@group.command("list")
def list_organisations() -> None:
    """List every community by municipality."""
    with read_session() as session:
        communities = organisations.communities(session)
    for community in sorted(communities, key=lambda community: community.municipality):
        joined = f"\tjoined to {community.joined_to}" if community.joined_to else ""
        click.echo(
            f"{community.municipality}\t{community.id}\t{community.name}\t{community.kind}\t{community.staff_count}{joined}"
        )


@group.command("template")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def template(kind: str, output: Path | None) -> None:
    """Write the empty table with a column for each staff group of the questionnaires."""
    content = organisations.empty_import_file(_groups(), kind=kind)
    write_output(content, output)


@group.command("export")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def export(kind: str, output: Path | None) -> None:
    """Write every community; importing it again changes nothing."""
    with read_session() as session:
        content = organisations.export_organisations(session, _groups(), kind=kind)
    write_output(content, output)


def _groups() -> dict[str, tuple[str, ...]]:
    return staff_group_names_by_id(load_questionnaires(settings().surveys))
