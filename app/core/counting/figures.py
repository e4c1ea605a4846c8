"""Build figures, participation and quadrants from the sums of cells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.core.counting.ballot_sums import STRAIN_NAMES, range_midpoint
from app.core.counting.bands import BAND_WIDTH, band_midpoints
from app.core.counting.families import CellRef, FigureFamily, counted_unit_rows
from app.core.counting.figure_columns import (
    Interner,
    ParticipationOverrides,
    build_measure_figures_by_row,
    distributions_by_row,
    rounded_figure_batches_of_measure,
)
from app.core.counting.measures import ScoredMeasure
from app.core.counting.rounding import EPSILON, Counts, printed_share_interval, round_and_cap_shares
from app.core.counting.sums import CellSums
from app.core.counting.totals import CellTotals
from app.core.publication import (
    Balance,
    DisclosureState,
    Figure,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Placement,
    Quadrants,
    default_unit_coverage,
)

SILENT_SHIFT_PERCENT = 10.0  # of the range: assumed difference of non-respondents


@dataclass(frozen=True, slots=True, eq=False)
class CountedFamily:
    """A figure family with the totals of its cells, for means and for details, and the sums of its units."""

    family: FigureFamily
    means: CellTotals
    detail: CellTotals
    sums: CellSums
    invited: Counts


@dataclass(frozen=True, slots=True, eq=False)
class ShownCells:
    """Masks over cells: where any figure, any placement, any detail or any sensitive scale is published."""

    any: NDArray[np.bool_]
    placed: NDArray[np.bool_]
    detail: NDArray[np.bool_]
    sensitive: NDArray[np.bool_]


def shown_cells(
    cells: Sequence[CellRef],
    measures: Sequence[ScoredMeasure],
    counted: Sequence[CountedFamily],
    strain: CellTotals | None,
) -> ShownCells:
    """Return what is published of each cell, over all families."""
    none = np.zeros(len(cells), dtype=np.bool_)
    shown = ShownCells(none.copy(), none.copy(), none.copy(), none.copy())
    for counted_family in counted:
        kinds = {
            (measures[column].measure.kind, measures[column].measure.sensitive)
            for column in counted_family.family.columns
        }
        shown.any[:] |= counted_family.means.printed
        if (MeasureKind.SCALE, True) in kinds:
            shown.sensitive[:] |= counted_family.means.printed
        if any(not sensitive for _, sensitive in kinds):
            shown.detail[:] |= counted_family.detail.printed
        if (MeasureKind.SCALE, False) in kinds:
            placement = counted_family.family.means.placement
            shown.placed[:] |= [cell.unit is not None and cell.group is None and placement[cell.unit] for cell in cells]
    if strain is not None:
        shown.detail[:] |= strain.printed
    return shown


def participation_figures(
    cells: Sequence[CellRef],
    overall: CountedFamily,
    sensitive: CountedFamily,
    shown: ShownCells,
    existing: Sequence[int],
) -> tuple[Participation, ...]:
    """Return the participation of every cell, in bands; `existing` is the number of units in each cell."""
    result = []
    for row, cell in enumerate(cells):
        part = _participation(cell, row, overall, shown, existing[row])
        if cell.unit is None and shown.sensitive[row]:
            part = replace(part, sensitive_covers=(int(sensitive.means.units[row]), existing[row]))
        result.append(part)
    return tuple(result)


def _participation(cell: CellRef, row: int, overall: CountedFamily, shown: ShownCells, existing: int) -> Participation:
    if not shown.any[row] and not shown.placed[row]:
        return Participation(cell.cell, DisclosureState.WITHHELD, None, None, None)
    band = overall.means.bands[row]
    invited = _invited(cell, overall)
    rate = band.response_rate_band_text(invited)
    parent = cell.unit is None
    return Participation(
        cell=cell.cell,
        state=DisclosureState.SHOWN if shown.any[row] else DisclosureState.PLACEMENT,
        answers_band=band.published_band_text,
        response_band=rate,
        invited=invited or None,
        everyone_answered=band.everyone,
        covers=(int(overall.means.units[row]), existing) if parent else None,
        detail=bool(shown.detail[row]),
        detail_covers=(int(overall.detail.units[row]), existing) if parent and shown.detail[row] else None,
        silent_shift=None if rate is None else round((1 - band.low / invited) * SILENT_SHIFT_PERCENT, 1),
    )


def _invited(cell: CellRef, overall: CountedFamily) -> int:
    """Return how many were invited to a shown cell or a placed unit; 0 for staff groups."""
    if cell.group is not None:
        return 0
    if cell.unit is not None:
        return int(overall.invited[cell.unit, -1])
    units = counted_unit_rows(cell, overall.family.means)
    return 0 if units is None else int(overall.invited[units, -1].sum())


def participation_overrides(
    counted: CountedFamily,
    column: int,
    measure: Measure,
    participation: Sequence[Participation],
    *,
    overall: CountedFamily,
) -> ParticipationOverrides:
    """Return the answer bands and coverage of a measure where they differ from the cell's participation."""
    totals = counted.means
    lows = band_midpoints(totals.n[:, column], totals.start, totals.top) - BAND_WIDTH // 2
    of_all = band_midpoints(overall.means.ballots, overall.means.start, overall.means.top) - BAND_WIDTH // 2
    rows = np.flatnonzero(totals.printed & (lows != of_all)).tolist()
    bands = {row: totals.bands[row].published_band_text_from(int(lows[row])) for row in rows}
    covers = {}
    detail_covers = {}
    for row, part in enumerate(participation):
        if part.covers is None:  # a community counts itself
            continue
        mean = int(totals.units[row]), part.covers[1]
        detail = int(counted.detail.units[row]), part.covers[1]
        if totals.printed[row] and mean != default_unit_coverage(part, measure):
            covers[row] = mean
        if measure.kind is MeasureKind.SCALE and counted.detail.printed[row] and detail != part.detail_covers:
            detail_covers[row] = detail
    return ParticipationOverrides(bands, covers, detail_covers)


