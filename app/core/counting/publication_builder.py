"""Ballots, questionnaire and policy become a publication; nothing else of the ballots is left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from app.core.counting.attack_check import run_attack
from app.core.counting.bands import UnitBands
from app.core.counting.families import CellRef, Families, FigureFamily, cell_refs, decide_families, unit_groups_of
from app.core.counting.figure_columns import Interner, distribution_figures, print_measure, shown_figures
from app.core.counting.figures import (
    CountedFamily,
    balance_figures,
    item_figures,
    marks_of,
    participation_figures,
    quadrant_figures,
    scale_figures,
    shown_of,
    units_per_cell,
)
from app.core.counting.impact import impact_weights
from app.core.counting.measures import ScoredMeasure, scored_measures
from app.core.counting.opened_ballots import CountError, OpenedBallots, require_matching_ballots, without_unasked
from app.core.counting.quality import fit_random_intercept, region_quality, shrunken_means
from app.core.counting.rounding import Floats
from app.core.counting.sums import CellSums, cell_sums, person_quadrants, person_scores, range_midpoint
from app.core.counting.totals import CellTotals, add_unit_totals, cell_totals, invited_counts
from app.core.counting.trends import with_trends
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument
from app.core.organisations import Region
from app.core.publication import (
    DisclosureState,
    Figure,
    Level,
    MeasureKind,
    Participation,
    Publication,
    Quadrants,
    RegionQuality,
)
from app.core.rounds import Round


@dataclass(frozen=True, slots=True, eq=False)
class _CountInput:
    """What all parts of one count share."""

    region: Region
    instrument: Instrument
    collected: OpenedBallots
    measures: tuple[ScoredMeasure, ...]
    scores: Floats
    strained: tuple[int, int] | None
    cuts: tuple[float, float] | None
    sums: CellSums


def build_publication(
    ballots: OpenedBallots,
    *,
    round: Round,
    instrument: Instrument,
    policy: Policy,
    earlier: Sequence[Publication],
    counted_at: datetime,
    issued: int,
    progress: Callable[[int, int], None] | None = None,
) -> Publication:
    """Count the ballots of a closed round and return all that may ever be said of it.

    With community by staff group switched on, the attacker program tries the finished publication;
    should it break a set, all such tables are withdrawn and nothing else is changed. `progress` is
    told how many sets were tried, of how many. Raises CountError where the ballots do not fit the
    round or its questionnaire.
    """
    if round.boundaries is None:
        raise CountError("The round has not been opened, so it has no communities to count.")
    require_matching_ballots(ballots, round.boundaries, instrument)
    ballots = without_unasked(ballots, round.boundaries, instrument)
    work = _work(round.boundaries, instrument, ballots)
    heading = _heading(work, round, policy, counted_at=counted_at, issued=issued)
    publication = _with_figures(heading, work, policy, earlier, by_group=round.by_group)
    if not round.by_group:
        return publication
    groups = [group.id for group in instrument.groups]
    check = run_attack(publication, work.sums, work.measures, groups, progress=progress)
    if check.broken == 0:
        return replace(publication, check=check)
    everywhere = tuple(municipality.id for municipality in work.region.municipalities)
    return replace(_with_figures(heading, work, policy, earlier, by_group=False), withdrawn=everywhere, check=check)


def _with_figures(
    heading: Publication, work: _CountInput, policy: Policy, earlier: Sequence[Publication], *, by_group: bool
) -> Publication:
    """Decide the patterns, add up the cells and put the figures in."""
    families = decide_families(
        work.region, work.sums, work.measures, policy=policy, by_group=by_group, strained=work.strained
    )
    cells = _cells(work, families, policy)
    return _fill_figures(heading, work, cells, least=policy.quality_from, earlier=earlier)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Every cell with what is added up in it, family by family, and where a measure's family stands."""

    spots: tuple[CellRef, ...]
    overall: CountedFamily
    sensitive: CountedFamily
    counted: tuple[CountedFamily, ...]
    strain: CellTotals | None
    places: dict[int, int]
    withdrawn: tuple[str, ...]

    def of(self, column: int) -> CountedFamily:
        """Return the family of a measure."""
        return self.counted[self.places[column]]


