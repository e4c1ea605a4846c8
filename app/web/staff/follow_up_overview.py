"""The coordinator's picture of every community's clock, without a figure of any; and the pulse."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.followup import FollowUpStep
from app.core.publication import Publication
from app.core.rounds import RoundKind
from app.services import accounts, followup, organisations, rounds
from app.services.followup import FollowUp
from app.store.database import read_session, write_session
from app.store.instruments import read_file
from app.web.shared.access import account, may_at, require_place, requires
from app.web.shared.app_context import now, settings

blueprint = Blueprint("timelines", __name__, url_prefix="/staff/timelines")
READ = Permission.READ_REGION
PLAN = Permission.PLAN_ROUND
PULSE = "pulse.toml"


@blueprint.get("/")
@requires(READ)
def index() -> ResponseReturnValue:
    """Show where every community stands and who is late; of one municipality if asked."""
    with read_session() as session:
        found_follow_ups = followup.newest_followups(session)
        places = [
            municipality
            for municipality in organisations.municipalities(session)
            if may_at(READ, municipality=municipality.id)
        ]
        due = followup.due_for_pulse(session, now=now()) if may_at(PLAN) else ()
    wanted = request.args.get("municipality", "")
    mine = {place.id for place in places if wanted in ("", place.id)}
    follow_ups = [follow_up for follow_up in found_follow_ups if follow_up.unit.municipality in mine]
    return render_template(
        "staff/timelines/index.html",
        surveys=_surveys(follow_ups),
        any_released=bool(found_follow_ups),
        followups=follow_ups,
        late=sum(follow_up.clock.is_late(now().date()) for follow_up in follow_ups),
        places=places,
        wanted=wanted,
        due=due,
        steps=list(FollowUpStep)[1:],
        tally={step: _tally(step, follow_ups) for step in FollowUpStep},
    )


def _surveys(followups: Sequence[FollowUp]) -> list[Publication]:
    """Return the surveys that are followed up, the one of the most communities first."""
    by_round = {follow_up.round: follow_up.publication for follow_up in followups}
    return [by_round[number] for number, _asked in Counter(follow_up.round for follow_up in followups).most_common()]


@dataclass(frozen=True, slots=True)
class StepTally:
    """How many communities took one step, of how many that are asked to, and how many are late with it."""

    done: int
    asked: int
    late: int


def _tally(step: FollowUpStep, followups: Iterable[FollowUp]) -> StepTally:
    marks = [(follow_up.clock.find(step), follow_up.clock) for follow_up in followups]
    asked = [(mark, clock) for mark, clock in marks if mark is not None]
    late = [mark for mark, clock in asked if mark == clock.next and mark.is_late(now().date())]
    return StepTally(sum(mark.is_done for mark, _ in asked), len(asked), len(late))


@blueprint.post("/pulse")
@requires(PLAN)
def plan_pulse() -> ResponseReturnValue:
    """Plan one pulse for every community that is due for it; it opens next Monday."""
    require_place(PLAN)
    file = settings().surveys / PULSE
    instrument = read_file(file)
    source = file.read_text(encoding="utf-8")
    with write_session() as session:
        due = followup.due_for_pulse(session, now=now())
        if not due:
            flash(gettext("No community is due for a pulse survey now."), "warning")
            return redirect(url_for("timelines.index"))
        opens_at, closes_at = followup.pulse_days(now(), ZoneInfo(settings().time_zone))
        number = rounds.plan(
            session,
            title=gettext("Pulse after “%(survey)s”", survey=due[0].publication.title)[:120],
            instrument=instrument,
            source=source,
            opens_at=opens_at,
            closes_at=closes_at,
            key_mode=rounds.round_of(session, due[0].round).key_mode,
            kind=RoundKind.PULSE,
        )
        followup.invite_to_pulse(session, number, due)
        accounts.record(session, account().id, AuditEvent.ROUND_PLANNED, f"round:{number}", now=now())
    flash(
        gettext("The pulse survey is planned for these communities only. Check its dates and the next step."), "success"
    )
    return redirect(url_for("rounds.show", number=number))
