"""What stands beside a person's own feedback. The answers themselves never come down here."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from app.core.catalogue import Course
from app.core.instruments import Instrument, comparable_scales
from app.core.publication import Publication, State
from app.store import courses, publications
from app.store.database import Teller
from app.store.instruments import InstrumentUnknown, kept


@dataclass(frozen=True, slots=True)
class Edition:
    """What tells whether anything beside the own numbers has changed: a look that costs two small statements.

    `latest` is the newest survey of the region as a whole. It is the very same object, and `offered` an equal
    value, as long as nothing has.
    """

    latest: Publication | None
    offered: Hashable


def edition(session: Teller) -> Edition:
    """Return the edition of now."""
    # A pulse, or a survey of a part of the region, is not what people should compare themselves with.
    return Edition(publications.latest_surveys(session).regional, courses.offered(session))


def region(session: Teller, latest: Publication | None, instrument: Instrument) -> dict[str, float]:
    """Return the region's means in the newest survey of the whole region, of the scales that `instrument` has too."""
    if latest is None:
        return {}
    figures = [latest.figure(latest.region_cell, scale.id) for scale in instrument.scales]
    means = {one.measure: one.mean for one in figures if one and one.state is State.SHOWN and one.mean is not None}
    return continuing(session, latest.instrument_digest, instrument, means)


def offers(session: Teller) -> tuple[Course, ...]:
    """Return the catalogue, for courses to be suggested from."""
    return courses.courses(session)


def continuing(session: Teller, digest: str, instrument: Instrument, values: Mapping[str, float]) -> dict[str, float]:
    """Keep the values of those scales that ask the very same questions in both questionnaires."""
    try:
        earlier = kept(session, digest)
    except InstrumentUnknown:
        return {}
    return {name: values[name] for name in comparable_scales(earlier, instrument) if name in values}
