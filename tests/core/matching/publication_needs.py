"""Needs of the units of one publication: the application reads them from the newest survey of each unit."""

from app.core.matching.needs import WEIGHTS, needs_of_results
from app.core.publication import SurveyResult


def publication_needs(publication, *, weights=WEIGHTS):
    """Return the needs of every unit of one publication."""
    return needs_of_results([SurveyResult(publication, unit) for unit in publication.region.units], weights=weights)
