"""Scales of other surveys that resemble our dimensions: names only, numbers are never compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.instruments import Instrument
from app.core.languages import Language
from app.core.other_surveys import GoodEnd, ScaleMatch
from app.core.publication import Publication
from app.reports import orientation


@dataclass(frozen=True, slots=True)
class ResemblingScale:
    """A scale of another survey beside the name under which a page shows what it resembles."""

    title: str
    survey: str
    scale: str
    is_low_good: bool
    source: str


def resembling_scales(
    publication: Publication, instrument: Instrument, matches: Iterable[ScaleMatch], language: Language
) -> tuple[ResemblingScale, ...]:
    """Return the scales of other surveys that resemble a scale of this publication, in the order of its scales."""
    by_dimension: dict[str, list[ScaleMatch]] = {}
    for match in matches:
        by_dimension.setdefault(match.dimension, []).append(match)
    published = {measure.id for measure in publication.scales}
    return tuple(
        ResemblingScale(
            title=orientation.scale_title(scale, instrument, language),
            survey=match.survey,
            scale=match.scale.in_language(language),
            is_low_good=match.good_end is GoodEnd.LOW,
            source=match.source,
        )
        for scale in instrument.scales
        if scale.id in published
        for match in by_dimension.get(scale.dimension, ())
    )
