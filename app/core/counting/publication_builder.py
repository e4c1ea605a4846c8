"""Build a publication from ballots, questionnaire and disclosure policy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from app.core.counting.attack_check import attack_knowing_exact_counts
from app.core.counting.ballot_sums import BallotSums, demands_and_control_column_indices, demands_and_control_cuts
from app.core.counting.bands import UnitBands
from app.core.counting.families import (
    CellRef,
    FigureFamilies,
    FigureFamily,
    cell_refs,
    decide_families,
    published_municipality_group_pairs,
    published_staff_groups_mask,
)
from app.core.counting.figure_columns import (
    Interner,
    build_measure_figures_by_row,
    distributions_by_row,
    rounded_figure_batches_of_measure,
)
from app.core.counting.figures import (
    CountedFamily,
    control_minus_demands_balances,
    item_figures,
    participation_figures,
    participation_overrides,
    quadrant_figures,
    scale_figures,
    shown_cells,
    units_per_cell,
)
from app.core.counting.impact import impact_weights
from app.core.counting.kinds import kind_means_of_all_scales
from app.core.counting.measures import ScoredMeasure, scored_measures
from app.core.counting.opened_ballots import CountError
from app.core.counting.quality import fit_random_intercept, region_quality_of_scale, shrunken_means_by_row
from app.core.counting.sums import CellSums, cell_sums
from app.core.counting.totals import CellTotals, append_whole_unit_group, cell_totals, invited_counts_of_whole_units
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
    """Inputs that all steps of a count share."""

    region: Region
    instrument: Instrument
    ballots: BallotSums
    measures: tuple[ScoredMeasure, ...]
    strained: tuple[int, int] | None
    cuts: tuple[float, float] | None
    sums: CellSums


def build_publication(
    ballots: BallotSums,
    *,
    round: Round,
    instrument: Instrument,
    policy: Policy,
    earlier: Sequence[Publication],
    counted_at: datetime,
    issued: int,
    progress: Callable[[int, int], None] | None = None,
) -> Publication:
    """Return the publication of a closed round from the sums over its ballots.

    With community by staff group tables, the disclosure attack runs on the finished publication; if it breaks a
    set, all these tables are withdrawn and nothing else is changed. `progress` is called with the number of sets
    tried and their total. Raises CountError if the ballots do not fit the round or its questionnaire.
    """
    if round.boundaries is None:
        raise CountError("The round has not been opened, so it has no communities to count.")
    if ballots.ballots.shape != (len(round.boundaries.units), len(instrument.groups) + 1):
        raise CountError("The sums are not those of this round's communities and its questionnaire's staff groups.")
    inputs = _count_inputs(round.boundaries, instrument, ballots)
    empty = _publication_without_figures(inputs, round, policy, counted_at=counted_at, issued=issued)
    publication = _with_figures(empty, inputs, policy, earlier, by_group=round.by_group)
    if not round.by_group:
        return publication
    groups = [group.id for group in instrument.groups]
    check = attack_knowing_exact_counts(publication, inputs.sums, inputs.measures, groups, progress=progress)
    if check.broken == 0:
        return replace(publication, check=check)
    everywhere = tuple(municipality.id for municipality in inputs.region.municipalities)
    return replace(_with_figures(empty, inputs, policy, earlier, by_group=False), withdrawn=everywhere, check=check)


def _with_figures(
    empty: Publication, inputs: _CountInput, policy: Policy, earlier: Sequence[Publication], *, by_group: bool
) -> Publication:
    """Decide the patterns, sum the cells and add the figures."""
    families = decide_families(
        inputs.region, inputs.sums, inputs.measures, policy=policy, by_group=by_group, strained=inputs.strained
    )
    cells = _cells(inputs, families, policy)
    return _fill_figures(empty, inputs, cells, min_answers=policy.quality_from, earlier=earlier)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """All cells with their totals by figure family; `family_index` maps a measure's column to its family."""

    cells: tuple[CellRef, ...]
    overall: CountedFamily
    sensitive: CountedFamily
    counted: tuple[CountedFamily, ...]
    strain: CellTotals | None
    family_index: dict[int, int]
    withdrawn: tuple[str, ...]

    def family_of(self, column: int) -> CountedFamily:
        """Return the family of a measure."""
        return self.counted[self.family_index[column]]


