"""Forecast what a round would publish at a given response rate; depends on head counts only."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.core.counting.families import normal_and_sensitive_thresholds
from app.core.disclosure.pattern import AnswerCounts, PublicationPattern, decide_pattern
from app.core.disclosure.policy import Policy
from app.core.organisations import Region
from app.core.publication import DisclosureState

RESPONSES = (50, 70, 90)  # per cent


@dataclass(frozen=True, slots=True)
class UnitForecast:
    """Forecast for one unit with `answers` answers; `detail`: distributions and single questions are published.

    `counted`: the unit is counted in its municipality's own number, if there is one.
    """

    answers: int
    state: DisclosureState
    detail: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would be published at one response rate, if every respondent answered every question.

    `covers` maps a published municipality to (units counted, units with staff). `region` is the same for the region,
    or None.
    """

    response: int
    units: Mapping[str, UnitForecast]
    covers: Mapping[str, tuple[int, int]]
    region: tuple[int, int] | None

    def unit_count_in_state(self, state: DisclosureState) -> int:
        """Return how many units would be shown, placed or withheld."""
        return sum(unit_forecast.state is state for unit_forecast in self.units.values())


def forecast_at_response_rate(region: Region, policy: Policy, *, response: int) -> Forecast:
    """Return what would be published if `response` per cent of each unit answered, rounded down.

    Uses the rules of the count, without randomness. Units without staff are left out.
    """
    manned = region.restricted_to(frozenset(unit.id for unit in region.units if unit.invited_count))
    answers = np.array([unit.invited_count * response // 100 for unit in manned.units], dtype=np.int64)
    limits = normal_and_sensitive_thresholds(policy)[0]
    tally = AnswerCounts(answers[:, np.newaxis], answers[:, np.newaxis, np.newaxis])
    pattern = decide_pattern(manned, tally, limits.means)
    detail = decide_pattern(manned, tally, limits.detail, within=(pattern,))
    counted = np.logical_or.reduce([np.zeros(len(answers), dtype=np.bool_), *pattern.municipalities.values()])
    return Forecast(
        response=response,
        units={
            unit.id: UnitForecast(int(answers[row]), _state(pattern, row), bool(detail.shown[row]), bool(counted[row]))
            for row, unit in enumerate(manned.units)
        },
        covers={name: (int(mask.sum()), len(manned.units_of(name))) for name, mask in pattern.municipalities.items()},
        region=None if pattern.region is None else (int(pattern.region.sum()), len(manned.units)),
    )


def _state(pattern: PublicationPattern, row: int) -> DisclosureState:
    if pattern.shown[row]:
        return DisclosureState.SHOWN
    return DisclosureState.PLACEMENT if pattern.placement[row] else DisclosureState.WITHHELD
