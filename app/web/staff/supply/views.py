"""Supply planning: request a plan for the next term, read it, and enter the used seats."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.matching.background_tasks import TaskState
from app.core.matching.seat_use import SeatUseTotals
from app.core.matching.supply_case import SupplyPlanRequest
from app.core.organisations import Municipality
from app.core.tables.errors import TableError, TableImportError
from app.render.tabular_files import xlsx_bytes
from app.services import catalogue, matching, organisations, supply
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, settings, today
from app.web.shared.table_error_words import error_message_without_location, error_sentences
from app.web.shared.table_files import send_table_file
from app.web.shared.task_page import TaskTexts, task_page
from app.web.staff.supply.forms import FLOORS, MOST_TIMES, ROOMS, InvalidNumber, parse_supply_request
from app.web.staff.supply.words import (
    NOT_HELD,
    STAGES,
    guarantee_cost_text,
    percent,
    plan_sheets,
    planned_offering_lookup,
)

blueprint = Blueprint("supply", __name__, url_prefix="/staff/supply")
PLAN = Permission.ALLOCATE_SEATS
SECONDS = 25.0
# Without background jobs the page itself waits.
SECONDS_OF_A_PAGE = 8.0
MOST_BYTES = 1_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/")
@requires(PLAN)
def index() -> ResponseReturnValue:
    """Show the newest plan and the form that asks for another."""
    require_permission_at(PLAN)
    with read_session() as session:
        if not matching.is_any_survey_released(session):
            return render_template("staff/matching/nothing.html")
        stored = supply.find_latest_finished_plan(session)
        titles = planned_offering_lookup(catalogue.courses(session))
        places = supply.on_site_places(session, now=now())
        towns = _members(session)
        used = SeatUseTotals.sum_up(supply.seat_uses(session))
    return render_template(
        "staff/supply/index.html",
        stored=stored,
        plan=stored.plan if stored else None,
        asked=stored.request if stored else SupplyPlanRequest(),
        titles=titles,
        places=places,
        municipalities={town.id: town.name for town in towns},
        floors={floor.municipality: floor for floor in stored.plan.floors} if stored and stored.plan else {},
        used=used,
        most_times=MOST_TIMES,
        NOT_HELD=NOT_HELD,
        ROOMS=ROOMS,
        FLOORS=FLOORS,
        percent=percent,
        guarantee_cost_text=guarantee_cost_text,
    )


@blueprint.post("/run")
@requires(PLAN)
def run() -> ResponseReturnValue:
    """Ask for a plan: in the background where jobs run, else at once."""
    require_permission_at(PLAN)
    seconds = SECONDS if settings().jobs else SECONDS_OF_A_PAGE
    try:
        asked = parse_supply_request(request.form, seconds=seconds)
    except InvalidNumber as wrong:
        flash(_wrong_field(str(wrong)), "error")
        return redirect(url_for("supply.index"))
    with write_session() as session:
        if settings().jobs:
            number = supply.request_plan(session, asked, by=current_account().id, now=now())
            return redirect(url_for("supply.task", number=number))
        if supply.run_plan(session, asked, by=current_account().id, now=now()) is None:
            flash(gettext("There are no released results on which to base a plan."), "error")
        else:
            flash(gettext("The plan is ready."), "success")
    return redirect(url_for("supply.index"))


def _wrong_field(name: str) -> str:
    """Say which field of the form holds no number that it can hold."""
    if name.startswith(ROOMS):
        return str(gettext("%(place)s: write how many times as a whole number.", place=name.removeprefix(ROOMS)))
    if name.startswith(FLOORS):
        with read_session() as session:
            towns = {town.id: town.name for town in _members(session)}
        town = name.removeprefix(FLOORS)
        return str(gettext("%(municipality)s: write the seats as a whole number.", municipality=towns.get(town, town)))
    titles = {
        "money": gettext("Budget in euros"),
        "hours": gettext("Hours of training"),
        "times": gettext("Each course at most"),
        "floor_per_100": gettext("Seats guaranteed for every 100 staff"),
        "uptake": gettext("Share of staff that can take part, per cent"),
        "fill": gettext("Smallest group, per cent of the seats"),
    }
    return str(gettext("%(field)s: write a number in digits.", field=titles.get(name, name)))


@blueprint.get("/task/<int:number>")
@requires(PLAN)
def task(number: int) -> ResponseReturnValue:
    """Show the progress of a plan in the background."""
    require_permission_at(PLAN)
    with read_session() as session:
        stored = supply.find_plan(session, number) or abort(404)
    if stored.state is TaskState.DONE:
        flash(gettext("The plan is ready."), "success")
        return redirect(url_for("supply.index"))
    texts = TaskTexts(
        heading=gettext("The plan is being made"),
        area=gettext("Courses for the next term"),
        lead=gettext(
            "The search ends after about %(limit)s seconds at the latest, with the best plan found so far.",
            limit=int(stored.request.seconds),
        ),
        failed=gettext("The plan could not be made. Nothing was changed; try again, or with fewer limits."),
        stopped=gettext("The search was stopped. Nothing was changed."),
    )
    return task_page("supply", stored, texts, STAGES)


@blueprint.post("/task/<int:number>/stop")
@requires(PLAN)
def stop(number: int) -> ResponseReturnValue:
    """Stop a plan that is worked out in the background."""
    require_permission_at(PLAN)
    with write_session() as session:
        supply.stop_plan_task(session, number, now=now())
    return redirect(url_for("supply.task", number=number))


@blueprint.get("/<int:number>.xlsx")
@requires(PLAN)
def download(number: int) -> Response:
    """Hand out a plan as a workbook."""
    require_permission_at(PLAN)
    with read_session() as session:
        stored = supply.find_plan(session, number)
        titles = planned_offering_lookup(catalogue.courses(session))
        towns = {town.id: town.name for town in _members(session)}
    if stored is None or stored.plan is None:
        abort(404)
    headers = {"Content-Type": XLSX, "Content-Disposition": f"attachment; filename=supply-plan-{number}.xlsx"}
    return Response(xlsx_bytes(plan_sheets(stored.plan, titles, towns)), headers=headers)


@blueprint.route("/used", methods=["GET", "POST"])
@requires(PLAN)
def edit_seat_use() -> ResponseReturnValue:
    """Show and edit how many seats of each offering were used."""
    require_permission_at(PLAN)
    faults: dict[str, list[str]] = {}
    if request.method == "POST":
        cells = _sent_cells()
        try:
            with write_session() as session:
                number = supply.save_seat_use(session, cells, zone=_zone(), by=current_account().id, now=now())
        except TableImportError as refused:
            faults = _faults_by_offering(cells, refused.problems)
        else:
            _flash_saved(number)
            return redirect(url_for("supply.edit_seat_use"))
    return _used_page(faults=faults)


@blueprint.post("/used/import")
@requires(PLAN)
def import_seat_use() -> ResponseReturnValue:
    """Import the seats that were used from a table, all of it or nothing."""
    require_permission_at(PLAN)
    uploaded = request.files.get("file")
    content = uploaded.read(MOST_BYTES + 1) if uploaded else b""
    if not content or len(content) > MOST_BYTES:
        return _used_page(problems=[gettext("Choose a file of at most one megabyte.")])
    try:
        with write_session() as session:
            number = supply.import_seat_use(session, content, zone=_zone(), by=current_account().id, now=now())
    except TableImportError as refused:
        return _used_page(problems=error_sentences(refused.problems))
    _flash_saved(number)
    return redirect(url_for("supply.edit_seat_use"))


@blueprint.get("/used/template.<any(csv, xlsx):kind>")
@requires(PLAN)
def prefilled_seat_use_table(kind: str) -> Response:
    """Send the table of used seats to fill in, with the known numbers."""
    require_permission_at(PLAN)
    with read_session() as session:
        content = supply.export_seat_use(session, kind=kind)
    return send_table_file(content, kind=kind, name="seats-used")


def _used_page(
    *, faults: Mapping[str, list[str]] | None = None, problems: list[str] | None = None
) -> ResponseReturnValue:
    with read_session() as session:
        uses = supply.seat_uses(session)
        courses = catalogue.courses(session)
        granted = supply.last_granted_seats_by_offering(session)
    entered = {use.offering: (str(use.taken), str(use.completed)) for use in uses} | _sent_cells()
    day = today()
    begun = [
        (course, offering)
        for course in courses
        for offering in course.offerings
        if offering.external_id in entered or offering.first_day is None or offering.first_day <= day
    ]
    listed = {offering.external_id for _course, offering in begun}
    page = render_template(
        "staff/supply/used.html",
        begun=begun,
        gone={name: texts for name, texts in (faults or {}).items() if name not in listed},
        entered=entered,
        granted=granted,
        sums=SeatUseTotals.sum_up(uses),
        faults=faults or {},
        problems=problems or [],
        percent=percent,
    )
    return (page, 422) if faults or problems else page


def _sent_cells() -> dict[str, tuple[str, str]]:
    """Return what the form sent by offering: seats taken and completed."""
    names = [name.removeprefix("taken|") for name in request.form if name.startswith("taken|")]
    return {name: (request.form.get(f"taken|{name}", ""), request.form.get(f"completed|{name}", "")) for name in names}


def _faults_by_offering(cells: Mapping[str, tuple[str, str]], problems: tuple[TableError, ...]) -> dict[str, list[str]]:
    """Put each fault beside its offering; rows of the form count from 1, empty ones left out."""
    filled = [name for name, pair in cells.items() if any(cell.strip() for cell in pair)]
    result: dict[str, list[str]] = {}
    for problem in problems:
        title = gettext("Completed") if problem.column == "completed" else gettext("Taken")
        result.setdefault(filled[problem.row - 1], []).append(f"{title}: {error_message_without_location(problem)}")
    return result


def _flash_saved(number: int) -> None:
    flash(ngettext("Saved: numbers of one offering.", "Saved: numbers of %(num)s offerings.", number), "success")


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().time_zone)


def _members(session: Session) -> tuple[Municipality, ...]:
    """Return the municipalities that a plan is made for: the members, or all where none is."""
    towns = organisations.region(session).municipalities
    return tuple(town for town in towns if town.member) or towns
