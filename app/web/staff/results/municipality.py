"""Municipality page for its education director: needs, communities, issues, seats and shared staff."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.matching.gaps import CERTAINTY, NeedComparisonOutcome
from app.core.matching.needs import NeedBasis
from app.core.organisations import LONGEST_RESPONSIBLE, SharedService
from app.services import municipality, organisations
from app.services.municipality import MunicipalityReport, UnknownMunicipality
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.recommendation_words import dimension_name
from app.web.shared.shared_staff_words import SERVICES
from app.web.staff.results.municipality_words import BASES

blueprint = Blueprint("municipality", __name__, url_prefix="/staff/municipality")
READ = Permission.READ_REGION
EDIT = Permission.EDIT_ORGANISATIONS


@blueprint.get("/")
@requires(READ)
def index() -> ResponseReturnValue:
    """List the municipalities that the account may read; go straight to the only one."""
    with read_session() as session:
        listed = [
            place for place in organisations.municipalities(session) if has_permission_at(READ, municipality=place.id)
        ]
    if len(listed) == 1:
        return redirect(url_for("municipality.show", municipality_id=listed[0].id))
    return render_template("staff/municipality/index.html", municipalities=listed)


@blueprint.get("/<municipality_id>")
@requires(READ)
def show(municipality_id: str) -> ResponseReturnValue:
    """Show one municipality: what is its own to answer, its communities, its share of seats."""
    report = _report(municipality_id)
    return render_template(
        "staff/municipality/show.html",
        report=report,
        place=report.municipality,
        greater_names=[
            dimension_name(need.row.dimension)
            for need in report.needs
            if need.cell.side is NeedComparisonOutcome.GREATER
        ],
        own_to_answer=[need for need in report.needs if need.is_own_to_answer],
        may_edit=has_permission_at(EDIT, municipality=municipality_id),
        GapSide=NeedComparisonOutcome,
        NeedBasis=NeedBasis,
        SERVICES=SERVICES,
        BASES=BASES,
        CERTAINTY=CERTAINTY,
    )


@blueprint.route("/<municipality_id>/shared-staff", methods=["GET", "POST"])
@requires(EDIT)
def edit_shared_staff_responsibility(municipality_id: str) -> ResponseReturnValue:
    """Edit who is responsible for kitchen, cleaning and special education staff in each community."""
    require_permission_at(EDIT, municipality=municipality_id)
    with read_session() as session:
        place = next(
            (each for each in organisations.municipalities(session) if each.id == municipality_id), None
        ) or abort(404)
        communities = [
            community for community in organisations.communities(session) if community.municipality == municipality_id
        ]
        known = {
            community.id: dict(municipality.shared_staff_responsibilities(session, [community.id]))
            for community in communities
        }
    sent = {
        community.id: {
            service: request.form.get(f"{service}|{community.id}", known[community.id].get(service, ""))
            for service in SharedService
        }
        for community in communities
    }
    failing = None
    if request.method == "POST":
        try:
            with write_session() as session:
                municipality.save_shared_staff_responsibilities(
                    session, municipality_id, sent, by=current_account().id, now=now()
                )
        except ValueError:
            failing = gettext("Not saved: write at most %(most)s characters in each field.", most=LONGEST_RESPONSIBLE)
        else:
            flash(gettext("Saved. The communities see who is responsible for shared staff."), "success")
            return redirect(url_for("municipality.show", municipality_id=municipality_id))
    page = render_template(
        "staff/municipality/shared_staff.html",
        place=place,
        communities=communities,
        answers=sent,
        failing=failing,
        SERVICES=SERVICES,
        LONGEST=LONGEST_RESPONSIBLE,
    )
    return (page, 422) if failing else page


def _report(municipality_id: str) -> MunicipalityReport:
    require_permission_at(READ, municipality=municipality_id)
    with read_session() as session:
        try:
            return municipality.municipality_report(session, municipality_id, now=now())
        except UnknownMunicipality:
            abort(404)
