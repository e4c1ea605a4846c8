"""Review at the next survey: whether the plan was carried out, noticed, and followed by a change."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.core.accounts import Permission
from app.core.followup import FollowUpStep
from app.core.publication import Cell, Level
from app.core.rounds import RoundId
from app.reports import publication_lookup, read_access
from app.reports.unit_report import CellReport, build_cell_report
from app.services import followup
from app.services.followup import FollowUp
from app.store.database import Session, read_session
from app.web.shared.access import current_account, requires
from app.web.shared.languages import language
from app.web.staff.followup.views import EDIT, get_follow_up_or_404, may_in_unit
from app.web.staff.results.effect_words import VERDICTS

blueprint = Blueprint("reviews", __name__, url_prefix="/staff/followup")
FOLLOWUP = "followup"


@blueprint.get("/<int:number>/<unit>/review")
@requires(Permission.READ_COMMUNITY)
def show(number: int, unit: str) -> ResponseReturnValue:
    """Show the plan next to what staff said about it in the pulse survey and the next survey."""
    follow_up = get_follow_up_or_404(number, unit)
    with read_session() as session:
        pulses = [
            report for report in (_read(session, follow_up, pulse) for pulse in follow_up.pulses) if report is not None
        ]
        after = _read(session, follow_up, follow_up.next_round) if follow_up.next_round is not None else None
        effects = {
            name: followup.follow_up_effect_across_units(session, follow_up.round, name, after=follow_up.next_round)
            for name in follow_up.plan.focus
        }
    return render_template(
        "staff/followup/review.html",
        found=follow_up,
        pulses=pulses,
        after=after,
        effects=effects,
        VERDICTS=VERDICTS,
        wanted={*follow_up.plan.focus, FOLLOWUP},
        own=may_in_unit(follow_up.unit, EDIT),
        lacking=followup.step_refusal(follow_up, FollowUpStep.EFFECT_REVIEWED),
    )


def _read(session: Session, follow_up: FollowUp, number: RoundId) -> CellReport | None:
    """Return the community's report of a released round, compared with the survey that is followed up."""
    result = publication_lookup.find_publication_context(session, number)
    unit = None if result is None else publication_lookup.find_reporting_unit(result.publication, follow_up.unit.id)
    # A joined community may since have become separate: readers of the joint result may not read its own.
    if result is None or not result.released or unit is None or not read_access.may_read(current_account(), unit):
        return None
    cell = Cell(Level.COMMUNITY, follow_up.unit.id)
    earlier = (follow_up.publication,)
    return build_cell_report(
        result.publication, cell, instrument=result.instrument, earlier=earlier, language=language()
    )
