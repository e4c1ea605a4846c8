"""`flask matching lists|supply`: course lists of communities, and which courses to hold next term."""

import json
import sys
import time

import click
from flask.cli import AppGroup

from app.core.matching.supply_case import SupplyPlanRequest
from app.core.matching.supply_planning import plan_supply
from app.render.tabular_files import csv_bytes
from app.services import catalogue, list_exports, matching, supply
from app.store.database import read_session
from app.web.shared.app_context import now

group = AppGroup("matching", help="Needs, lists and the courses to hold next, from the newest surveys.")


@group.command("lists")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
def print_course_recommendations(form: str) -> None:
    """Print the list of each community with its needs, the reasons and the seats that it can expect.

    JSON holds every need with its parts, the courses with the codes of their reasons, the best order without a look at
    the seats, and needs without a course. CSV is one table: a row for each course on a list, and for each need without.
    """
    with read_session() as session:
        lists = matching.find_or_build_region_lists(session, now=now(), wait=True)
    if lists is None:
        raise click.ClickException("no survey has been released yet; lists rest on released results.")
    if form == "csv":
        sys.stdout.buffer.write(csv_bytes(list_exports.course_lists_table(lists)))
    else:
        click.echo(json.dumps(list_exports.course_lists_as_dicts(lists, lists.units), ensure_ascii=False, indent=2))


@group.command("supply")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("--money", type=click.FloatRange(min=0), help="The budget in euros; without it no limit.")
@click.option("--hours", type=click.FloatRange(min=0), help="The hours of training; without it no limit.")
@click.option("--times", type=click.IntRange(1, 20), default=1, show_default=True, help="Each course at most.")
@click.option(
    "--floor", type=click.FloatRange(0, 100), default=5.0, show_default=True, help="Seats guaranteed per 100 staff."
)
@click.option("--room", "rooms", multiple=True, metavar="PLACE=TIMES", help="How many times a place can take.")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=25.0, show_default=True, help="The search at most.")
def print_course_supply_plan(
    form: str,
    money: float | None,
    hours: float | None,
    times: int,
    floor: float,
    rooms: tuple[str, ...],
    seconds: float,
) -> None:
    """Print which courses to hold next term within the limits; nothing is stored.

    JSON holds what is held and what is not, the price of each municipality's guarantee, what would be next, and how
    far from the best the plan may be. CSV is one table: what is held, and what is not, with the reason.
    """
    request = SupplyPlanRequest(
        money=money, hours=hours, rooms=_rooms(rooms), times=times, floor_per_100=floor, seconds=seconds
    )
    with read_session() as session:
        inputs = supply.gather_inputs(session, request, now=now())
        courses = catalogue.courses(session)
    if inputs is None:
        raise click.ClickException("no survey has been released yet; a plan rests on released results.")
    plan = plan_supply(inputs.case, clock=time.monotonic)
    if form == "csv":
        sys.stdout.buffer.write(csv_bytes(supply.plan_table(plan, courses)))
    else:
        click.echo(json.dumps(supply.plan_as_dict(plan, courses), ensure_ascii=False, indent=2))


def _rooms(texts: tuple[str, ...]) -> dict[str, int]:
    result = {}
    for text in texts:
        place, separator, number = text.rpartition("=")
        if not separator or not place or not number.isdecimal():
            raise click.UsageError(f"--room {text}: write the place and how many times, as in Library=3.")
        result[place] = int(number)
    return result
