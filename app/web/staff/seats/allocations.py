"""Allocation of seats for coordinators: compute, review, change, publish and export."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core.accounts import Permission
from app.core.catalogue import Course, Offering
from app.core.matching.background_tasks import TaskState
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import SeatGrant
from app.core.organisations import ReportingUnit, sort_ids_by_name
from app.core.text import sort_key
from app.render.mail_messages import sender_details
from app.services import accounts, catalogue, mail, organisations, seats
from app.services.mail import MailContext
from app.services.seats import allocation_tasks
from app.store.database import Session, read_session, write_session
from app.store.seats import Override, StoredAllocation
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, secret, settings
from app.web.shared.languages import language
from app.web.shared.recommendation_words import course_title
from app.web.shared.table_files import send_table_file
from app.web.shared.task_page import TaskTexts, task_page
from app.web.staff.seats.letters import seat_outcome_messages
from app.web.staff.seats.words import METHODS, REASONS, REFUSALS, STAGES, override_notes

blueprint = Blueprint("allocations", __name__, url_prefix="/staff/seats/allocation")
ALLOCATE = Permission.ALLOCATE_SEATS
MOST_SECONDS = 20.0
MOST_SEED = 2**31 - 1


@blueprint.get("/")
@requires(ALLOCATE)
def index() -> ResponseReturnValue:
    """Show the newest allocation next to those of other allocation methods."""
    require_permission_at(ALLOCATE)
    with read_session() as session:
        allocation = seats.find_allocation(session)
        inputs = seats.allocation_inputs(session, now=now())
        outcomes = seats.compare_allocation_methods(
            session, seed=allocation.allocation.seed if allocation else 1, now=now()
        )
        titles = _titles(session)
        credit = seats.refusal_credits_by_community(seats.find_published_allocation(session))
    names = {unit.id: unit.name for unit in _units()}
    kept_credits = {community for community, number in credit.items() if number >= 1 / 2}
    return render_template(
        "staff/seats/allocation.html",
        kept=allocation,
        granted=_grants_by_community(allocation, names) if allocation else {},
        not_held=_titles_in_order(allocation.allocation.cancelled, titles) if allocation else [],
        desk=inputs,
        outcomes=outcomes,
        titles=titles,
        names=names,
        final=seats.final_seats(allocation) if allocation else {},
        notes=override_notes(allocation),
        credit={community: credit[community] for community in sort_ids_by_name(kept_credits, names)},
        most_seconds=int(MOST_SECONDS),
        REASONS=REASONS,
        METHODS=METHODS,
    )


@blueprint.post("/run")
@requires(ALLOCATE)
def run() -> ResponseReturnValue:
    """Allocate the seats, at once or in the background; the result is a draft until it is published."""
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
    """Show the progress of an allocation in the background."""
    require_permission_at(ALLOCATE)
    with read_session() as session:
        found_task = allocation_tasks.QUEUE.find_task(session, number) or abort(404)
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
    """Change the allocation of one request manually, with a note."""
    require_permission_at(ALLOCATE)
    community, _separator, offering = request.form.get("pair", "").partition("|")
    wanted = request.form.get("seats", "")
    note = request.form.get("note", "")[:500]
    decided = Override(community, offering, int(wanted) if wanted.isdecimal() else -1, note)
    try:
        with write_session() as session:
            seats.override_seats(session, number, decided, by=current_account().id, now=now())
    except seats.OverrideError as refused:
        flash(str(REFUSALS[refused.why]), "error")
    else:
        flash(gettext("Changed manually; the reason was saved."), "success")
    return redirect(url_for("allocations.index"))


@blueprint.route("/<int:number>/publish", methods=["GET", "POST"])
@requires(ALLOCATE)
def publish_and_notify(number: int) -> ResponseReturnValue:
    """After confirmation, publish an allocation and notify the communities that requested seats."""
    require_permission_at(ALLOCATE)
    allocation = _kept(number)
    if request.method == "GET":
        return _asked(allocation)
    with write_session() as session:
        first = seats.publish_allocation(session, number, by=current_account().id, now=now())
        if first and settings().smtp_url:
            unmet = seats.unmet_requests_by_community(session, allocation, now=now())
            units = organisations.region(session).units
            letters = seat_outcome_messages(allocation, units, accounts.accounts(session), unmet)
            context = MailContext(head=sender_details(settings()), secret=secret(), now=now())
            mail.queue_community_messages(session, letters, context=context)
    flash(gettext("The communities can now see their seats."), "success")
    return redirect(url_for("allocations.index"))


def _asked(allocation: StoredAllocation) -> str:
    with read_session() as session:
        losing = seats.communities_losing_seats(session, allocation)
    number = len(allocation.allocation.shares)
    sentences = [
        ngettext(
            "One community sees its decisions and the reason for each.",
            "%(num)s communities see their decisions and the reason for each.",
            number,
        ),
        gettext("This cannot be undone. Individual decisions can be changed manually later, with a reason."),
    ]
    if settings().smtp_url:
        sentences.append(gettext("Those who requested seats are informed by e-mail."))
    if losing:
        names = {unit.id: unit.name for unit in _units()}
        sentences.append(
            gettext(
                "It replaces the published allocation. These communities would get fewer seats than promised: "
                "%(names)s.",
                names=", ".join(names.get(item, item) for item in sort_ids_by_name(losing, names)),
            )
        )
    return render_template(
        "staff/confirm.html",
        heading=gettext("Publish to the communities?"),
        sentences=sentences,
        yes=gettext("Yes, publish"),
        back=url_for("allocations.index"),
        is_dangerous=bool(losing),
    )


@blueprint.get("/<int:number>/letters")
@requires(ALLOCATE)
def printable_letters(number: int) -> ResponseReturnValue:
    """Show a printable letter, one page each, for each community that requested seats."""
    require_permission_at(ALLOCATE)
    allocation = _kept(number)
    with read_session() as session:
        titles = _titles(session)
        unmet = seats.unmet_requests_by_community(session, allocation, now=now())
    names = {unit.id: unit.name for unit in _units()}
    grants = _grants_by_community(allocation, names)
    communities = sort_ids_by_name((share.community for share in allocation.allocation.shares), names)
    return render_template(
        "staff/seats/letters.html",
        kept=allocation,
        granted={community: grants.get(community, ()) for community in communities},
        unmet=unmet,
        final=allocation.seats_after_overrides,
        notes=override_notes(allocation),
        names=names,
        titles=titles,
        REASONS=REASONS,
    )


@blueprint.get("/<int:number>/list.<any(csv, xlsx):kind>")
@requires(ALLOCATE)
def seat_list_for_providers(number: int, kind: str) -> ResponseReturnValue:
    """Send the numbers of seats by offering and community, for the course providers; no participants, no results."""
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
    return send_table_file(content, kind=kind, name=f"seats-{number}")


def _kept(number: int) -> StoredAllocation:
    with read_session() as session:
        return seats.find_allocation(session, number) or abort(404)


def _grants_by_community(allocation: StoredAllocation, names: Mapping[str, str]) -> dict[str, tuple[SeatGrant, ...]]:
    """Return the answers to requests by community, in the order of the names of the communities."""
    found: dict[str, list[SeatGrant]] = {}
    for grant in allocation.allocation.grants:
        found.setdefault(grant.request.community, []).append(grant)
    return {community: tuple(found[community]) for community in sort_ids_by_name(found, names)}


def _titles_in_order(offerings: Iterable[str], titles: Mapping[str, tuple[Course, Offering]]) -> list[str]:
    """Return what offerings are called, in alphabetical order; one that is gone has its id."""
    return sorted((course_title(titles[name][0]) if name in titles else name for name in offerings), key=sort_key)


def _titles(session: Session) -> dict[str, tuple[Course, Offering]]:
    # All courses: an allocation shows the course name even when registration has ended.
    return {
        offering.external_id: (course, offering)
        for course in catalogue.courses(session)
        for offering in course.offerings
    }


def _units() -> tuple[ReportingUnit, ...]:
    with read_session() as session:
        return organisations.region(session).units
