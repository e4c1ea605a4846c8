"""Whether a municipality or the region speaks for mostly the same communities in two rounds.

A small community may be counted in its municipality in one round and left out of it in the next. The mean then
moves although nothing has changed anywhere.
"""

from app.core.organisations import Region
from app.core.publication import Level, Measure, MeasureKind, Participation

ALIKE = 0.9


def is_mostly_the_same(then: int, now: int, places: int) -> bool:
    """Tell whether nine tenths of the communities that either round counts are surely counted in both.

    `then` and `now` are how many each round counts, `places` how many different communities there are in the two
    rounds together. Only the printed numbers are used, so the share is the least that it can be.

    >>> is_mostly_the_same(58, 57, 58), is_mostly_the_same(25, 17, 25), is_mostly_the_same(0, 0, 0)
    (True, False, False)
    """
    return min(then, now) > 0 and then + now - places >= ALIKE * max(then, now)


def places_of(then: Region, now: Region) -> dict[tuple[Level, str], int]:
    """Return how many different communities each municipality and the region have in two rounds together.

    One that was joined with another in between is another.
    """
    made = {(unit.id, unit.communities, unit.municipality) for region in (then, now) for unit in region.units}
    found = {(Level.REGION, now.id): len(made)}
    for _name, _communities, municipality in made:
        key = Level.MUNICIPALITY, municipality
        found[key] = found.get(key, 0) + 1
    return found


def counted_in(part: Participation | None, measure: Measure) -> int:
    """Return how many communities a municipality's or the region's figure counts; 0 where that is not told."""
    if part is None:
        return 0
    covers = part.covers
    if measure.sensitive:
        covers = part.sensitive_covers
    elif measure.kind is MeasureKind.ITEM:
        covers = part.detail_covers
    return 0 if covers is None else covers[0]