def scale_figures(
    cells: Sequence[CellRef], counted: CountedFamily, column: int, scored: ScoredMeasure, *, shown: Mapping[int, Figure]
) -> tuple[Figure, ...]:
    """Return the figures of one scale in every cell, including withheld ones; the first cell is the region."""
    reference = shown[0].mean if 0 in shown else None
    unit_means = _unit_means(counted.sums, column, scored)
    figures = []
    for row, cell in enumerate(cells):
        placed = cell.unit is not None and cell.group is None and counted.family.means.placement[cell.unit]
        if row in shown:
            figures.append(shown[row])
        elif placed and reference is not None:
            placement = small_unit_placement(float(unit_means[cell.unit]), reference, scored.measure)
            figures.append(Figure(cell.cell, scored.measure.id, DisclosureState.PLACEMENT, placement=placement))
        else:
            figures.append(Figure(cell.cell, scored.measure.id, DisclosureState.WITHHELD))
    return tuple(figures)


def item_figures(
    cells: Sequence[CellRef],
    counted: CountedFamily,
    column: int,
    scored: ScoredMeasure,
    pool: Interner,
    *,
    marks: ParticipationOverrides,
) -> tuple[Figure, ...]:
    """Return the figures of one item in every cell with enough answers for details."""
    batches = rounded_figure_batches_of_measure(counted.detail, column, scored, pool)
    shown = build_measure_figures_by_row(
        cells, batches, scored.measure.id, distributions_by_row(counted.detail, column), marks=marks
    )
    return tuple(map(shown.__getitem__, sorted(shown)))


def _unit_means(sums: CellSums, column: int, scored: ScoredMeasure) -> NDArray[np.float64]:
    n = sums.n[:, :, column].sum(axis=1)
    mean: NDArray[np.float64] = sums.total[:, :, column].sum(axis=1) / np.maximum(n, 1) + range_midpoint(scored)
    return mean


def small_unit_placement(mean: float, reference: float, measure: Measure) -> Placement:
    """Return the placement of a small unit: half an answer step or more from the region's published mean.

    Near the ends of the range only "no clear difference" is possible: there "below" would mean that nearly
    everybody chose the lowest option.
    """
    low = reference - measure.step / 2
    high = reference + measure.step / 2
    if mean <= low + EPSILON and low >= measure.cap_low:
        return Placement.BELOW
    if mean >= high - EPSILON and high <= measure.cap_high:
        return Placement.ABOVE
    return Placement.SAME


def quadrant_figures(
    cells: Sequence[CellRef], detail: CellTotals, participation: Sequence[Participation]
) -> tuple[Quadrants, ...]:
    """Return the shares by demands and control of every cell in which enough people answered both."""
    answered_both = detail.strain.sum(axis=1)
    rows = np.flatnonzero(detail.printed & (answered_both > 0))
    shares = round_and_cap_shares(detail.strain[rows], answered_both[rows, np.newaxis]).tolist()
    result = []
    sizes = band_midpoints(answered_both[rows], detail.start[rows], detail.top[rows]).tolist()
    for row, cell_shares, answered in zip(rows.tolist(), shares, sizes, strict=True):
        intervals = tuple(printed_share_interval(share, answered) for share in cell_shares)
        detail_covers = participation[row].detail_covers
        covers = (
            None
            if detail_covers is None or detail_covers[0] == detail.units[row]
            else (int(detail.units[row]), detail_covers[1])
        )
        shares_by_kind = dict(zip(STRAIN_NAMES, cell_shares, strict=True))
        result.append(Quadrants(cells[row].cell, **shares_by_kind, intervals=intervals, covers=covers))
    return tuple(result)


def control_minus_demands_balances(
    demands: Sequence[Figure], control: Sequence[Figure], measure: Measure
) -> tuple[Balance, ...]:
    """Return control minus demands of every cell, from published means that are not capped."""
    result = []
    for below, above in zip(demands, control, strict=True):
        if below.mean is None or above.mean is None or below.capped or above.capped:
            continue
        interval = None
        if below.interval is not None and above.interval is not None:
            ends = above.interval[0] - below.interval[1], above.interval[1] - below.interval[0]
            interval = (round(ends[0], measure.decimals), round(ends[1], measure.decimals))
        result.append(Balance(below.cell, round(above.mean - below.mean, measure.decimals), interval))
    return tuple(result)


def units_per_cell(cells: Sequence[CellRef], municipalities: Sequence[str]) -> tuple[int, ...]:
    """Return the number of units in each cell; `municipalities` is the municipality of each unit."""
    by_municipality = Counter(municipalities)
    sizes = {Level.REGION: len(municipalities), Level.COMMUNITY: 1}
    return tuple(
        sizes[cell.cell.level] if cell.cell.level in sizes else by_municipality[cell.cell.unit] for cell in cells
    )
