"""What stands beside a person's own feedback. The answers themselves never come down here."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from app.core.catalogue import Course
from app.core.instruments import Instrument, comparable_scales
from app.store import courses, released_surveys
from app.store.database import Executor
from app.store.instruments import UnknownInstrument, stored_instrument
from app.store.released_surveys import RegionalSurvey


@dataclass(frozen=True, slots=True)
class FeedbackVersion:
    """What tells whether anything beside the own numbers has changed: a look that costs two small statements.

    `latest` is the newest survey of the region as a whole. Both are equal values as long as nothing has.
    """

    latest: RegionalSurvey | None
    offered: Hashable


def feedback_version(session: Executor) -> FeedbackVersion:
    """Return the edition of now."""
    # A pulse, or a survey of a part of the region, is not what people should compare themselves with.
    return FeedbackVersion(released_surveys.newest_regional_survey(session), courses.available_courses_version(session))


def region_means(session: Executor, latest: RegionalSurvey | None, instrument: Instrument) -> dict[str, float]:
    """Return the region's means in the newest survey of the whole region, of the scales that `instrument` has too."""
    if latest is None:
        return {}
    means = released_surveys.region_means(session, latest.round)
    return comparable_scores(session, latest.instrument_digest, instrument, means)


def catalogue_courses(session: Executor) -> tuple[Course, ...]:
    """Return the catalogue, for courses to be suggested from."""
    return courses.courses(session)


def comparable_scores(
    session: Executor, digest: str, instrument: Instrument, values: Mapping[str, float]
) -> dict[str, float]:
    """Keep the values of those scales that ask the very same questions in both questionnaires."""
    try:
        earlier = stored_instrument(session, digest)
    except UnknownInstrument:
        return {}
    return {name: values[name] for name in comparable_scales(earlier, instrument) if name in values}