def _cells(work: _CountInput, families: Families, policy: Policy) -> _Cells:
    groups = tuple(group.id for group in work.instrument.groups)
    cells = cell_refs(work.region, groups, unit_groups_of(families))
    invited = invited_counts(work.region, groups)
    wholes = add_unit_totals(work.sums)
    units = UnitBands.told(
        families.overall.means,
        wholes.ballots[:, -1],
        invited[:, -1],
        k=policy.k,
        placement_from=policy.placement_from,
    )

    def counted(family: FigureFamily) -> CountedFamily:
        means = cell_totals(wholes, cells, family.means, invited, family.columns, units)
        detail = means
        if family.detail is not family.means:
            detail = cell_totals(wholes, cells, family.detail, invited, family.columns, units)
        return CountedFamily(family, means, detail, work.sums, invited)

    withdrawn = {name for family in (families.overall, *families.measures) for name in family.means.withdrawn}
    return _Cells(
        spots=cells,
        overall=counted(families.overall),
        sensitive=counted(families.sensitive),
        counted=tuple(map(counted, families.measures)),
        strain=None if families.strain is None else cell_totals(wholes, cells, families.strain, invited, (), units),
        places={column: place for place, family in enumerate(families.measures) for column in family.columns},
        withdrawn=tuple(sorted(withdrawn)),
    )


def _work(region: Region, instrument: Instrument, ballots: OpenedBallots) -> _CountInput:
    measures = scored_measures(instrument)
    scores = person_scores(instrument, measures, ballots)
    strained = _strain_columns(measures)
    cuts = None
    quadrant: NDArray[np.int64] = np.full(len(ballots), -1, dtype=np.int64)
    if strained is not None:
        demands, control = strained
        cuts = range_midpoint(measures[demands]), range_midpoint(measures[control])
        quadrant = person_quadrants(scores[:, demands], scores[:, control], cuts=cuts)
    shape = len(region.units), len(instrument.groups) + 1
    sums = cell_sums(instrument, scores, ballots, measures, shape=shape, strain=quadrant)
    return _CountInput(region, instrument, ballots, measures, scores, strained, cuts, sums)


def _strain_columns(measures: Sequence[ScoredMeasure]) -> tuple[int, int] | None:
    """Return the columns of the demands and the control scale, if the questionnaire has both."""
    result: dict[str, int] = {}
    for column, scored in enumerate(measures):
        if scored.measure.kind is MeasureKind.SCALE and not scored.measure.sensitive:
            result.setdefault(scored.measure.dimension, column)
    if "demands" not in result or "control" not in result:
        return None
    return result["demands"], result["control"]


def _heading(work: _CountInput, round: Round, policy: Policy, *, counted_at: datetime, issued: int) -> Publication:
    """Say what was asked, of whom and under which thresholds; no figure is in it yet."""
    return Publication(
        round=round.id,
        title=round.title,
        instrument=round.instrument,
        instrument_digest=round.instrument_digest,
        counted_at=counted_at,
        region=work.region,
        k=policy.k,
        invited=sum(unit.size for unit in work.region.units),
        issued=issued,
        counted=len(work.collected),
        participation=(),
        figures=(),
        measures=tuple(scored.measure for scored in work.measures),
        kind=round.kind,
        opened_at=round.opens_at,
        closed_at=round.closes_at,
        by_group=round.by_group,
        placement_from=policy.placement_from,
        detail_from=policy.distribution_from,
        sensitive_from=policy.sensitive_from,
    )


