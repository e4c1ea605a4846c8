"""Everything in open formats: `flask data export` and `flask data import`."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.languages import with_english_messages
from app.cli.table_errors import print_errors
from app.core.tables.errors import TableImportError
from app.services.data_package import package
from app.services.data_package.round_choice import omitted_rounds
from app.store.database import dry_run_session, write_session
from app.web.shared.app_context import now
from app.web.shared.data_parts import part_formats

group = AppGroup("data", help="Export everything that may leave an installation, and import it into another one.")


@group.command("export")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def export(output: Path | None) -> None:
    """Write a data package: one ZIP of CSV, JSON and TOML files.

    It contains names and e-mail addresses: store it like a backup. It never contains passwords, codes, ballots,
    comments, letters or the audit log.
    """
    with write_session() as session:
        content = package.export_package(session, part_formats(), by=None, now=now())
        omitted = omitted_rounds(session)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)
    for round_ in omitted:
        click.echo(
            f"Round {round_.id} “{round_.title}” is left out: it is open, not released, or a planned pulse.", err=True
        )


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
            done = package.import_package(session, file.read_bytes(), part_formats(), by=None, now=now())
    except TableImportError as refused:
        raise print_errors(refused) from refused
    for count in done.counts:
        click.echo(f"{count.part}: {count.changed} new or changed, {count.unchanged} as before")
    click.echo(
        "Nothing was stored (dry run)."
        if dry_run
        else "Imported. New people set a password with a one-time code: `flask people password EMAIL`."
    )
