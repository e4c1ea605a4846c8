"""Seat requests of a community and their outcome."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.matching.seat_requests import InvalidSeatRequests, SeatRequest
from app.core.organisations import ReportingUnit
from app.services import catalogue, organisations, seats
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.recommendation_words import course_title, format_day, title_order
from app.web.staff.seats.request_lists import course_sections
from app.web.staff.seats.words import REASONS, override_notes

blueprint = Blueprint("seats", __name__, url_prefix="/staff/seats")
REQUEST = Permission.REQUEST_SEATS
NOTHING = {"", "0"}


@blueprint.get("/")
@requires(REQUEST)
def index() -> ResponseReturnValue:
    """List the communities that the account may request seats for; redirect if there is only one."""
    units = _my_units()
    if len(units) == 1:
        return redirect(url_for("seats.edit_seat_requests", unit_id=units[0].id))
    return render_template("staff/seats/index.html", units=units)


@blueprint.route("/community/<unit_id>", methods=["GET", "POST"])
@requires(REQUEST)
def edit_seat_requests(unit_id: str) -> ResponseReturnValue:
    """Edit a community's seat requests, and show the outcome of the last ones."""
    unit = next((unit for unit in _units() if unit.id == unit_id), None) or abort(404)
    if not _is_mine(unit):
        abort(403)
    faults: list[str] = []
    if request.method == "POST":
        faults = _saved(unit)
        if not faults:
            flash(gettext("The requests were saved."), "success")
            return redirect(url_for("seats.edit_seat_requests", unit_id=unit.id))
    return _wishes_page(unit, faults)


@blueprint.post("/community/<unit_id>/instead")
@requires(REQUEST)
def replace_request_with_alternative(unit_id: str) -> ResponseReturnValue:
    """Request the alternative that the page offers in place of a request without seats."""
    unit = next((unit for unit in _units() if unit.id == unit_id), None) or abort(404)
    if not _is_mine(unit):
        abort(403)
    try:
        with write_session() as session:
            unmet = seats.replace_request_with_alternative(
                session,
                unit.id,
                offering=request.form.get("offering", ""),
                instead=request.form.get("instead", ""),
                by=current_account().id,
                now=now(),
            )
    except (seats.NoAlternative, InvalidSeatRequests, seats.RequestOnUnsuitableDay):
        flash(gettext("The seats have changed in the meantime. Nothing was changed; see what is free now."), "error")
    else:
        course = course_title(unmet.alternative.course) if unmet.alternative else ""
        flash(gettext("Your request is now for “%(course)s”.", course=course), "success")
    return redirect(url_for("seats.edit_seat_requests", unit_id=unit.id))


def _saved(unit: ReportingUnit) -> list[str]:
    """Save what the form says, all of it or nothing; return what is wrong with it."""
    days, faulty = _days(" ".join(request.form.getlist("unsuitable")))
    if faulty:
        return [gettext("“%(words)s” is not a date. Write dates as 2027-03-14.", words=faulty)]
    try:
        with write_session() as session:
            seats.set_unsuitable_days(session, unit.id, days)
            seats.save_seat_requests(session, unit.id, _wished(unit.id), by=current_account().id, now=now())
    except seats.RequestOnUnsuitableDay as clash:
        return [
            gettext(
                "You requested an offering on %(day)s, although you marked that day as unsuitable.",
                day=format_day(clash.day),
            )
        ]
    except InvalidSeatRequests as refused:
        return [_misfit(str(refused))]
    return []


def _misfit(offering: str) -> str:
    """Say which number of seats does not fit, by the course's own name."""
    with read_session() as session:
        known = {time.external_id: (course, time) for course, time in seats.requestable_offerings(session, now=now())}
    if offering not in known:
        message = gettext(
            "An offering is no longer available, or there are too many requests or days. Remove some and save again."
        )
    else:
        course, time = known[offering]
        most = time.capacity
        name = course_title(course)
        message = gettext("%(course)s: write a whole number of seats from 0 to %(most)s.", course=name, most=most)
    return str(message)


def _days(words: str) -> tuple[list[date], str]:
    """Read days; return them, and the first word that is none."""
    result: list[date] = []
    for word in words.replace(",", " ").split():
        try:
            result.append(date.fromisoformat(word))
        except ValueError:
            return [], word
    return result, ""


def _wishes_page(unit: ReportingUnit, faults: list[str]) -> ResponseReturnValue:
    with read_session() as session:
        requestable = seats.requestable_offerings(session, now=now())
        offered = sorted(requestable, key=lambda pair: title_order(pair[0]))
        titles = {time.external_id: each for each in catalogue.courses(session) for time in each.offerings}
        known = {seat_request.offering: seat_request for seat_request in seats.seat_requests(session, unit.id)}
        own = seats.seat_request_guidance(session, unit.id, now=now())
        published = seats.find_published_allocation(session)
        blocked = seats.unsuitable_days(session, unit.id)
    asked = {offering for offering, number in _numbers() if number not in NOTHING}
    orders = dict.fromkeys(asked, 1) | {offering: each_request.priority for offering, each_request in known.items()}
    page = render_template(
        "staff/seats/wishes.html",
        unit=unit,
        parts=course_sections(offered, listed=own.listed, ranked=own.order, orders=orders),
        outlooks=own.outlooks,
        unmet=own.unmet,
        titles=titles,
        known=known,
        faults=faults,
        failing=bool(faults),
        unsuitable=request.form.getlist("unsuitable") or [item.isoformat() for item in blocked],
        credit=seats.refusal_credits_by_community(published).get(unit.id, 0.0),
        published=published,
        final=seats.final_seats(published) if published else {},
        notes=override_notes(published),
        REASONS=REASONS,
    )
    return page, 422 if faults else 200


def _units() -> tuple[ReportingUnit, ...]:
    with read_session() as session:
        return organisations.region(session).units


def _my_units() -> list[ReportingUnit]:
    return [unit for unit in _units() if _is_mine(unit)]


def _is_mine(unit: ReportingUnit) -> bool:
    return any(
        has_permission_at(REQUEST, municipality=unit.municipality, community=item)
        for item in (unit.id, *unit.communities)
    )


def _wished(community: str) -> list[SeatRequest]:
    """Read the requests of a form; a field that is empty or 0 requests nothing."""
    return [
        SeatRequest(community, offering, _number(number, offering), _number(_priority(offering), offering))
        for offering, number in _numbers()
        if number not in NOTHING
    ]


def _numbers() -> list[tuple[str, str]]:
    """Return each time of the form at hand with what was written beside it."""
    parted = [(name.partition("|"), value.strip()) for name, value in request.form.items()]
    return [(offering, value) for (kind, _separator, offering), value in parted if kind == "seats"]


def _priority(offering: str) -> str:
    return request.form.get(f"priority|{offering}", "1")


def _number(words: str, offering: str) -> int:
    try:
        return int(words)
    except ValueError:
        raise InvalidSeatRequests(offering) from None
