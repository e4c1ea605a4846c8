"""`flask data export` and `flask data import`: data packages in open formats."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.languages import with_english_messages
from app.cli.output import write_output
from app.cli.table_errors import print_errors_and_make_exception
from app.core.tables.errors import TableImportError
from app.services.data_package import package
from app.services.data_package.round_choice import omitted_rounds
from app.store.database import dry_run_session, write_session
from app.web.shared.app_context import now
from app.web.shared.data_parts import part_formats_in_import_order
from app.web.staff.data_package.forms import NEVER_EXPORTED

group = AppGroup("data", help="Export everything that may leave an installation, and import it into another one.")


@group.command("export")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
@with_english_messages
def export(output: Path | None) -> None:
    """Write a data package: one ZIP of CSV, JSON and TOML files.

    It contains names and e-mail addresses: store it like a backup. What it never contains is listed afterwards.
    """
    with write_session() as session:
        content = package.export_package(session, part_formats_in_import_order(), by=None, now=now())
        omitted = omitted_rounds(session)
    write_output(content, output)
    for round_ in omitted:
        click.echo(
            f"Round {round_.id} “{round_.title.main}” is left out: it is open, not released, or a planned pulse.",
            err=True,
        )
    click.echo("A data package never contains the following; a backup does:", err=True)
    for text in NEVER_EXPORTED.values():
        click.echo(f"  {text}", err=True)


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the package and store nothing.")
@with_english_messages
def import_(file: Path, dry_run: bool) -> None:
    """Import the data package FILE: all of it or nothing.

    What is stored already with the same content stays. Rounds can be imported only where there are none.
    """
    open_session = dry_run_session if dry_run else write_session
    try:
        with open_session() as session:
            done = package.import_package(
                session, file.read_bytes(), part_formats_in_import_order(), by=None, now=now()
            )
    except TableImportError as refused:
        raise print_errors_and_make_exception(refused) from refused
    for count in done.counts:
        click.echo(f"{count.part}: {count.changed} new or changed, {count.unchanged} as before")
    click.echo(
        "Nothing was stored (dry run)."
        if dry_run
        else "Imported. New people set a password with a one-time code: `flask people password EMAIL`."
    )
