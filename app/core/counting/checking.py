"""Let the attacker program at a publication with community by staff group, before it is frozen."""

from collections.abc import Callable, Sequence

from app.core.counting.measures import Scored
from app.core.counting.sums import Sums
from app.core.disclosure.attack import attack
from app.core.disclosure.polytope import Contradiction
from app.core.publication import Check, MeasureKind, Publication


def checked(
    publication: Publication,
    sums: Sums,
    measures: Sequence[Scored],
    groups: Sequence[str],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Check:
    """Attack every scale as somebody who knows exactly who answered; return what was found.

    A publication that the program cannot read without contradiction passes as little as a broken one.
    """
    names = (*groups, None)
    units = range(len(publication.region.units))
    counts = {
        scored.measure.id: {
            (unit, name): int(sums.n[unit, column, place]) for unit in units for column, name in enumerate(names)
        }
        for place, scored in enumerate(measures)
        if scored.measure.kind is MeasureKind.SCALE
    }
    try:
        return attack(publication, counts=counts, progress=progress).check
    except Contradiction:
        return Check(sets=0, broken=1, narrowest=None)
