"""Comments: reviewed between count and release, then read by their community."""

from itertools import groupby
from operator import attrgetter

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.comments import POOLED, Comment
from app.core.organisations import ReportingUnit
from app.core.rounds import Round, RoundError, RoundState
from app.services import accounts, comments
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.round_faults import fault_sentence
from app.web.staff.rounds.views import get_round_or_404

blueprint = Blueprint("comments", __name__, url_prefix="/staff/comments")


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@requires(Permission.RELEASE_ROUND)
def review(number: int) -> ResponseReturnValue:
    """Show every comment of a counted round with automatic warnings, and withhold those that are marked."""
    require_permission_at(Permission.RELEASE_ROUND)
    round_ = get_round_or_404(number)
    if request.method == "GET":
        with read_session() as session:
            written = comments.comments(session, round_.id)
        return render_template("staff/comments/review.html", round=round_, lists=_by_unit(round_, written))
    try:
        with write_session() as session:
            comments.set_withheld_comments(session, round_.id, request.form.getlist("withheld"))
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.COMMENTS_REVIEWED, f"round:{number}", now=now()
            )
    except RoundError as refused:
        flash(fault_sentence(refused), "warning")
    else:
        flash(gettext("Saved. Marked comments are erased when you release the results."), "success")
    return redirect(url_for("comments.review", number=number))


@blueprint.get("/<int:number>/community/<unit>")
@requires(Permission.READ_COMMUNITY)
def community(number: int, unit: str) -> ResponseReturnValue:
    """Show the released comments of one community to those who read its results."""
    round_ = get_round_or_404(number)
    home = _unit(round_, unit)
    if not any(
        has_permission_at(Permission.READ_COMMUNITY, municipality=home.municipality, community=item)
        for item in (home.id, *home.communities)
    ):
        abort(403)
    with read_session() as session:
        words = comments.released_comments(session, round_.id, home.id)
    return render_template("staff/comments/read.html", round=round_, unit=home, words=words)


@blueprint.get("/<int:number>/others")
@requires(Permission.READ_REGION)
def pooled_comments(number: int) -> ResponseReturnValue:
    """Show the released comments of the communities that wrote too few for a list of their own."""
    require_permission_at(Permission.READ_REGION)
    round_ = get_round_or_404(number)
    with read_session() as session:
        words = comments.released_comments(session, round_.id, POOLED)
    return render_template("staff/comments/read.html", round=round_, unit=None, words=words)


def _unit(round_: Round, name: str) -> ReportingUnit:
    if round_.state is not RoundState.RELEASED:
        abort(404)
    try:
        return round_.get_unit(name)
    except RoundError:
        abort(404)


def _by_unit(round_: Round, written: tuple[Comment, ...]) -> list[tuple[str, list[Comment]]]:
    """Return the comments under the name of their community; those of all the others under none."""
    names = {unit.id: unit.name for unit in (round_.boundaries.units if round_.boundaries else ())}
    return [(names.get(unit, ""), list(several)) for unit, several in groupby(written, key=attrgetter("unit"))]
