"""Estimate the effect of a follow-up over all communities, in one dimension chosen in advance."""

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.matching.effect import Effect, estimate_effect
from app.core.matching.effect_reviews import find_comparable_measure_pair, observed_changes
from app.core.rounds import RoundId
from app.services.followup.follow_up_lookup import released_surveys
from app.store import plans


def follow_up_effect_across_units(
    session: Session, round_id: RoundId, dimension: str, *, after: RoundId | None
) -> Effect | None:
    """Compare communities that chose a dimension and began with the others, from published means only.

    `after` is the next survey that asked the community. None if there is none, or if its questions differ.
    """
    if after is None:
        return None
    survey_by_round = {survey.round: survey for survey in released_surveys(session)}
    before = survey_by_round[round_id]
    later = survey_by_round[after]
    measures = find_comparable_measure_pair(before, later, dimension)
    if measures is None:
        return None
    chose = {
        unit
        for unit, plan in plans.plans_by_unit(session, round_id).items()
        if dimension in plan.focus and plan.has_started_or_done_action
    }
    units = observed_changes(before, later, measures, chose)
    # Fixed seed: the same publications give the same result.
    return estimate_effect(dimension, units, chance=default_rng(int(later.round)))
