"""Run the disclosure attack on a publication with community by staff group tables, before it is frozen."""

from collections.abc import Callable, Sequence

from app.core.counting.ballot_sums import BallotSums
from app.core.counting.measures import ScoredMeasure
from app.core.counting.sums import CellSums
from app.core.disclosure.attack import attack_publication
from app.core.disclosure.polytope import InconsistentStatements
from app.core.instruments import Instrument
from app.core.publication import AttackCheck, MeasureKind, Publication


def attack_knowing_exact_counts(
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
        return attack_publication(publication, counts=counts, progress=progress).published_check
    except InconsistentStatements:
        return AttackCheck(sets=0, broken=1, narrowest=None)


def valid_answers_by_scale(sums: BallotSums, instrument: Instrument) -> dict[str, dict[tuple[int, str | None], int]]:
    """Return the number of valid answers to each scale, by unit and staff group (None: no group given).

    Only for the disclosure attack, in memory: exact counts are never stored or published.
    """
    names = (*(group.id for group in instrument.groups), None)
    valid = sums.valid_scores()
    return {
        scale.id: {
            (unit, name): int(valid[unit, group, column])
            for unit in range(sums.unit_count)
            for group, name in enumerate(names)
        }
        for column, scale in enumerate(instrument.scales)
    }
