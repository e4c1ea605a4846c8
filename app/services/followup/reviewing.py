"""What the follow-up of a survey brought: among all communities, in one dimension fixed in advance."""

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.matching.effect import Effect, estimate_effect
from app.core.matching.reviews import comparable, observed
from app.core.rounds import RoundId
from app.services.followup.reading import surveys
from app.store import plans


def effect(session: Session, round_id: RoundId, dimension: str) -> Effect | None:
    """Compare the communities that chose a dimension and began, with the others, from printed means alone.

    None where there is no next survey, or where it did not ask the very same.
    """
    known = surveys(session)
    place = [one.round for one in known].index(round_id)
    if place + 1 >= len(known):
        return None
    before = known[place]
    after = known[place + 1]
    measures = comparable(before, after, dimension)
    if measures is None:
        return None
    chose = {
        unit for unit, plan in plans.plans(session, round_id).items() if dimension in plan.focus and plan.has_begun
    }
    units = observed(before, after, measures, chose)
    # The same publications give the same answer on every visit.
    return estimate_effect(dimension, units, chance=default_rng(int(after.round)))
