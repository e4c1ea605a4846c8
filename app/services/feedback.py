"""What stands beside a person's own feedback. The answers themselves never come down here."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from app.core.catalogue import Course
from app.core.instruments import Instrument, comparable_scales
from app.core.publication import DisclosureState, Publication
from app.store import courses, publications
from app.store.database import Executor
from app.store.instruments import UnknownInstrument, stored_instrument


@dataclass(frozen=True, slots=True)
class FeedbackVersion:
    """What tells whether anything beside the own numbers has changed: a look that costs two small statements.

    `latest` is the newest survey of the region as a whole. It is the very same object, and `offered` an equal
    value, as long as nothing has.
    """

    latest: Publication | None
    offered: Hashable


def feedback_version(session: Executor) -> FeedbackVersion:
    """Return the edition of now."""
    # A pulse, or a survey of a part of the region, is not what people should compare themselves with.
    return FeedbackVersion(publications.latest_surveys(session).regional, courses.offered_version(session))


def region_means(session: Executor, latest: Publication | None, instrument: Instrument) -> dict[str, float]:
    """Return the region's means in the newest survey of the whole region, of the scales that `instrument` has too."""
    if latest is None:
        return {}
    figures = [latest.figure(latest.region_cell, scale.id) for scale in instrument.scales]
    means = {
        figure.measure: figure.mean
        for figure in figures
        if figure and figure.state is DisclosureState.SHOWN and figure.mean is not None
    }
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
