"""Frozen publications from the command line: `flask results export`."""

import click
from flask.cli import AppGroup

from app.services.results import exports, publication_lookup
from app.store.database import read_session

group = AppGroup("results", help="Results: what was published of a round.")


@group.command("export")
@click.argument("name", metavar="ROUND")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("--strain", is_flag=True, help="With csv: demands and control together, in place of the scales.")
def export(name: str, form: str, strain: bool) -> None:
    """Print the frozen publication of ROUND, a number or an exact title.

    JSON holds the scales, the single questions, demands and control together (shares of people in the four
    quadrants, and the balance of the two means) and the quality of the scales. CSV is one table: the scales,
    or with --strain demands and control.
    """
    if strain and form != "csv":
        raise click.UsageError("--strain chooses a table of --format csv; JSON holds it anyway.")
    with read_session() as session:
        publication = publication_lookup.find_named(session, name)
        replaced = publication_lookup.replacement_named(session, name)
    if publication is None and replaced is not None:
        raise click.ClickException(
            f"the results of this round were replaced on {replaced.at:%Y-%m-%d} by those of round {replaced.by}, "
            f"because: {replaced.because}"
        )
    if publication is None:
        raise click.ClickException(f"there is no counted round “{name}”; `flask round list` names the rounds.")
    if form == "json":
        click.echo(exports.export_json(publication))
    else:
        click.echo(exports.strain_as_csv(publication) if strain else exports.export_csv(publication), nl=False)
