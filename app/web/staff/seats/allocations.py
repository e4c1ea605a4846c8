"""Allocation of seats for coordinators: compute, review, change, publish and export."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.catalogue import Course, Offering
from app.core.matching.background_tasks import TaskState
from app.core.matching.linear_programme import AllocationLimits
from app.core.organisations import ReportingUnit
from app.render.letters import letterhead
from app.services import accounts, catalogue, mail, organisations, seats
from app.services.mail import MailContext
from app.services.seats import allocation_tasks
from app.store.database import Session, read_session, write_session
from app.store.seats import Override, StoredAllocation
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language
from app.web.shared.task_page import TaskTexts, task_page
from app.web.staff.seats.letters import seat_letters
from app.web.staff.seats.words import METHODS, REASONS, REFUSALS, STAGES, notes

blueprint = Blueprint("allocations", __name__, url_prefix="/staff/seats/allocation")
ALLOCATE = Permission.ALLOCATE_SEATS
MOST_SECONDS = 20.0
MOST_SEED = 2**31 - 1
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/")
@requires(ALLOCATE)
def index() -> ResponseReturnValue:
    """Show the newest allocation, beside what other ways of sharing would lead to."""
    require_permission_at(ALLOCATE)
    with read_session() as session:
        allocation = seats.allocation(session)
        inputs = seats.allocation_inputs(session, now=now())
        outcomes = seats.compare_allocations(session, seed=allocation.allocation.seed if allocation else 1, now=now())
        titles = _titles(session)
        credit = seats.refusal_credits_by_community(seats.published_allocation(session))
    return render_template(
        "staff/seats/allocation.html",
        kept=allocation,
        desk=inputs,
        outcomes=outcomes,
        titles=titles,
        names={unit.id: unit.name for unit in _units()},
        final=seats.final_seats(allocation) if allocation else {},
        notes=notes(allocation),
        credit={name: number for name, number in credit.items() if number >= 1 / 2},
        most_seconds=int(MOST_SECONDS),
        REASONS=REASONS,
        METHODS=METHODS,
    )


@blueprint.post("/run")
@requires(ALLOCATE)
def run() -> ResponseReturnValue:
    """Share today's seats, at once or in the background; the answer is a draft until it is published."""
    require_permission_at(ALLOCATE)
    try:
        seed = min(abs(int(request.form.get("seed") or 1)), MOST_SEED)
        budget = float(request.form["budget"].replace(",", ".")) if request.form.get("budget") else None
    except ValueError:
        flash(gettext("Write the random seed and the budget as numbers."), "error")
        return redirect(url_for("allocations.index"))
    limits = AllocationLimits(budget=budget, two_or_none="two_or_none" in request.form, seconds=MOST_SECONDS)
    with read_session() as session:
        quick = seats.allocation_inputs(session, now=now()).is_quick(limits)
    with write_session() as session:
        if not quick and settings().jobs:
            number = allocation_tasks.request_allocation(session, limits, seed=seed, by=current_account().id, now=now())
            return redirect(url_for("allocations.task", number=number))
        seats.run_allocation(session, seed=seed, limits=limits, by=current_account().id, now=now())
    flash(gettext("The seats have been allocated. Check the allocation before you publish it."), "success")
    return redirect(url_for("allocations.index"))


@blueprint.get("/task/<int:number>")
@requires(ALLOCATE)
def task(number: int) -> ResponseReturnValue:
    """Tell how far an allocation in the background has come."""
    require_permission_at(ALLOCATE)
    with read_session() as session:
        found_task = allocation_tasks.QUEUE.task(session, number) or abort(404)
    if found_task.state is TaskState.DONE:
        flash(gettext("The seats have been allocated. Check the allocation before you publish it."), "success")
        return redirect(url_for("allocations.index"))
    lead = gettext(
        "A minimum group size, a budget or pairs require a longer calculation. Each calculation ends after at most "
        "%(limit)s seconds with the best allocation found so far.",
        limit=int(found_task.limits.seconds),
    )
    texts = TaskTexts(
        heading=gettext("The seats are being allocated"),
        area=gettext("Seat allocation"),
        lead=lead,
        failed=gettext(
            "The allocation failed. Nothing was changed; allocate the seats again, or with fewer conditions."
        ),
        stopped=gettext("The allocation was stopped. Nothing was changed."),
    )
    return task_page("allocations", found_task, texts, STAGES)


@blueprint.post("/task/<int:number>/stop")
@requires(ALLOCATE)
def stop(number: int) -> ResponseReturnValue:
    """Stop an allocation in the background."""
    require_permission_at(ALLOCATE)
    with write_session() as session:
        allocation_tasks.QUEUE.end(session, number, TaskState.STOPPED, now=now())
    return redirect(url_for("allocations.task", number=number))


