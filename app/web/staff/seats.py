"""Seats: a community's wishes and their answer; the coordinator's allocation."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.core.accounts import Permission
from app.core.matching.comparison import Method
from app.core.matching.programme import Limits
from app.core.matching.wishes import Reason, Wish, WishesRefused
from app.core.organisations import Unit
from app.services import organisations, seats
from app.store.database import reading, transaction
from app.store.seats import Kept, Override
from app.web.shared.access import account, allowed, may_at, require_place
from app.web.shared.door import now

blueprint = Blueprint("seats", __name__, url_prefix="/staff/seats")
ALLOCATE = Permission.ALLOCATE_SEATS
WISH = Permission.WISH_SEATS
MOST_SECONDS = 20.0

REASONS: dict[Reason, LazyString] = {
    Reason.ALL_GIVEN: _("All that was asked for."),
    Reason.FLOOR: _("The share that every community is promised by its staff."),
    Reason.NEED: _("The need of others weighed more."),
    Reason.FULL: _("All seats are taken; the rest went where the need is greater."),
    Reason.QUOTA: _("The municipality has all the seats that it may have here."),
    Reason.TOO_FEW: _("Too few asked for it, so it is not held."),
    Reason.BUDGET: _("The budget does not reach this far."),
    Reason.MEMBERS_FIRST: _("Members come first, and no seats were left over."),
    Reason.NOT_OPEN: _("It can no longer be registered to."),
}
METHODS: dict[Method, LazyString] = {
    Method.FAIR: _("A floor for all, then by need"),
    Method.NEED_ONLY: _("By need alone"),
    Method.FIRST_COME: _("First come, first served"),
}


@blueprint.get("/")
@allowed(WISH)
def index() -> ResponseReturnValue:
    """List the communities that the account may wish for; go straight to the only one."""
    mine = _my_units()
    if len(mine) == 1:
        return redirect(url_for("seats.wishes", unit_id=mine[0].id))
    return render_template("staff/seats/index.html", units=mine)


@blueprint.route("/community/<unit_id>", methods=["GET", "POST"])
@allowed(WISH)
def wishes(unit_id: str) -> ResponseReturnValue:
    """Take a community's wishes, and show what came of the last ones."""
    unit = next((one for one in _units() if one.id == unit_id), None) or abort(404)
    if not _is_mine(unit):
        abort(403)
    faults: list[str] = []
    if request.method == "POST":
        try:
            wished = _wished(unit.id)
            with transaction() as session:
                seats.wish(session, unit.id, wished, by=account().id, now=now())
        except (WishesRefused, ValueError) as refused:
            faults = [
                gettext("A number of seats does not fit: %(offering)s. Write whole numbers.", offering=str(refused))
            ]
        else:
            flash(gettext("The wishes were saved."), "success")
            return redirect(url_for("seats.wishes", unit_id=unit.id))
    return _wishes_page(unit, faults)


@blueprint.get("/allocation")
@allowed(ALLOCATE)
def allocation() -> ResponseReturnValue:
    """Show the newest allocation, beside what other ways of sharing would lead to."""
    require_place(ALLOCATE)
    with reading() as session:
        kept = seats.allocation(session)
        gathered = seats.desk(session, now=now())
        outcomes = seats.compared(session, seed=kept.allocation.seed if kept else 1, now=now())
        offered = seats.on_offer(session, now=now())
    return render_template(
        "staff/seats/allocation.html",
        kept=kept,
        desk=gathered,
        outcomes=outcomes,
        titles={offering.external_id: (course, offering) for course, offering in offered},
        names={unit.id: unit.name for unit in _units()},
        final=seats.final_seats(kept) if kept else {},
        notes=_notes(kept),
        REASONS=REASONS,
        METHODS=METHODS,
    )


@blueprint.post("/allocation/run")
@allowed(ALLOCATE)
def run() -> ResponseReturnValue:
    """Share today's seats; the answer is a draft until it is published."""
    require_place(ALLOCATE)
    try:
        seed = int(request.form.get("seed") or 1)
        budget = float(request.form["budget"].replace(",", ".")) if request.form.get("budget") else None
    except ValueError:
        flash(gettext("Write the seed and the budget as numbers."), "error")
        return redirect(url_for("seats.allocation"))
    limits = Limits(budget=budget, two_or_none="two_or_none" in request.form, seconds=MOST_SECONDS)
    with transaction() as session:
        seats.run(session, seed=abs(seed), limits=limits, by=account().id, now=now())
    flash(gettext("The seats were shared. Look at the answer before you publish it."), "success")
    return redirect(url_for("seats.allocation"))


@blueprint.post("/allocation/<int:number>/override")
@allowed(ALLOCATE)
def override(number: int) -> ResponseReturnValue:
    """Decide one wish otherwise, with a note."""
    require_place(ALLOCATE)
    community, _separator, offering = request.form.get("pair", "").partition("|")
    wanted = request.form.get("seats", "")
    decided = Override(community, offering, int(wanted) if wanted.isdigit() else -1, request.form.get("note", "")[:500])
    try:
        with transaction() as session:
            seats.override(session, number, decided, by=account().id, now=now())
    except seats.SeatsRefused:
        flash(gettext("Not changed: write a note, and no more seats than the course has."), "error")
    else:
        flash(gettext("Decided otherwise, with the note."), "success")
    return redirect(url_for("seats.allocation"))


@blueprint.post("/allocation/<int:number>/publish")
@allowed(ALLOCATE)
def publish(number: int) -> ResponseReturnValue:
    """Let the communities see an allocation."""
    require_place(ALLOCATE)
    with transaction() as session:
        if seats.allocation(session, number) is None:
            abort(404)
        seats.publish(session, number, now=now())
    flash(gettext("The communities can now see their seats."), "success")
    return redirect(url_for("seats.allocation"))


def _wishes_page(unit: Unit, faults: list[str]) -> ResponseReturnValue:
    with reading() as session:
        offered = seats.on_offer(session, now=now())
        known = {one.offering: one for one in seats.wishes(session, unit.id)}
        published = seats.published(session)
    page = render_template(
        "staff/seats/wishes.html",
        unit=unit,
        offered=offered,
        known=known,
        faults=faults,
        published=published,
        final=seats.final_seats(published) if published else {},
        notes=_notes(published),
        REASONS=REASONS,
    )
    return page, 422 if faults else 200


def _units() -> tuple[Unit, ...]:
    with reading() as session:
        return organisations.region(session).units


def _my_units() -> list[Unit]:
    return [unit for unit in _units() if _is_mine(unit)]


def _is_mine(unit: Unit) -> bool:
    return any(may_at(WISH, municipality=unit.municipality, community=one) for one in (unit.id, *unit.communities))


def _wished(community: str) -> list[Wish]:
    """Read the wishes of a form; a field that is left empty or 0 wishes for nothing."""
    found = []
    for name, value in request.form.items():
        kind, _separator, offering = name.partition("|")
        if kind == "seats" and value.strip() not in {"", "0"}:
            found.append(Wish(community, offering, int(value), int(request.form.get(f"priority|{offering}", "1"))))
    return found


def _notes(kept: Kept | None) -> dict[tuple[str, str], str]:
    return {(one.community, one.offering): one.note for one in kept.overrides} if kept else {}
