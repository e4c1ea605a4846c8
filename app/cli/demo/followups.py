"""Follow-ups of the demo's communities: some far advanced, some late, some with escalated issues.

Each works on what its own results show as its weakest area, with actions, owners and days of its own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.cli.demo.calendar import DAY, same_or_next_school_day, same_or_previous_school_day
from app.core.accounts import AccountId
from app.core.catalogue import DIMENSIONS
from app.core.followup import (
    ActionId,
    ActionStatus,
    DecisionLevel,
    FollowUpStep,
    MunicipalityAnswerKind,
    SuggestedAction,
)
from app.core.instruments import Polarity
from app.core.languages import Language, partly_translated_text
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Figure, Level, Placement, Publication
from app.core.rounds import RoundId
from app.services import followup
from app.store.action_library import load_suggested_actions
from app.store.instruments import get_questionnaire

# Last step of a community, by its position in the list; every sixth asks for a pulse.
FAR = (*(FollowUpStep.IN_PROGRESS,) * 6, FollowUpStep.PLAN_AGREED, FollowUpStep.PREVIEWED)
PULSE_EVERY = 6
UNANSWERED = 3
SWEDISH = ("blabarsby",)
SHOWN = "kuusiranta-tahtikallion-koulu"
OWNERS = {
    Language.FI: ("vararehtori tai varajohtaja", "rehtori tai johtaja", "tiimin vetäjä", "työsuojelupari"),
    Language.SV: ("biträdande rektor eller föreståndare", "rektor eller föreståndare", "teamledaren", "arbetarskyddet"),
}
OUTCOMES = {
    Language.FI: (
        "Kokeiltu kuukausi ja jätetty käyttöön.",
        "Sovittu ja kirjattu viikkopohjaan.",
        "Tehty syksyllä.",
    ),
    Language.SV: ("Prövades i en månad och togs i bruk.", "Avtalat och infört i veckoschemat.", "Gjort under hösten."),
}
NOTES = {
    Language.FI: (
        "Keskusteltiin ryhmissä ja äänestettiin.",
        "Kävimme tulokset läpi pareittain ja valitsimme yhden asian.",
        "Tulokset vastasivat arkea. Aloitamme pienestä.",
    ),
    Language.SV: (
        "Vi diskuterade i grupper och röstade.",
        "Vi gick igenom resultaten i par och valde en sak.",
        "Resultaten motsvarade vardagen. Vi börjar smått.",
    ),
}
FIRST_STEP_DAYS = (10, 14, 20)
OUTCOME_DAYS = (60, 75, 90)
WHYS = {Language.FI: "Tästä päätetään kunnassa.", Language.SV: "Det här är något som kommunen beslutar om."}
ANSWER = partly_translated_text(
    {
        Language.FI: "Asia on ensi vuoden talousarviossa; kerromme tuloksesta tammikuussa.",
        Language.SV: "Frågan finns med i nästa års budget; vi berättar om resultatet i januari.",
    }
)


def load_followups_of_last_two_rounds(
    session: Session, rounds: list[RoundId], *, surveys: Path, principals: Mapping[str, AccountId], now: datetime
) -> None:
    """Store the follow-ups of all communities after the last two surveys, each at its own step."""
    library = load_suggested_actions(surveys)
    released = {survey.round: survey for survey in followup.released_surveys(session)}
    for round_id in rounds[-2:]:
        for place, unit in enumerate(released[round_id].region.units):
            last = FollowUpStep.IN_PROGRESS if unit.id == SHOWN else FAR[place % len(FAR)]
            _take_steps(session, round_id, unit, last, library=library, place=place, by=principals.get(unit.id))
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
    mark = followup.follow_up_of_unit(session, round_id, unit.id).timeline.find(FollowUpStep.RELEASED)
    if mark is None or mark.at is None:
        return
    language = Language.SV if unit.municipality in SWEDISH else Language.FI
    focus = _focus(session, round_id, unit, place)
    day = same_or_next_school_day(mark.at + (4 + place % 3) * DAY)
    for step in list(FollowUpStep)[1 : list(FollowUpStep).index(last) + 1]:
        if step is FollowUpStep.DISCUSSED:
            _discuss(session, round_id, unit, focus, language, by=by, now=day, place=place)
        if step is FollowUpStep.PLAN_AGREED:
            entries = [entry for entry in library if entry.dimension == focus]
            _plan(session, round_id, unit, entries, language, by=by, now=day, place=place)
        followup.take_step(session, round_id, unit.id, step, by=by, now=day)
        day = same_or_next_school_day(day + (8 + place % 4) * DAY)


def _focus(session: Session, round_id: RoundId, unit: ReportingUnit, place: int) -> str:
    """Return the dimension in which a community is weakest beside the region; one by its place if none is known."""
    publication = followup.follow_up_of_unit(session, round_id, unit.id).publication
    instrument = get_questionnaire(session, publication.instrument_digest)
    asked = [name for name in DIMENSIONS if any(scale.dimension == name for scale in instrument.scales)]
    gaps = {}
    for figure in publication.scale_figures_in(Cell(Level.COMMUNITY, unit.id)):
        scale = instrument.scale(figure.measure)
        gap = _gap(publication, figure, high_is_good=scale.polarity is Polarity.HIGH_IS_GOOD)
        if scale.dimension in DIMENSIONS and gap is not None:
            gaps[scale.dimension] = gap
    return min(gaps, key=lambda name: gaps[name]) if gaps else asked[place % len(asked)]


def _gap(publication: Publication, figure: Figure, *, high_is_good: bool) -> float | None:
    """Return how far a figure lies beyond the region's towards the good end, in points; a placement as one point."""
    region = publication.figure(publication.region_cell, figure.measure)
    if figure.mean is not None and region is not None and region.mean is not None:
        return (figure.mean - region.mean) * (1 if high_is_good else -1)
    placements = {Placement.BELOW: -1.0, Placement.SAME: 0.0, Placement.ABOVE: 1.0}
    if figure.placement is None:
        return None
    return placements[figure.placement] * (1 if high_is_good else -1)