def _fill_figures(
    heading: Publication,
    work: _CountInput,
    cells: _Cells,
    *,
    least: int,
    earlier: Sequence[Publication],
) -> Publication:
    """Put the figures in."""
    homes = [unit.municipality for unit in work.region.units]
    shown = shown_of(cells.spots, work.measures, cells.counted, cells.strain)
    existing = units_per_cell(cells.spots, homes)
    participation = participation_figures(cells.spots, cells.overall, cells.sensitive, shown, existing)
    pool = Interner()
    columns, quality = _scales(work, cells, participation, least=least, pool=pool)
    parts = {part.cell: part for part in participation}

    def trended(figures: Sequence[Figure]) -> tuple[Figure, ...]:
        return with_trends(figures, heading.measures, earlier, region=work.region, parts=parts)

    return _with_strain(
        replace(
            heading,
            participation=participation,
            figures=trended(_by_cell(columns)),
            items=trended(_items(work, cells, participation, pool)),
            quality=quality,
            withdrawn=cells.withdrawn,
            impact=impact_weights(
                work.measures, work.scores, work.collected, {column: cells.of(column) for column in columns}
            ),
        ),
        work,
        columns=columns,
        quadrants=() if cells.strain is None else quadrant_figures(cells.spots, cells.strain, participation),
    )


def _with_strain(
    publication: Publication,
    work: _CountInput,
    *,
    columns: dict[int, tuple[Figure, ...]],
    quadrants: tuple[Quadrants, ...],
) -> Publication:
    """Add demands against control, where the questionnaire has both."""
    if work.strained is None:
        return publication
    demands, control = work.strained
    return replace(
        publication,
        quadrants=quadrants,
        balances=balance_figures(columns[demands], columns[control], work.measures[control].measure),
        demands=work.measures[demands].measure.id,
        control=work.measures[control].measure.id,
        cuts=work.cuts,
    )


def _scales(
    work: _CountInput, cells: _Cells, participation: Sequence[Participation], *, least: int, pool: Interner
) -> tuple[dict[int, tuple[Figure, ...]], tuple[RegionQuality, ...]]:
    """Return the figures of every scale, one row for each cell, and what the region says of it."""
    result = {}
    qualities = []
    for column, scored in enumerate(work.measures):
        if scored.measure.kind is not MeasureKind.SCALE:
            continue
        counted_family = cells.of(column)
        spots = cells.spots
        prints = print_measure(counted_family.means, column, scored, pool)
        fit = fit_random_intercept(spots, counted_family, column=column)
        drawn = shrunken_means(fit, prints, counted_family, scored=scored, column=column)
        shown = shown_figures(
            spots,
            prints,
            scored.measure.id,
            distribution_figures(counted_family.detail, column),
            drawn,
            marks=marks_of(counted_family, column, scored.measure, participation, overall=cells.overall),
        )
        result[column] = scale_figures(spots, counted_family, column, scored, shown=shown)
        quality = region_quality(
            work.instrument,
            scored,
            work.scores[:, column],
            work.collected,
            counted=counted_family,
            fit=fit,
            least=least,
        )
        if quality is not None:
            qualities.append(quality)
    return result, tuple(qualities)


def _items(
    work: _CountInput, cells: _Cells, participation: Sequence[Participation], pool: Interner
) -> tuple[Figure, ...]:
    columns = {
        column: item_figures(
            cells.spots,
            cells.of(column),
            column,
            scored,
            pool,
            marks=marks_of(cells.of(column), column, scored.measure, participation, overall=cells.overall),
        )
        for column, scored in enumerate(work.measures)
        if scored.measure.kind is MeasureKind.ITEM
    }
    return tuple(chain.from_iterable(columns.values()))


def _by_cell(columns: dict[int, tuple[Figure, ...]]) -> tuple[Figure, ...]:
    """Order figures by cell, then by scale; of units' groups only what is shown."""
    rows = zip(*columns.values(), strict=True)
    return tuple(
        figure
        for row in rows
        for figure in row
        if figure.state is DisclosureState.SHOWN
        or figure.cell.group is None
        or figure.cell.level is not Level.COMMUNITY
    )
