"""What the follow-up of a survey brought: among all communities, in one dimension fixed in advance."""

from numpy.random import default_rng
from sqlalchemy.orm import Session

from app.core.instruments import Polarity
from app.core.matching.effect import Bracket, Observed, bracket
from app.core.organisations import Unit
from app.core.publication import Cell, Level, Measure, Publication, State
from app.core.rounds import RoundId
from app.services.followup.reading import surveys
from app.store import plans


def effect(session: Session, round_id: RoundId, dimension: str) -> Bracket | None:
    """Compare the communities that chose a dimension and began, with the others, from printed means alone.

    None where there is no next survey, or where it did not ask the very same.
    """
    known = surveys(session)
    place = [one.round for one in known].index(round_id)
    if place + 1 >= len(known):
        return None
    before, after = known[place], known[place + 1]
    pair = _same_scale(before, after, dimension)
    if pair is None:
        return None
    chose = {
        unit for unit, plan in plans.plans(session, round_id).items() if dimension in plan.focus and plan.has_begun
    }
    later = {unit.id: unit for unit in after.region.units}
    observed = [
        found
        for unit in before.region.units
        if unit.id in later and later[unit.id].communities == unit.communities
        for found in _observed(before, after, unit, pair, took_part=unit.id in chose)
    ]
    # The same publications give the same answer on every visit.
    return bracket(dimension, observed, chance=default_rng(int(after.round)))


def _same_scale(before: Publication, after: Publication, dimension: str) -> tuple[Measure, Measure] | None:
    later = {measure.identity: measure for measure in after.scales if measure.dimension == dimension}
    pairs = [(one, later[one.identity]) for one in before.scales if one.identity in later]
    return pairs[0] if pairs else None


def _observed(
    before: Publication, after: Publication, unit: Unit, pair: tuple[Measure, Measure], *, took_part: bool
) -> list[Observed]:
    cell = Cell(Level.COMMUNITY, unit.id)
    then, now = before.figure(cell, pair[0].id), after.figure(cell, pair[1].id)
    if then is None or now is None or then.state is not State.SHOWN or now.state is not State.SHOWN:
        return []
    if then.mean is None or now.mean is None or then.capped or now.capped:
        return []
    sign = 1.0 if pair[0].polarity is Polarity.HIGH_IS_GOOD else -1.0
    return [Observed(unit.id, unit.municipality, sign * then.mean, sign * now.mean, unit.size, took_part)]
