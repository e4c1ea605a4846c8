"""Decide in which cells each measure is published, by the number of its valid answers.

A scale or item with too few answers is withheld by itself and does not affect others. Measures that share
items are nested within one another (see `app.core.disclosure.pattern`). Each measure has one pattern
for means and a second one, nested in the first, for distributions; items have only the second.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.core.counting.measures import ScoredMeasure
from app.core.counting.sums import CellSums
from app.core.disclosure.pattern import AnswerCounts, Mask, MinimumAnswers, PublicationPattern, decide_pattern
from app.core.disclosure.policy import Policy
from app.core.organisations import Region
from app.core.publication import Cell, Level, MeasureKind

REMAINDER_FACTOR = 2  # hidden remainder in multiples of k; with 1 the disclosure attack broke 1 set in 4,000


@dataclass(frozen=True, slots=True, eq=False)
class FigureFamily:
    """Columns of the measures that are published in exactly the same cells, with the patterns of these cells."""

    columns: tuple[int, ...]
    means: PublicationPattern
    detail: PublicationPattern


@dataclass(frozen=True, slots=True, eq=False)
class FigureFamilies:
    """Publication patterns of all measures.

    `overall` and `sensitive` are the patterns of all ballots, under the limits of normal and of sensitive
    measures; `measures` contain every column once; `strain` is the pattern of those who answered both
    demands and control, or None if the questionnaire does not have both.
    """

    overall: FigureFamily
    sensitive: FigureFamily
    measures: tuple[FigureFamily, ...]
    strain: PublicationPattern | None = None

    def family_of(self, column: int) -> FigureFamily:
        """Return the family of a measure's column."""
        return next(family for family in self.measures if column in family.columns)


@dataclass(frozen=True, slots=True)
class CellRef:
    """A cell with its row (unit) and column (group) in the tables; None for all."""

    cell: Cell
    unit: int | None = None
    group: int | None = None


def decide_families(
    region: Region,
    sums: CellSums,
    measures: Sequence[ScoredMeasure],
    *,
    policy: Policy,
    by_group: bool,
    strained: tuple[int, int] | None = None,
) -> FigureFamilies:
    """Decide all patterns from counts alone; `strained` are the columns of demands and control."""
    plain, stricter = normal_and_sensitive_thresholds(policy)
    ballots = AnswerCounts(sums.ballots, sums.ballots[:, :, np.newaxis])
    overall = _overall(region, ballots, plain, by_group=by_group)
    sensitive = _overall(region, ballots, stricter, by_group=False)
    deciding = _FamilyDecider(region, sums, measures, overall, sensitive, plain, stricter, by_group)
    for column in deciding.decision_order():
        deciding.decide(column)
    strain = None if strained is None else deciding.decide_strain(strained)
    return FigureFamilies(overall, sensitive, _group_by_pattern(deciding.families), strain)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits for means and for details, of normal or of sensitive measures."""

    means: MinimumAnswers
    detail: MinimumAnswers


def normal_and_sensitive_thresholds(policy: Policy) -> tuple[Thresholds, Thresholds]:
    """Return the limits of normal and of sensitive measures."""
    remainder = REMAINDER_FACTOR * policy.k
    detail = policy.distribution_from
    stricter = max(policy.sensitive_from, detail)
    return (
        Thresholds(
            MinimumAnswers(policy.k, policy.k + remainder, policy.placement_from),
            MinimumAnswers(detail, detail + remainder),
        ),
        Thresholds(
            MinimumAnswers(policy.sensitive_from, policy.sensitive_from + remainder),
            MinimumAnswers(stricter, stricter + remainder),
        ),
    )


def _overall(region: Region, ballots: AnswerCounts, kind: Thresholds, *, by_group: bool) -> FigureFamily:
    pattern = decide_pattern(region, ballots, kind.means, by_group=by_group)
    return FigureFamily((), pattern, decide_pattern(region, ballots, kind.detail, within=(pattern,)))


@dataclass(frozen=True, eq=False)
class _FamilyDecider:
    """Decides the patterns measure by measure; equal counts under equal bounds share one pattern."""

    region: Region
    sums: CellSums
    measures: Sequence[ScoredMeasure]
    overall: FigureFamily
    sensitive: FigureFamily
    plain: Thresholds
    stricter: Thresholds
    by_group: bool
    families: dict[int, FigureFamily] = field(default_factory=dict)
    pattern_cache: dict[tuple[object, ...], PublicationPattern] = field(default_factory=dict)

    def decision_order(self) -> list[int]:
        """Return scales (fewest items first), then items, so that a measure comes after those that bound it."""
        scales = [place for place, scored in enumerate(self.measures) if scored.measure.kind is MeasureKind.SCALE]
        items = [place for place, scored in enumerate(self.measures) if scored.measure.kind is MeasureKind.ITEM]
        return sorted(scales, key=lambda place: (self.measures[place].item_count, place)) + items

    def decide(self, column: int) -> None:
        """Decide the patterns of one measure, within those of the scales that share items with it."""
        scored = self.measures[column]
        sensitive = scored.measure.sensitive
        kind, overall = (self.stricter, self.sensitive) if sensitive else (self.plain, self.overall)
        valid = self.sums.n[:, :, column]
        linked = self._bounding_patterns(column)
        if scored.measure.kind is MeasureKind.ITEM:
            detail = self._pattern(valid, kind.detail, within=linked, overall=overall.means)
            self.families[column] = FigureFamily((column,), detail, detail)
            return
        by_group = self.by_group and not sensitive
        pattern = self._pattern(valid, kind.means, within=linked, overall=overall.means, by_group=by_group)
        detail = self._pattern(valid, kind.detail, within=(pattern,), overall=overall.means)
        self.families[column] = FigureFamily((column,), pattern, detail)

    def decide_strain(self, columns: tuple[int, int]) -> PublicationPattern:
        """Decide where shares by demands and control are published: where both publish details."""
        both = self.sums.strain.sum(axis=-1)
        within = tuple(self.families[column].detail for column in columns)
        return self._pattern(both, self.plain.detail, within=within, overall=self.overall.means)

    def _bounding_patterns(self, column: int) -> tuple[PublicationPattern, ...]:
        """Return the patterns of the decided scales that share items with a measure."""
        patterns = (self.families[other].means for other in self._bounding_scales(column, self.families))
        return tuple({id(pattern): pattern for pattern in patterns}.values())

    def _bounding_scales(self, column: int, decided: Iterable[int]) -> tuple[int, ...]:
        """Return the decided scales that share items with a measure and have any answers."""
        items = set(self.measures[column].scale.items)
        return tuple(
            other
            for other in sorted(decided)
            if self.measures[other].measure.kind is MeasureKind.SCALE
            and items & set(self.measures[other].scale.items)
            and self.sums.n[:, :, other].any()
        )

    def _pattern(
        self,
        valid: NDArray[np.int64],
        limits: MinimumAnswers,
        *,
        within: tuple[PublicationPattern, ...],
        overall: PublicationPattern,
        by_group: bool = False,
    ) -> PublicationPattern:
        key = (valid.tobytes(), limits, tuple(map(id, within)), id(overall), by_group)
        if key not in self.pattern_cache:
            tally = AnswerCounts(self.sums.ballots, valid[:, :, np.newaxis])
            self.pattern_cache[key] = decide_pattern(
                self.region,
                tally,
                limits,
                by_group=by_group,
                within=within,
                overall=overall,
                placeable=self.without_numbers,
            )
        return self.pattern_cache[key]

    @cached_property
    def without_numbers(self) -> Mask:
        """The units in which no normal scale has a number."""
        enough: dict[int, Mask] = {}
        for column in self.decision_order():
            scored = self.measures[column]
            if scored.measure.kind is MeasureKind.SCALE:
                least = (self.stricter if scored.measure.sensitive else self.plain).means.threshold
                result = self.sums.n[:, :, column].sum(axis=1) >= least
                for other in self._bounding_scales(column, enough):
                    result &= enough[other]
                enough[column] = result
        plain = [mask for column, mask in enough.items() if not self.measures[column].measure.sensitive]
        without: Mask = ~np.logical_or.reduce([np.zeros(len(self.sums.ballots), dtype=np.bool_), *plain])
        return without


def _group_by_pattern(families: dict[int, FigureFamily]) -> tuple[FigureFamily, ...]:
    """Group measures with identical patterns, so that their cells are summed once."""
    together: dict[tuple[int, int], list[int]] = {}
    for column in sorted(families):
        family = families[column]
        together.setdefault((id(family.means), id(family.detail)), []).append(column)
    return tuple(
        FigureFamily(tuple(columns), families[columns[0]].means, families[columns[0]].detail)
        for columns in together.values()
    )


def published_staff_groups_mask(families: FigureFamilies) -> Mask:
    """Return a mask of units x groups: where any measure of a unit's staff group is published."""
    bound = families.overall.means.unit_groups
    mask: Mask = np.logical_or.reduce(
        [np.zeros_like(bound), *(measure.means.unit_groups for measure in families.measures)]
    )
    return mask


