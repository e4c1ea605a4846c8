"""What the demo's communities made of their results: some are far, some are late, one handed a matter on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.catalogue import DIMENSIONS
from app.core.followup import ActionId, ActionStatus, AnswerKind, DecisionLevel, FollowUpStep, SuggestedAction
from app.core.languages import Language
from app.core.organisations import ReportingUnit
from app.core.rounds import RoundId
from app.services import followup
from app.store.action_library import suggested_actions

DAY = timedelta(days=1)
# How far a community came, told by its place in the list; every sixth asks for a pulse.
FAR = (*(FollowUpStep.IN_PROGRESS,) * 6, FollowUpStep.PLAN_AGREED, FollowUpStep.PREVIEWED)
PULSE_EVERY = 6
UNANSWERED = 3
SWEDISH = ("blabarsby",)
SHOWN = "kuusiranta-tahtikallion-koulu"
OWNERS = {Language.FI: "vararehtori tai varajohtaja", Language.SV: "vicerektor eller biträdande föreståndare"}
OUTCOMES = {Language.FI: "Kokeiltu kuukausi ja jätetty käyttöön.", Language.SV: "Prövades i en månad och togs i bruk."}
NOTES = {Language.FI: "Keskusteltiin ryhmissä ja äänestettiin.", Language.SV: "Vi diskuterade i grupper och röstade."}
WHYS = {Language.FI: "Tästä päätetään kunnassa.", Language.SV: "Det här är något som kommunen beslutar om."}
ANSWER = "Asia on ensi vuoden talousarviossa; kerromme tuloksesta tammikuussa."


def load_followups(
    session: Session, rounds: list[RoundId], *, surveys: Path, heads: Mapping[str, AccountId], now: datetime
) -> None:
    """Let every community follow up the last two surveys, each as far as it came."""
    library = suggested_actions(surveys)
    released = {survey.round: survey for survey in followup.surveys(session)}
    for round_id in rounds[-2:]:
        for place, unit in enumerate(released[round_id].region.units):
            last = FollowUpStep.IN_PROGRESS if unit.id == SHOWN else FAR[place % len(FAR)]
            _take_steps(session, round_id, unit, last, library=library, place=place, by=heads.get(unit.id))
    _review(session, rounds[-2])
    _answer(session, now=now)


def _take_steps(
    session: Session,
    round_id: RoundId,
    unit: ReportingUnit,
    last: FollowUpStep,
    *,
    library: tuple[SuggestedAction, ...],
    place: int,
    by: AccountId | None,
) -> None:
    mark = followup.follow_up(session, round_id, unit.id).timeline.find(FollowUpStep.RELEASED)
    if mark is None or mark.at is None:
        return
    language = Language.SV if unit.municipality in SWEDISH else Language.FI
    focus = list(DIMENSIONS)[place % len(DIMENSIONS)]
    day = mark.at + 4 * DAY
    for step in list(FollowUpStep)[1 : list(FollowUpStep).index(last) + 1]:
        if step is FollowUpStep.DISCUSSED:
            _discuss(session, round_id, unit, focus, language, by=by, now=day, pulse=place % PULSE_EVERY == 0)
        if step is FollowUpStep.PLAN_AGREED:
            _plan(
                session,
                round_id,
                unit,
                [suggested_action for suggested_action in library if suggested_action.dimension == focus],
                language,
                by=by,
                now=day,
            )
        followup.take_step(session, round_id, unit.id, step, by=by, now=day)
        day += 9 * DAY


def _discuss(
    session: Session,
    round_id: RoundId,
    unit: ReportingUnit,
    focus: str,
    language: Language,
    *,
    by: AccountId | None,
    now: datetime,
    pulse: bool,
) -> None:
    texts = {
        "discussed_on": (now - DAY).date().isoformat(),
        "present": str(max(1, unit.size * 3 // 4)),
        "note": NOTES[language],
        "focus": focus,
        "pulse": "yes" if pulse else "",
    }
    followup.save_meeting(session, round_id, unit.id, texts, version=0, by=by, now=now)


def _plan(
    session: Session,
    round_id: RoundId,
    unit: ReportingUnit,
    entries: list[SuggestedAction],
    language: Language,
    *,
    by: AccountId | None,
    now: datetime,
) -> None:
    own = [entry for entry in entries if entry.power is DecisionLevel.COMMUNITY][:2]
    theirs = [entry for entry in entries if entry.power is not DecisionLevel.COMMUNITY][:1]
    statuses = (ActionStatus.DONE, ActionStatus.STARTED, ActionStatus.PLANNED)
    for suggested_action, status in zip(own + theirs, statuses, strict=False):
        texts = {
            "dimension": suggested_action.dimension,
            "what": suggested_action.what.read(language),
            "aim": suggested_action.aim.value,
            "power": suggested_action.power.value,
            "owner": OWNERS[language],
            "first_step": suggested_action.first_step.read(language),
            "first_by": (now + 20 * DAY).date().isoformat(),
            "due": (now + 80 * DAY).date().isoformat(),
            "sign": suggested_action.sign.read(language),
            "course": "",
            "status": status.value,
            "outcome": OUTCOMES[language] if status is ActionStatus.DONE else "",
        }
        saved = followup.save_action(session, round_id, unit.id, texts, number=None, version=0, by=by, now=now)
        if suggested_action in theirs:
            _escalate(session, round_id, unit, saved.number, WHYS[language], by=by, now=now)


def _escalate(
    session: Session,
    round_id: RoundId,
    unit: ReportingUnit,
    number: ActionId,
    why: str,
    *,
    by: AccountId | None,
    now: datetime,
) -> None:
    followup.escalate(session, round_id, unit.id, number, why, by=by, now=now + DAY)


def _review(session: Session, round_id: RoundId) -> None:
    for follow_up in followup.follow_ups(session, round_id):
        mark = follow_up.timeline.find(FollowUpStep.EFFECT_REVIEWED)
        if (
            mark is not None
            and mark.due is not None
            and followup.step_refusal(follow_up, FollowUpStep.EFFECT_REVIEWED) is None
        ):
            day = datetime(mark.due.year, mark.due.month, mark.due.day, 12, tzinfo=UTC) - DAY
            followup.take_step(session, round_id, follow_up.unit.id, FollowUpStep.EFFECT_REVIEWED, by=None, now=day)


def _answer(session: Session, *, now: datetime) -> None:
    for escalation in followup.inbox(session)[:-UNANSWERED]:
        at = min(now, escalation.raised_at + 12 * DAY)
        followup.answer(session, escalation.id, AnswerKind.WILL_DO, ANSWER, seen_answer_at=None, by=None, now=at)
