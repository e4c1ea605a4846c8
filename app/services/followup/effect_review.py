"""What the follow-up of a survey brought: among all communities, in one dimension fixed in advance."""

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.matching.effect import Effect, estimate_effect
from app.core.matching.effect_reviews import comparable_measures, observed_changes
from app.core.rounds import RoundId
from app.services.followup.follow_up_lookup import surveys
from app.store import plans


def follow_up_effect(session: Session, round_id: RoundId, dimension: str, *, after: RoundId | None) -> Effect | None:
    """Compare the communities that chose a dimension and began, with the others, from printed means alone.

    `after` is the next survey that asked the community at hand. None where there is none, or where it did not
    ask the very same.
    """
    if after is None:
        return None
    known = {survey.round: survey for survey in surveys(session)}
    before = known[round_id]
    later = known[after]
    measures = comparable_measures(before, later, dimension)
    if measures is None:
        return None
    chose = {
        unit for unit, plan in plans.plans(session, round_id).items() if dimension in plan.focus and plan.has_begun
    }
    units = observed_changes(before, later, measures, chose)
    # The same publications give the same answer on every visit.
    return estimate_effect(dimension, units, chance=default_rng(int(later.round)))
