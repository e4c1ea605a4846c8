"""Find the survey that a community's needs are based on: the newest one with a result of its own.

A pulse asks single items of a few communities, and a survey may ask only a part of the region. Neither may
replace another community's results, so pages do not use "the newest publication" but this module.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from app.core.organisations import Municipality, ReportingUnit
from app.core.publication.figures import Cell, Level
from app.core.publication.publication import Publication
from app.core.rounds import RoundId, RoundKind

# A survey represents the whole region from this share of the communities in the largest survey.
MIN_REGIONAL_SHARE = 0.5


class HasUnit(Protocol):
    """Anything that says something of one reporting unit."""

    @property
    def unit(self) -> ReportingUnit:
        """The reporting unit."""


Item = TypeVar("Item", bound=HasUnit)


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """A survey and the unit under which a community is reported in it."""

    publication: Publication
    unit: ReportingUnit

    @property
    def has_own_result(self) -> bool:
        """Whether anything is published of the unit itself: numbers or a placement."""
        return self.publication.has_results(Cell(Level.COMMUNITY, self.unit.id))


@dataclass(frozen=True, slots=True)
class RegionResults:
    """Results for a view of the whole region.

    `surveys` are all surveys, oldest first; `regional` is the newest one of the whole region, `rounds` the number of
    such surveys. Means of the region and of staff groups come from `regional`, needs from `results`, one for each
    unit.
    """

    surveys: tuple[Publication, ...]
    regional: Publication
    results: tuple[SurveyResult, ...]
    municipalities: tuple[Municipality, ...]
    rounds: int


@dataclass(frozen=True)
class ReleasedSurveys:
    """The released surveys, oldest first, with lookups by community."""

    surveys: tuple[Publication, ...]

    @staticmethod
    def from_publications(released: Iterable[Publication]) -> "ReleasedSurveys":
        """Return the surveys among `released` (oldest first), without pulses."""
        return ReleasedSurveys(tuple(publication for publication in released if publication.kind is RoundKind.SURVEY))

    def newest_result_of(self, community: str) -> SurveyResult | None:
        """Return the newest survey with a result of the community, else the newest that asked it; None if none did.

        A community without any published result uses its municipality's figures in the newest survey that asked it.
        If only the newest survey has no result, the earlier one is used.
        """
        newest = None
        for survey in reversed(self.surveys):  # earlier surveys are read only while nothing of its own was found
            survey_result = self._unit_result(survey, community)
            if survey_result is not None and survey_result.has_own_result:
                return survey_result
            newest = newest or survey_result
        return newest

    def next_survey_of_community(self, round_id: RoundId, community: str) -> Publication | None:
        """Return the next survey after a round that asked the community, or None."""
        numbers = [survey.round for survey in self.surveys]
        later = self.surveys[numbers.index(round_id) + 1 :] if round_id in numbers else ()
        return next(
            (publication for publication in later if publication.find_unit_of_community(community) is not None), None
        )

    def region_results(self, communities: Container[str]) -> "RegionResults | None":
        """Return each unit's newest own result for a view of the region; None before the first survey.

        `communities` are the current ones: closed communities are left out. No community is in two results.
        """
        if self.newest_of_whole_region is None:
            return None
        newest_first = self._newest_first()
        own = [survey_result for survey_result in newest_first if survey_result.has_own_result]
        results = self._in_order(keep_first_unit_per_community([*own, *newest_first], communities))
        municipalities = _municipalities(self.newest_of_whole_region, results)
        return RegionResults(
            self.surveys, self.newest_of_whole_region, results, municipalities, len(self._regional_surveys)
        )

    def newest_survey_per_unit(self, communities: Container[str]) -> tuple[SurveyResult, ...]:
        """Return the newest survey that asked each current unit; no community is in two of them."""
        return self._in_order(keep_first_unit_per_community(self._newest_first(), communities))

    @cached_property
    def newest_of_whole_region(self) -> Publication | None:
        """The newest survey of the whole region: one that asked at least half as many units as the largest one.

        Prefers a survey with figures of the region, so that a survey without answers replaces nothing.
        """
        newest_first = self._regional_surveys[::-1]
        shown = (publication for publication in newest_first if publication.has_results(publication.region_cell))
        return next(shown, newest_first[0] if newest_first else None)

    @property
    def last_two_of_whole_region(self) -> tuple[Publication, ...]:
        """The last two surveys of the whole region, the older first."""
        return self._regional_surveys[-2:]

    @cached_property
    def _regional_surveys(self) -> tuple[Publication, ...]:
        largest = max((survey.unit_count for survey in self.surveys), default=0)
        return tuple(survey for survey in self.surveys if survey.unit_count >= MIN_REGIONAL_SHARE * largest)

    def _newest_first(self) -> list[SurveyResult]:
        return [SurveyResult(survey, unit) for survey in reversed(self.surveys) for unit in survey.region.units]

    def _in_order(self, results: Iterable[SurveyResult]) -> tuple[SurveyResult, ...]:
        """Order results as in the newest survey of the whole region."""
        units = self.newest_of_whole_region.region.units if self.newest_of_whole_region else ()
        places = {unit.id: place for place, unit in enumerate(units)}
        return tuple(sorted(results, key=lambda survey_result: places.get(survey_result.unit.id, len(places))))

    @staticmethod
    def _unit_result(survey: Publication, community: str) -> SurveyResult | None:
        unit = survey.find_unit_of_community(community)
        return None if unit is None else SurveyResult(survey, unit)


def keep_first_unit_per_community(items: Iterable[Item], communities: Container[str]) -> list[Item]:
    """Keep the first item of every community; units that share one with a kept unit are left out.

    `communities` are the current ones: a unit of closed communities only is left out too.
    """
    used: set[str] = set()
    result = []
    for item in items:
        members = {item.unit.id, *item.unit.communities}
        if used.isdisjoint(members) and any(member in communities for member in members):
            used |= members
            result.append(item)
    return result


def _municipalities(regional: Publication, results: Iterable[SurveyResult]) -> tuple[Municipality, ...]:
    """Return the municipalities of the regional survey, then those that only other surveys asked."""
    by_id = {municipality.id: municipality for municipality in regional.region.municipalities}
    for result in results:
        for municipality in result.publication.region.municipalities:
            if municipality.id == result.unit.municipality:
                by_id.setdefault(municipality.id, municipality)
    return tuple(by_id.values())
