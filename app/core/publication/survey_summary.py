"""Summary of released surveys for respondents' pages, so that these need no publication."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.publication.figures import DisclosureState
from app.core.publication.latest import MIN_REGIONAL_SHARE
from app.core.publication.publication import Publication


@dataclass(frozen=True, slots=True)
class SurveySummary:
    """A survey without its figures: the region's means by scale, and the units that were asked.

    `is_shown` tells whether anything is published of the region as a whole. `means` holds the scales whose mean of the
    region is published, on the scale's own range.
    """

    title: str
    instrument_digest: str
    is_shown: bool
    units: tuple[str, ...]
    means: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class SurveyExtent:
    """How many units a survey asked, and whether anything is published of the region as a whole."""

    round: int
    units: int
    is_shown: bool


def summarize(publication: Publication) -> SurveySummary:
    """Return the summary of a survey."""
    figures = publication.scale_figures_in(publication.region_cell)
    return SurveySummary(
        title=publication.title,
        instrument_digest=publication.instrument_digest,
        is_shown=any(figure.state is not DisclosureState.WITHHELD for figure in figures),
        units=tuple(unit.id for unit in publication.region.units),
        means=tuple(
            (figure.measure, figure.mean)
            for figure in figures
            if figure.state is DisclosureState.SHOWN and figure.mean is not None
        ),
    )


def newest_regional_round_id(surveys: Sequence[SurveyExtent]) -> int | None:
    """Return the round of the newest survey of the whole region, of surveys oldest first; None without any.

    The rule is that of `ReleasedSurveys.newest_of_whole_region`, of which this is the form without publications.

    >>> newest_regional_round_id([SurveyExtent(1, 40, True), SurveyExtent(2, 5, True), SurveyExtent(3, 30, False)])
    1
    """
    largest = max((survey.units for survey in surveys), default=0)
    newest_first = [survey for survey in reversed(surveys) if survey.units >= MIN_REGIONAL_SHARE * largest]
    shown = (survey.round for survey in newest_first if survey.is_shown)
    return next(shown, newest_first[0].round if newest_first else None)