def published_municipality_group_pairs(families: FigureFamilies) -> frozenset[tuple[str, int]]:
    """Return the municipalities and staff groups of which any measure is published."""
    patterns = [measure.means for measure in families.measures]
    return frozenset(
        (name, group) for pattern in patterns for name in pattern.municipalities_with_groups for group in pattern.groups
    )


def cell_refs(
    region: Region,
    groups: tuple[str, ...],
    chosen: NDArray[np.bool_],
    in_municipalities: Collection[tuple[str, int]] = (),
) -> tuple[CellRef, ...]:
    """Return all cells of a publication in order.

    Of the staff groups of units only the `chosen` ones, and of those of municipalities `in_municipalities`.
    """
    cells = [CellRef(Cell(Level.REGION, region.id))]
    cells += [CellRef(Cell(Level.REGION, region.id, name), group=index) for index, name in enumerate(groups)]
    for municipality in region.municipalities:
        cells.append(CellRef(Cell(Level.MUNICIPALITY, municipality.id)))
        cells += [
            CellRef(Cell(Level.MUNICIPALITY, municipality.id, name), group=index)
            for index, name in enumerate(groups)
            if (municipality.id, index) in in_municipalities
        ]
    for row, unit in enumerate(region.units):
        cells.append(CellRef(Cell(Level.COMMUNITY, unit.id), unit=row))
        for column in np.flatnonzero(chosen[row]):
            cells.append(CellRef(Cell(Level.COMMUNITY, unit.id, groups[column]), unit=row, group=int(column)))
    return tuple(cells)


def counted_unit_rows(cell: CellRef, pattern: PublicationPattern) -> NDArray[np.intp] | None:
    """Return the rows of the units that a municipality or the region counts; None if it is withheld."""
    if cell.cell.level is Level.MUNICIPALITY:
        is_shown = cell.group is None or (
            cell.cell.unit in pattern.municipalities_with_groups and cell.group in pattern.groups
        )
        mask = pattern.municipalities.get(cell.cell.unit) if is_shown else None
    else:
        mask = pattern.region if cell.group is None or cell.group in pattern.groups else None
    return None if mask is None else np.flatnonzero(mask)
