"""Newest regional survey and version of the catalogue for own feedback, in one statement."""

from collections.abc import Hashable
from typing import cast

from sqlalchemy import Table, literal, select

from app.core.rounds import RoundId
from app.store import courses, released_surveys
from app.store.database import Executor
from app.store.released_surveys import RegionalSurvey, ReleasedSurveyRow

_SURVEYS = cast("Table", ReleasedSurveyRow.__table__)
_ALWAYS = select(literal(1).label("number")).subquery("always")  # a row also where no survey was released
_VERSION = select(
    _SURVEYS.c.round_id, _SURVEYS.c.digest, _SURVEYS.c.instrument_digest, *courses.AVAILABLE_COURSES_VERSION
).select_from(_ALWAYS.outerjoin(_SURVEYS, _SURVEYS.c.is_regional))


def newest_regional_survey_and_courses_version(session: Executor) -> tuple[RegionalSurvey | None, Hashable]:
    """Return the newest survey of the whole region, and a value that changes with the available courses."""
    if not released_surveys.has_released_survey_tables(session):
        return None, courses.available_courses_version(session)
    round_id, digest, instrument_digest, *offered = session.execute(_VERSION).one()
    latest = None if round_id is None else RegionalSurvey(RoundId(round_id), digest, instrument_digest)
    return latest, tuple(offered)
