"""Run the disclosure attack on a publication with community by staff group tables, before it is frozen."""

from collections.abc import Callable, Sequence

import numpy as np

from app.core.counting.measures import ScoredMeasure, scored_measures
from app.core.counting.opened_ballots import OpenedBallots
from app.core.counting.sums import CellSums, person_scores
from app.core.disclosure.attack import attack_publication
from app.core.disclosure.polytope import InconsistentStatements
from app.core.instruments import Instrument
from app.core.organisations import Region
from app.core.publication import AttackCheck, MeasureKind, Publication


def run_attack(
    publication: Publication,
    sums: CellSums,
    measures: Sequence[ScoredMeasure],
    groups: Sequence[str],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> AttackCheck:
    """Attack every scale as somebody who knows exactly who answered; return the result.

    A publication with inconsistent statements fails the check like a broken one.
    """
    names = (*groups, None)
    units = range(len(publication.region.units))
    counts = {
        scored.measure.id: {
            (unit, name): int(sums.n[unit, column, column_index]) for unit in units for column, name in enumerate(names)
        }
        for column_index, scored in enumerate(measures)
        if scored.measure.kind is MeasureKind.SCALE
    }
    try:
        return attack_publication(publication, counts=counts, progress=progress).check
    except InconsistentStatements:
        return AttackCheck(sets=0, broken=1, narrowest=None)


def valid_counts(
    ballots: OpenedBallots, *, region: Region, instrument: Instrument
) -> dict[str, dict[tuple[int, str | None], int]]:
    """Return the number of valid answers to each scale, by unit and staff group (None: no group given).

    Only for the disclosure attack, in memory: exact counts are never stored or published.
    """
    measures = scored_measures(instrument)
    scores = person_scores(instrument, measures, ballots)
    names = [group.id for group in instrument.groups]
    groups = [names[group] if group < len(names) else None for group in ballots.groups.tolist()]
    places = list(zip(ballots.units.tolist(), groups, strict=True))
    result = {}
    for column, scored in enumerate(measures):
        if scored.measure.kind is MeasureKind.SCALE:
            counted = {(unit, name): 0 for unit in range(len(region.units)) for name in (*names, None)}
            for place, is_valid in zip(places, np.isfinite(scores[:, column]).tolist(), strict=True):
                counted[place] += is_valid
            result[scored.measure.id] = counted
    return result
