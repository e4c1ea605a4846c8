"""`flask version`: print the version of the program."""

import platform

import click

from app.config import ROOT, VERSION
from app.store import schema_revision


@click.command("version")
def version() -> None:
    """Print the version of the program, of its newest migration and of Python."""
    newest = schema_revision.head_revision(ROOT / "migrations")
    click.echo(f"Voimavara {VERSION}, migration {newest}, Python {platform.python_version()}")
