"""`flask results export`: export publications."""

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.output import write_output
from app.cli.seal_words import REMEDY, seal_problem_text
from app.core.rounds import RoundId
from app.render.tabular_files import table_file
from app.reports import exports, publication_lookup
from app.store import publication_seals, publications
from app.store.database import read_session

group = AppGroup("results", help="Results: what was published of a round.")


@group.command("export")
@click.argument("name", metavar="ROUND")
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx"]), default="json", show_default=True)
@click.option("--strain", is_flag=True, help="With csv and xlsx: demands and control, in place of the scales.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def export(name: str, form: str, strain: bool, output: Path | None) -> None:
    """Print the frozen publication of ROUND, a number or an exact title.

    JSON holds the scales, the single questions, demands and control together (shares of people in the four
    quadrants, and the balance of the two means) and the quality of the scales. CSV and XLSX are one table: the
    scales, or with --strain demands and control. CSV is as Finnish and Swedish spreadsheets open it: semicolons
    between cells, a comma in a number, UTF-8 with a mark.
    """
    if strain and form == "json":
        raise click.UsageError("--strain chooses a table of --format csv or xlsx; JSON holds it anyway.")
    with read_session() as session:
        publication = publication_lookup.find_publication_by_round_title_or_id(session, name)
        replaced = publication_lookup.find_replacement_by_round_title_or_id(session, name)
    if publication is None and replaced is not None:
        raise click.ClickException(
            f"the results of this round were replaced on {replaced.at:%Y-%m-%d} by those of round {replaced.by}, "
            f"because: {replaced.because}"
        )
    if publication is None:
        raise click.ClickException(f"there is no counted round “{name}”; `flask round list` names the rounds.")
    if form == "json":
        content = exports.export_json(publication).encode() + b"\n"
    else:
        rows = exports.demand_control_table(publication) if strain else exports.scale_figure_table(publication)
        content = table_file(form, "results", rows)
    write_output(content, output)


@group.command("verify")
@click.argument("numbers", metavar="[ROUND]...", type=int, nargs=-1)
def verify(numbers: Sequence[int]) -> None:
    """Check that stored publications are what was sealed at the count; without ROUND, all of them.

    Compares the certificate of the count with the header, the header with every part, and the columns that lists
    show with both. A publication that an earlier version stored as one text is joined, and its digest compared. Fails
    if anything was changed, is missing or was added.
    """
    with read_session() as session:
        seals = publications.seals_by_round(session)
        unknown = [number for number in numbers if RoundId(number) not in seals]
        if unknown:
            raise click.ClickException(f"round {unknown[0]} has not been counted.")
        wrong = 0
        for round_id in [RoundId(number) for number in numbers] or seals:
            problems = publication_seals.seal_problems(session, round_id, join=True)
            wrong += bool(problems)
            for problem in problems:
                click.echo(f"round {round_id}: {seal_problem_text(problem)}.", err=True)
            if not problems:
                click.echo(f"round {round_id}: as sealed, {seals[round_id]}")
    if wrong:
        raise click.ClickException(f"{wrong} publications are not as they were sealed. {REMEDY}")
