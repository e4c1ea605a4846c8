"""`flask disclosure attack ROUND`: try to derive more from a publication than it shows."""

import time

import click
from flask.cli import AppGroup

from app.core.disclosure.attack import AttackReport, HiddenSet, attack_publication
from app.core.publication import Publication
from app.core.rounds import RoundId
from app.store import publications
from app.store.database import read_session

group = AppGroup("disclosure", help="Attack what was published.")
SHOWN = 10


@group.command("attack")
@click.argument("round_id", type=int, metavar="ROUND")
@click.option("--narrowest", default=SHOWN, show_default=True, help="How many of the narrowest sets to print.")
def attack_round(round_id: int, narrowest: int) -> None:
    """Attack ROUND's publication: combine everything it states and bound its hidden sets; fails if one is revealed."""
    with read_session() as session:
        stored = publications.find_including_replaced(session, RoundId(round_id))
        publication = None if stored is None else stored.load_completely()
    if publication is None:
        raise click.ClickException(f"Round {round_id} has not been counted.")
    begun = time.process_time()
    report = attack_publication(publication, exact=True, progress=_print_progress)
    click.echo("", err=True)
    _print(report, publication, seconds=time.process_time() - begun, narrowest=narrowest)
    if report.insufficiently_protected_sets:
        raise click.ClickException("Some hidden sets are known too well.")


def _print_progress(done: int, total: int) -> None:
    if done % 25 == 0 or done == total:
        click.echo(f"\r{done} of {total} hidden sets", nl=False, err=True)


def _print(report: AttackReport, publication: Publication, *, seconds: float, narrowest: int) -> None:
    broken = len(report.insufficiently_protected_sets)
    click.echo(f"{len(report.targets)} hidden sets attacked in {seconds:.1f} s, {broken} broken")
    for target in report.targets[:narrowest]:
        bounds = f"{target.low:.1f}–{target.high:.1f}\t{target.steps:.2f} steps"
        click.echo(f"{target.measure}\t{bounds}\t{_set_names(target, publication)}")


def _set_names(target: HiddenSet, publication: Publication) -> str:
    units = publication.region.units
    return ", ".join(units[cell.unit].name + (f" ({cell.group})" if cell.group else "") for cell in target.leaves)
