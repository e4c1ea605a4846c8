"""Frozen publications from the command line: `flask results export`."""

import click
from flask.cli import AppGroup

from app.services.results import finding, tables
from app.store.database import reading

group = AppGroup("results", help="Results: what was published of a round.")


@group.command("export")
@click.argument("name", metavar="ROUND")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
def export(name: str, form: str) -> None:
    """Print the frozen publication of ROUND, a number or an exact title."""
    with reading() as session:
        found = finding.find_named(session, name)
    if found is None:
        raise click.ClickException(f"there is no counted round “{name}”; `flask round list` names the rounds.")
    click.echo(tables.as_csv(found) if form == "csv" else tables.as_json(found), nl=form != "csv")