def _cells(inputs: _CountInput, families: FigureFamilies, policy: Policy) -> _Cells:
    groups = tuple(group.id for group in inputs.instrument.groups)
    cells = cell_refs(
        inputs.region, groups, published_staff_groups_mask(families), published_municipality_group_pairs(families)
    )
    invited = invited_counts_of_whole_units(inputs.region, groups)
    wholes = append_whole_unit_group(inputs.sums)
    units = UnitBands.from_pattern(
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
        return CountedFamily(family, means, detail, inputs.sums, invited)

    withdrawn = {name for family in (families.overall, *families.measures) for name in family.means.withdrawn}
    return _Cells(
        cells=cells,
        overall=counted(families.overall),
        sensitive=counted(families.sensitive),
        counted=tuple(map(counted, families.measures)),
        strain=None if families.strain is None else cell_totals(wholes, cells, families.strain, invited, (), units),
        family_index={column: place for place, family in enumerate(families.measures) for column in family.columns},
        withdrawn=tuple(sorted(withdrawn)),
    )


def _count_inputs(region: Region, instrument: Instrument, ballots: BallotSums) -> _CountInput:
    measures = scored_measures(instrument)
    return _CountInput(
        region,
        instrument,
        ballots,
        measures,
        strained=demands_and_control_column_indices(measures),
        cuts=demands_and_control_cuts(measures),
        sums=cell_sums(instrument, ballots, measures),
    )


def _publication_without_figures(
    inputs: _CountInput, round: Round, policy: Policy, *, counted_at: datetime, issued: int
) -> Publication:
    """Return the publication with questions, region and thresholds, but no figures."""
    return Publication(
        round=round.id,
        title=round.title,
        title_translations=round.title_translations,
        instrument=round.instrument,
        instrument_digest=round.instrument_digest,
        counted_at=counted_at,
        region=inputs.region,
        k=policy.k,
        invited=sum(unit.invited_count for unit in inputs.region.units),
        issued=issued,
        counted=len(inputs.ballots),
        participation=(),
        figures=(),
        measures=tuple(scored.measure for scored in inputs.measures),
        kind=round.kind,
        opened_at=round.opens_at,
        closed_at=round.closes_at,
        by_group=round.by_group,
        placement_from=policy.placement_from,
        detail_from=policy.distribution_from,
        sensitive_from=policy.sensitive_from,
    )


def _fill_figures(
    empty: Publication,
    inputs: _CountInput,
    cells: _Cells,
    *,
    min_answers: int,
    earlier: Sequence[Publication],
) -> Publication:
    """Add participation and figures to the publication."""
    municipalities = [unit.municipality for unit in inputs.region.units]
    shown = shown_cells(cells.cells, inputs.measures, cells.counted, cells.strain)
    existing = units_per_cell(cells.cells, municipalities)
    participation = participation_figures(cells.cells, cells.overall, cells.sensitive, shown, existing)
    pool = Interner()
    columns, quality = _scales(inputs, cells, participation, min_answers=min_answers, pool=pool)
    parts = {part.cell: part for part in participation}

    def trended(figures: Sequence[Figure]) -> tuple[Figure, ...]:
        return with_trends(figures, empty.measures, earlier, region=inputs.region, parts=parts)

    return _with_strain(
        replace(
            empty,
            participation=participation,
            figures=trended(_by_cell(columns)),
            items=trended(_items(inputs, cells, participation, pool)),
            quality=quality,
            withdrawn=cells.withdrawn,
            impact=impact_weights(
                inputs.measures, inputs.ballots, {column: cells.family_of(column) for column in columns}
            ),
            kinds=kind_means_of_all_scales(
                inputs.region,
                [(column, inputs.measures[column], cells.family_of(column)) for column in columns],
                k=empty.k,
            ),
        ),
        inputs,
        columns=columns,
        quadrants=() if cells.strain is None else quadrant_figures(cells.cells, cells.strain, participation),
    )


def _with_strain(
    publication: Publication,
    inputs: _CountInput,
    *,
    columns: dict[int, tuple[Figure, ...]],
    quadrants: tuple[Quadrants, ...],
) -> Publication:
    """Add demands against control, if the questionnaire has both."""
    if inputs.strained is None:
        return publication
    demands, control = inputs.strained
    return replace(
        publication,
        quadrants=quadrants,
        balances=control_minus_demands_balances(columns[demands], columns[control], inputs.measures[control].measure),
        demands=inputs.measures[demands].measure.id,
        control=inputs.measures[control].measure.id,
        cuts=inputs.cuts,
    )


def _scales(
    inputs: _CountInput, cells: _Cells, participation: Sequence[Participation], *, min_answers: int, pool: Interner
) -> tuple[dict[int, tuple[Figure, ...]], tuple[RegionQuality, ...]]:
    """Return the figures of every scale, one for each cell, and the quality of the region's scales."""
    result = {}
    qualities = []
    for column, scored in enumerate(inputs.measures):
        if scored.measure.kind is not MeasureKind.SCALE:
            continue
        counted_family = cells.family_of(column)
        cell_refs_ = cells.cells
        batches = rounded_figure_batches_of_measure(counted_family.means, column, scored, pool)
        fit = fit_random_intercept(cell_refs_, counted_family, column=column)
        shrunken = shrunken_means_by_row(fit, batches, counted_family, scored=scored, column=column)
        shown = build_measure_figures_by_row(
            cell_refs_,
            batches,
            scored.measure.id,
            distributions_by_row(counted_family.detail, column),
            shrunken,
            marks=participation_overrides(counted_family, column, scored.measure, participation, overall=cells.overall),
        )
        result[column] = scale_figures(cell_refs_, counted_family, column, scored, shown=shown)
        quality = region_quality_of_scale(
            inputs.instrument,
            scored,
            inputs.ballots,
            column=column,
            counted=counted_family,
            fit=fit,
            min_answers=min_answers,
        )
        if quality is not None:
            qualities.append(quality)
    return result, tuple(qualities)


def _items(
    inputs: _CountInput, cells: _Cells, participation: Sequence[Participation], pool: Interner
) -> tuple[Figure, ...]:
    columns = {
        column: item_figures(
            cells.cells,
            cells.family_of(column),
            column,
            scored,
            pool,
            marks=participation_overrides(
                cells.family_of(column), column, scored.measure, participation, overall=cells.overall
            ),
        )
        for column, scored in enumerate(inputs.measures)
        if scored.measure.kind is MeasureKind.ITEM
    }
    return tuple(chain.from_iterable(columns.values()))


def _by_cell(columns: dict[int, tuple[Figure, ...]]) -> tuple[Figure, ...]:
    """Order figures by cell, then by scale, without withheld figures of units' staff groups."""
    rows = zip(*columns.values(), strict=True)
    return tuple(
        figure
        for row in rows
        for figure in row
        if figure.state is DisclosureState.SHOWN
        or figure.cell.group is None
        or figure.cell.level is not Level.COMMUNITY
    )
