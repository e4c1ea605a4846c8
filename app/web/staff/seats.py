"""Seats: a community's wishes and their answer."""

from collections.abc import Container, Mapping, Sequence
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.catalogue import Course, Offering
from app.core.matching.wishes import Wish, WishesRefused
from app.core.organisations import Unit
from app.services import catalogue, matching, organisations, seats
from app.store.database import Session, reading, transaction
from app.web.shared.access import account, allowed, may_at
from app.web.shared.door import now
from app.web.shared.languages import language
from app.web.staff.seat_words import REASONS, notes

blueprint = Blueprint("seats", __name__, url_prefix="/staff/seats")
WISH = Permission.WISH_SEATS


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
        faults = _saved(unit)
        if not faults:
            flash(gettext("The wishes were saved."), "success")
            return redirect(url_for("seats.wishes", unit_id=unit.id))
    return _wishes_page(unit, faults)


def _saved(unit: Unit) -> list[str]:
    """Save what the form says, all of it or nothing; return what is wrong with it."""
    days, faulty = _days(request.form.get("unsuitable", ""))
    if faulty:
        return [gettext("Not a day: %(words)s. Write days as 2027-03-14, with spaces between them.", words=faulty)]
    try:
        wished = _wished(unit.id)
        with transaction() as session:
            seats.set_unsuitable(session, unit.id, days)
            seats.wish(session, unit.id, wished, by=account().id, now=now())
    except seats.DayClash as clash:
        return [gettext("You wish for a time on %(day)s, a day that you say does not suit.", day=clash.day.isoformat())]
    except (WishesRefused, ValueError) as refused:
        return [gettext("A number of seats does not fit: %(offering)s. Write whole numbers.", offering=str(refused))]
    return []


def _days(words: str) -> tuple[list[date], str]:
    """Read days; return them, and the first word that is none."""
    found: list[date] = []
    for word in words.replace(",", " ").split():
        try:
            found.append(date.fromisoformat(word))
        except ValueError:
            return [], word
    return found, ""


def _wishes_page(unit: Unit, faults: list[str]) -> ResponseReturnValue:
    with reading() as session:
        offered = seats.on_offer(session, now=now())
        titles = {time.external_id: one for one in catalogue.courses(session) for time in one.offerings}
        known = {one.offering: one for one in seats.wishes(session, unit.id)}
        places = _places(session, unit)
        published = seats.published(session)
        blocked = seats.unsuitable(session, unit.id)
    page = render_template(
        "staff/seats/wishes.html",
        unit=unit,
        parts=_near_and_far(offered, places, known),
        places=places,
        titles=titles,
        known=known,
        faults=faults,
        failing=bool(faults),
        unsuitable=" ".join(day.isoformat() for day in blocked),
        credit=seats.credits_of(published).get(unit.id, 0.0),
        published=published,
        final=seats.final_seats(published) if published else {},
        notes=notes(published),
        REASONS=REASONS,
    )
    return page, 422 if faults else 200


def _near_and_far(
    offered: Sequence[tuple[Course, Offering]], places: Mapping[str, int], known: Container[str]
) -> list[tuple[str, list[tuple[Course, Offering]]]]:
    """Part the times into those of the own list or wished for already, in its order, and all others."""
    ordered = sorted(offered, key=lambda one: places.get(one[0].external_id, len(offered)))
    near = [one for one in ordered if one[0].external_id in places or one[1].external_id in known]
    far = [one for one in ordered if one not in near]
    if not near:
        return [(gettext("By title"), far)]
    return [(gettext("The courses of your list come first"), near), *([(gettext("By title"), far)] if far else [])]


def _places(session: Session, unit: Unit) -> dict[str, int]:
    """Return the place of each course on the community's own list; none before its first results."""
    publication = matching.newest(session)
    if publication is None:
        return {}
    try:
        ranking = matching.recommend(session, publication, unit.id, now=now(), language=language())
    except matching.UnitUnknown:
        return {}
    return {one.course.external_id: one.place for one in ranking.recommended}


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
