"""Let the attacker program at a publication with community by staff group, before it is frozen."""

from collections.abc import Callable, Sequence

import numpy as np

from app.core.counting.collected import Collected
from app.core.counting.measures import Scored, measures_of
from app.core.counting.sums import Sums, scores_of
from app.core.disclosure.attack import attack
from app.core.disclosure.polytope import Contradiction
from app.core.instruments import Instrument
from app.core.organisations import Region
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


def valid_counts(
    collected: Collected, *, region: Region, instrument: Instrument
) -> dict[str, dict[tuple[int, str | None], int]]:
    """Return how many answered each scale, by unit and staff group (None for those who named none).

    For the attacker program alone, in memory: exact counts are never stored or printed.
    """
    measures = measures_of(instrument)
    scores = scores_of(instrument, measures, collected)
    names = [group.id for group in instrument.groups]
    groups = [names[group] if group < len(names) else None for group in collected.groups.tolist()]
    places = list(zip(collected.units.tolist(), groups, strict=True))
    found = {}
    for column, scored in enumerate(measures):
        if scored.measure.kind is MeasureKind.SCALE:
            counted = {(unit, name): 0 for unit in range(len(region.units)) for name in (*names, None)}
            for place, there in zip(places, np.isfinite(scores[:, column]).tolist(), strict=True):
                counted[place] += there
            found[scored.measure.id] = counted
    return found