def _discuss(
    session: Session,
    round_id: RoundId,
    unit: ReportingUnit,
    focus: str,
    language: Language,
    *,
    by: AccountId | None,
    now: datetime,
    place: int,
) -> None:
    texts = {
        "discussed_on": same_or_previous_school_day(now - DAY).date().isoformat(),
        "present": str(max(1, unit.invited_count * (9 - place % 4) // 10)),
        "note": _pick(NOTES[language], place),
        "focus": focus,
        "pulse": "yes" if place % PULSE_EVERY == 0 else "",
    }
    followup.save_minutes_and_focus(session, round_id, unit.id, texts, version=0, by=by, now=now)


def _pick(texts: tuple[str, ...], place: int) -> str:
    return texts[place % len(texts)]


def _plan(
    session: Session,
    round_id: RoundId,
    unit: ReportingUnit,
    entries: list[SuggestedAction],
    language: Language,
    *,
    by: AccountId | None,
    now: datetime,
    place: int,
) -> None:
    own = _rotated([entry for entry in entries if entry.power is DecisionLevel.COMMUNITY], place)[: 1 + place % 2]
    theirs = [entry for entry in entries if entry.power is not DecisionLevel.COMMUNITY][: place % 3 == 0]
    statuses = (ActionStatus.DONE, ActionStatus.STARTED, ActionStatus.PLANNED)
    for number, suggested_action in enumerate(own + theirs):
        status = ActionStatus.STARTED if number == 0 and place % 4 == 1 else statuses[number]
        texts = {
            "dimension": suggested_action.dimension,
            "what": suggested_action.what.in_language(language),
            "aim": suggested_action.aim.value,
            "power": suggested_action.power.value,
            "owner": _pick(OWNERS[language], place + number),
            "first_step": suggested_action.first_step.in_language(language),
            "first_by": _day_after(now, FIRST_STEP_DAYS, place + number),
            "due": _day_after(now, OUTCOME_DAYS, place + number),
            "sign": suggested_action.sign.in_language(language),
            "course": "",
            "status": status.value,
            "outcome": _pick(OUTCOMES[language], place) if status is ActionStatus.DONE else "",
        }
        saved = followup.save_action(session, round_id, unit.id, texts, number=None, version=0, by=by, now=now)
        if suggested_action in theirs:
            _escalate(session, round_id, unit, saved.number, WHYS[language], by=by, now=now)


def _rotated(entries: list[SuggestedAction], place: int) -> list[SuggestedAction]:
    start = place % len(entries) if entries else 0
    return entries[start:] + entries[:start]


def _day_after(now: datetime, spans: tuple[int, ...], place: int) -> str:
    return same_or_next_school_day(now + spans[place % len(spans)] * DAY).date().isoformat()


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
    followup.escalate(session, round_id, unit.id, number, why, by=by, now=same_or_next_school_day(now + DAY))


def _review(session: Session, round_id: RoundId) -> None:
    for follow_up in followup.follow_ups_after_survey(session, round_id):
        mark = follow_up.timeline.find(FollowUpStep.EFFECT_REVIEWED)
        if (
            mark is not None
            and mark.due is not None
            and followup.step_refusal(follow_up, FollowUpStep.EFFECT_REVIEWED) is None
        ):
            day = same_or_previous_school_day(
                datetime(mark.due.year, mark.due.month, mark.due.day, 12, tzinfo=UTC) - DAY
            )
            followup.take_step(session, round_id, follow_up.unit.id, FollowUpStep.EFFECT_REVIEWED, by=None, now=day)


def _answer(session: Session, *, now: datetime) -> None:
    for escalation in followup.all_escalations(session)[:-UNANSWERED]:
        at = min(now, same_or_next_school_day(escalation.raised_at + 12 * DAY))
        followup.answer_escalation(
            session, escalation.id, MunicipalityAnswerKind.WILL_DO, ANSWER, seen_answer_at=None, by=None, now=at
        )
