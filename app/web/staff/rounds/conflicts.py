"""Warn of other surveys of the same people within eight weeks of a planned round."""

from zoneinfo import ZoneInfo

from app.core.rounds import Round, RoundState
from app.core.survey_calendar import SurveyConflict
from app.services.survey_calendar import check_days_for_survey_conflict, check_round_for_survey_conflict
from app.store.database import Session, read_session
from app.web.shared.app_context import settings, today
from app.web.shared.languages import language
from app.web.staff.rounds.forms import PlanForm


def survey_conflict_of_round(session: Session, round_: Round) -> SurveyConflict:
    """Return the other surveys that are too close in time to a planned round; empty for a round that was opened."""
    if round_.state is not RoundState.DRAFT:
        return SurveyConflict(())
    zone = ZoneInfo(settings().time_zone)
    return check_round_for_survey_conflict(session, round_, today=today(), zone=zone, language=language())


def survey_conflict_of_form(form: PlanForm, planned: Round | None = None) -> SurveyConflict:
    """Return the other surveys that are too close in time to the dates of a form.

    `planned` is the round that it changes.
    """
    zone = ZoneInfo(settings().time_zone)
    with read_session() as session:
        return check_days_for_survey_conflict(
            session,
            form.survey_days(),
            today=today(),
            zone=zone,
            language=language(),
            planned=None if planned is None else planned.id,
        )
