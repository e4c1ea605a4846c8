"""Networking page of a community: what it looks for, what it would share, and its matches."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.catalogue import DIMENSIONS
from app.core.matching.networking import Consent, ConsentSide
from app.core.organisations import ReportingUnit
from app.services import networking, organisations
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, requires
from app.web.shared.app_context import now

blueprint = Blueprint("networking", __name__, url_prefix="/staff/network")
MEET = Permission.REQUEST_SEATS
LONGEST = 200


@blueprint.route("/community/<unit_id>", methods=["GET", "POST"])
@requires(MEET)
def show_matches_and_save_consents(unit_id: str) -> ResponseReturnValue:
    """Show matching communities and save the consents of a community."""
    unit = _mine(unit_id)
    refused = False
    if request.method == "POST":
        try:
            with write_session() as session:
                networking.save_consents(session, unit.id, _given(unit.id), by=current_account().id, now=now())
        except networking.InvalidConsent:
            refused = True
        else:
            flash(gettext("Saved. You can withdraw it at any time."), "success")
            return redirect(url_for("networking.show_matches_and_save_consents", unit_id=unit.id))
    with read_session() as session:
        given = networking.consents_by_dimension(session, unit.id)
        page = render_template(
            "staff/networking/community.html",
            unit=unit,
            given=given,
            contact=request.form.get("contact", next((consent.contact for consent in given.values()), "")),
            strengths=networking.shareable_strengths(session, unit.id),
            found=networking.matching_contacts_by_dimension(session, unit.id),
            failing=refused,
            Side=ConsentSide,
        )
    return page, 422 if refused else 200


def _mine(unit_id: str) -> ReportingUnit:
    with read_session() as session:
        units = organisations.region(session).units
    unit = next((unit for unit in units if unit.id == unit_id), None)
    if unit is None:
        abort(404)
    if not any(
        has_permission_at(MEET, municipality=unit.municipality, community=item) for item in (unit.id, *unit.communities)
    ):
        abort(403)
    return unit


def _given(community_id: str) -> list[Consent]:
    contact = request.form.get("contact", "").strip()[:LONGEST]
    sides = {word: request.form.get(f"side-{word}", "") for word in DIMENSIONS}
    return [
        Consent(community_id, word, ConsentSide(side), contact)
        for word, side in sides.items()
        if side in set(ConsentSide)
    ]