@blueprint.post("/<int:number>/override")
@requires(ALLOCATE)
def override(number: int) -> ResponseReturnValue:
    """Decide one wish otherwise, with a note."""
    require_permission_at(ALLOCATE)
    community, _separator, offering = request.form.get("pair", "").partition("|")
    wanted = request.form.get("seats", "")
    note = request.form.get("note", "")[:500]
    decided = Override(community, offering, int(wanted) if wanted.isdecimal() else -1, note)
    try:
        with write_session() as session:
            seats.override(session, number, decided, by=current_account().id, now=now())
    except seats.OverrideError as refused:
        flash(str(REFUSALS[refused.why]), "error")
    else:
        flash(gettext("Changed manually; the reason was saved."), "success")
    return redirect(url_for("allocations.index"))


@blueprint.route("/<int:number>/publish", methods=["GET", "POST"])
@requires(ALLOCATE)
def publish(number: int) -> ResponseReturnValue:
    """Ask, then let the communities see an allocation, and write to those who wished."""
    require_permission_at(ALLOCATE)
    allocation = _kept(number)
    if request.method == "GET":
        return _asked(allocation)
    with write_session() as session:
        first = seats.publish(session, number, by=current_account().id, now=now())
        if first and settings().smtp_url:
            unmet = seats.unmet_by_community(session, allocation, now=now())
            units = organisations.region(session).units
            letters = seat_letters(allocation, units, accounts.accounts(session), unmet)
            context = MailContext(head=letterhead(settings()), secret=secret(), now=now())
            mail.write_follow_ups(session, letters, context=context)
    flash(gettext("The communities can now see their seats."), "success")
    return redirect(url_for("allocations.index"))


def _asked(allocation: StoredAllocation) -> str:
    with read_session() as session:
        losing = seats.communities_losing_seats(session, allocation)
    number = len(allocation.allocation.shares)
    told = [
        ngettext(
            "One community sees its decisions and the reason for each.",
            "%(num)s communities see their decisions and the reason for each.",
            number,
        ),
        gettext("This cannot be undone. Single decisions can be changed manually later, with a reason."),
    ]
    if settings().smtp_url:
        told.append(gettext("Those who requested seats are informed by e-mail."))
    if losing:
        names = {unit.id: unit.name for unit in _units()}
        told.append(
            gettext(
                "It replaces the published allocation. These communities would get fewer seats than promised: "
                "%(names)s.",
                names=", ".join(names.get(item, item) for item in losing),
            )
        )
    return render_template(
        "staff/confirm.html",
        heading=gettext("Publish to the communities?"),
        told=told,
        yes=gettext("Yes, publish"),
        back=url_for("allocations.index"),
        is_dangerous=bool(losing),
    )


@blueprint.get("/<int:number>/letters")
@requires(ALLOCATE)
def letters(number: int) -> ResponseReturnValue:
    """Show a letter for each community that asked, a page each, to print or to send."""
    require_permission_at(ALLOCATE)
    allocation = _kept(number)
    with read_session() as session:
        titles = _titles(session)
        unmet = seats.unmet_by_community(session, allocation, now=now())
    given = {
        share.community: [grant for grant in allocation.allocation.given if grant.wish.community == share.community]
        for share in allocation.allocation.shares
    }
    return render_template(
        "staff/seats/letters.html",
        kept=allocation,
        given=given,
        unmet=unmet,
        final=allocation.final,
        notes=notes(allocation),
        names={unit.id: unit.name for unit in _units()},
        titles=titles,
        REASONS=REASONS,
    )


@blueprint.get("/<int:number>/list.<any(csv, xlsx):kind>")
@requires(ALLOCATE)
def provider_list(number: int, kind: str) -> ResponseReturnValue:
    """Hand out who comes to which course: for those who hold it, without any result."""
    require_permission_at(ALLOCATE)
    allocation = _kept(number)
    zone = ZoneInfo(settings().time_zone)
    chosen = request.args.get("offering") or None
    with read_session() as session:
        rows = seats.provider_rows(session, allocation, language=language(), zone=zone, offering=chosen)
    header = (
        gettext("Provider"),
        gettext("Course"),
        gettext("Time"),
        gettext("Place"),
        gettext("Municipality"),
        gettext("Community"),
        gettext("Seats"),
    )
    content = seats.provider_file(kind, gettext("Seats"), header, rows)
    headers = {"Content-Type": TYPES[kind], "Content-Disposition": f"attachment; filename=seats-{number}.{kind}"}
    return Response(content, headers=headers)


def _kept(number: int) -> StoredAllocation:
    with read_session() as session:
        return seats.allocation(session, number) or abort(404)


def _titles(session: Session) -> dict[str, tuple[Course, Offering]]:
    # All of them: an answer keeps its course's name when nobody can register to it any more.
    return {
        offering.external_id: (course, offering)
        for course in catalogue.courses(session)
        for offering in course.offerings
    }


def _units() -> tuple[ReportingUnit, ...]:
    with read_session() as session:
        return organisations.region(session).units
