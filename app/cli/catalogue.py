"""`flask catalogue`: import or export the course catalogue, or write an empty template."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from app.cli.languages import with_english_messages
from app.cli.output import write_output
from app.cli.table_errors import print_errors_and_make_exception, print_notices
from app.core.catalogue.table_reader import raise_if_errors
from app.core.languages import Language
from app.core.tables.errors import TableImportError
from app.services import catalogue
from app.store.database import read_session, write_session
from app.web.shared.app_context import now, settings
from app.web.shared.course_addresses import public_course_url

group = AppGroup("catalogue", help="Import and export the catalogue of courses.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and store nothing.")
@with_english_messages
def import_(file: Path, dry_run: bool) -> None:
    """Import courses and offerings from FILE (CSV, XLSX or JSON-LD): all of it or nothing."""
    zone = ZoneInfo(settings().time_zone)
    run = catalogue.check_import if dry_run else catalogue.import_courses
    try:
        with write_session() as session:
            checked = run(session, file.read_bytes(), zone=zone, now=now())
            raise_if_errors(checked)
    except TableImportError as refused:
        raise print_errors_and_make_exception(refused) from refused
    print_notices(checked.notices)
    click.echo(
        f"{len(checked.courses)} courses with {checked.offering_count} offerings: {len(checked.added)} new, "
        f"{len(checked.changed)} changed, {len(checked.unchanged)} as before."
        + (" Nothing was stored (dry run)." if dry_run else "")
    )


@group.command("export")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx", "jsonld"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def export(kind: str, output: Path | None) -> None:
    """Write the whole catalogue; importing it again changes nothing."""
    zone = ZoneInfo(settings().time_zone)
    with read_session() as session:
        _write(catalogue.export(session, kind, zone=zone, address=public_course_url), output)


@group.command("template")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.option(
    "--language", type=click.Choice([language.value for language in Language]), default="fi", show_default=True
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def template(kind: str, language: str, output: Path | None) -> None:
    """Write the empty table; the XLSX explains each column on a second sheet."""
    content = catalogue.template_csv() if kind == "csv" else catalogue.template_xlsx(Language(language))
    _write(content, output)


def _write(content: bytes, output: Path | None) -> None:
    write_output(content, output)
    if output is not None:
        click.echo(f"{output} written.")
