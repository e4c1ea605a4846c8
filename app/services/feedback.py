"""Context of a respondent's own feedback: region means and courses. Answers are never passed here."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from app.core.catalogue import Course
from app.core.instruments import Instrument, comparable_scales
from app.store import courses, feedback_versions, released_surveys
from app.store.database import Executor
from app.store.instruments import UnknownInstrument, get_questionnaire
from app.store.released_surveys import RegionalSurvey


@dataclass(frozen=True, slots=True)
class FeedbackVersion:
    """A value that changes when anything that is shown beside a respondent's own feedback changes; cheap to read.

    `latest` is the newest survey of the region as a whole. Both are equal values as long as nothing has.
    """

    latest: RegionalSurvey | None
    offered: Hashable


def feedback_version(session: Executor) -> FeedbackVersion:
    """Return the current FeedbackVersion."""
    # Respondents are not compared with a pulse, or with a survey of only a part of the region.
    return FeedbackVersion(*feedback_versions.newest_regional_survey_and_courses_version(session))


def region_means(session: Executor, latest: RegionalSurvey | None, instrument: Instrument) -> dict[str, float]:
    """Return the region's means in the newest survey of the whole region, of the scales that `instrument` has too."""
    if latest is None:
        return {}
    means = released_surveys.region_means(session, latest.round)
    return filter_comparable_scores(session, latest.instrument_digest, instrument, means)


def catalogue_courses(session: Executor) -> tuple[Course, ...]:
    """Return the catalogue, for courses to be suggested from."""
    return courses.courses(session)


def filter_comparable_scores(
    session: Executor, digest: str, instrument: Instrument, values: Mapping[str, float]
) -> dict[str, float]:
    """Keep the values of those scales that ask the very same questions in both questionnaires."""
    try:
        earlier = get_questionnaire(session, digest)
    except UnknownInstrument:
        return {}
    return {name: values[name] for name in comparable_scales(earlier, instrument) if name in values}
