"""Overview of all communities' follow-up steps, without results; planning of pulse surveys."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.followup import FollowUpStep
from app.core.publication import Publication
from app.core.rounds import RoundKind
from app.core.text import sort_key
from app.services import accounts, followup, organisations, questionnaires, rounds
from app.services.followup import FollowUp
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now, settings, today
from app.web.shared.sorting import SortOrder, requested_order, sort_rows

blueprint = Blueprint("followup_overview", __name__, url_prefix="/staff/timelines")
READ = Permission.READ_REGION
PLAN = Permission.PLAN_ROUND
SORT_KEYS: dict[str, Callable[[FollowUp], Any]] = {
    "region": lambda _follow_up: 0,
    "name": lambda follow_up: sort_key(follow_up.unit.name),
    "due": lambda follow_up: follow_up.timeline.next.due if follow_up.timeline.next else None,
}


@blueprint.get("/")
@requires(READ)
def index() -> ResponseReturnValue:
    """Show the steps of every community; `?municipality=` and `?show=late` filter, `?sort=` orders."""
    with read_session() as session:
        all_follow_ups = followup.newest_follow_up_of_each_unit(session)
        municipalities = [
            municipality
            for municipality in organisations.municipalities(session)
            if has_permission_at(READ, municipality=municipality.id)
        ]
        due = followup.follow_ups_due_for_pulse(session, now=now()) if has_permission_at(PLAN) else ()
    wanted = request.args.get("municipality", "")
    mine = {place.id for place in municipalities if wanted in ("", place.id)}
    follow_ups = [follow_up for follow_up in all_follow_ups if follow_up.unit.municipality in mine]
    late = [follow_up for follow_up in follow_ups if follow_up.timeline.is_next_step_late(today())]
    only_late = request.args.get("show") == "late"
    order = requested_order(SORT_KEYS, SortOrder("region"))
    return render_template(
        "staff/followup_overview/index.html",
        surveys=_surveys(follow_ups),
        any_released=bool(all_follow_ups),
        followups=follow_ups,
        shown=sort_rows(late if only_late else follow_ups, order, SORT_KEYS),
        late=len(late),
        only_late=only_late,
        order=order,
        places=municipalities,
        wanted=wanted,
        due=due,
        steps=list(FollowUpStep)[1:],
        tally={step: _progress(step, follow_ups) for step in FollowUpStep},
    )


def _surveys(followups: Sequence[FollowUp]) -> list[Publication]:
    """Return the surveys with follow-up, that of most communities first."""
    by_round = {follow_up.round: follow_up.publication for follow_up in followups}
    return [by_round[number] for number, _asked in Counter(follow_up.round for follow_up in followups).most_common()]


@dataclass(frozen=True, slots=True)
class StepProgress:
    """Number of communities that took one step, of those that should, and of those that are late."""

    done: int
    total: int
    late: int


def _progress(step: FollowUpStep, followups: Iterable[FollowUp]) -> StepProgress:
    steps = [(follow_up.timeline.find(step), follow_up.timeline) for follow_up in followups]
    included = [(timeline_step, timeline) for timeline_step, timeline in steps if timeline_step is not None]
    late = [
        timeline_step
        for timeline_step, timeline in included
        if timeline_step == timeline.next and timeline_step.is_late(today())
    ]
    return StepProgress(sum(timeline_step.is_done for timeline_step, _ in included), len(included), len(late))


@blueprint.post("/pulse")
@requires(PLAN)
def plan_pulse() -> ResponseReturnValue:
    """Plan a pulse survey for all communities that are due for one; it opens next Monday."""
    require_permission_at(PLAN)
    with write_session() as session:
        due = followup.follow_ups_due_for_pulse(session, now=now())
        if not due:
            flash(gettext("No community is due for a pulse survey now."), "warning")
            return redirect(url_for("followup_overview.index"))
        surveys = [follow_up.publication.instrument_digest for follow_up in due]
        pulse = questionnaires.find_pulse_questionnaire_for_surveys(session, settings().surveys, surveys)
        if pulse is None:
            flash(gettext("There is no pulse questionnaire. Ask the administrator of the service."), "warning")
            return redirect(url_for("followup_overview.index"))
        instrument, source = pulse
        opens_at, closes_at = followup.pulse_opening_and_closing(now(), ZoneInfo(settings().time_zone))
        number = rounds.plan_round(
            session,
            title=gettext("Pulse after “%(survey)s”", survey=due[0].publication.title)[:120],
            instrument=instrument,
            source=source,
            opens_at=opens_at,
            closes_at=closes_at,
            key_mode=rounds.get_round(session, due[0].round).key_mode,
            kind=RoundKind.PULSE,
        )
        followup.restrict_pulse_to_units(session, number, due)
        accounts.record_audit_event(
            session, current_account().id, AuditEvent.ROUND_PLANNED, f"round:{number}", now=now()
        )
    flash(
        gettext("The pulse survey is planned for these communities only. Check its dates and the next step."), "success"
    )
    return redirect(url_for("rounds.show", number=number))
