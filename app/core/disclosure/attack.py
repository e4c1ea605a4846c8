"""Disclosure attack: combine everything that a publication contains and try to narrow down small hidden sets.

A set of fewer than k answers is *broken* if its mean is known to within one answer step by combining
figures, beyond what any single published figure around it reveals, or would reveal at the measure's
full precision.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, islice

from app.core.disclosure.count_check import NarrowedCount, find_narrowed_counts
from app.core.disclosure.polytope import Polytope
from app.core.disclosure.statements import AtomicCell, AttackerKnowledge, Statement, read_attacker_knowledge
from app.core.publication import AttackCheck, Measure, Publication

BROKEN_BELOW_STEPS = 1.0
OUTSIDE_RANGE = 0.05
MAX_UNIONS = 60  # of each size and family of leaves, smallest first

Counts = Mapping[tuple[int, str | None], int]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class HiddenSet:
    """A hidden set that was attacked, with the bounds of its mean in the measure's unit."""

    measure: str
    leaves: tuple[AtomicCell, ...]
    low: float
    high: float
    steps: float
    broken: bool


@dataclass(frozen=True, slots=True)
class AttackReport:
    """All sets tried, narrowest first, and the counts that bands reveal."""

    targets: tuple[HiddenSet, ...]
    counts: tuple[NarrowedCount, ...] = ()

    @property
    def insufficiently_protected_sets(self) -> tuple[HiddenSet, ...]:
        """The sets whose mean is known too precisely."""
        return tuple(target for target in self.targets if target.broken)

    @property
    def published_check(self) -> AttackCheck:
        """The summary that a publication contains."""
        narrowest = round(self.targets[0].steps, 2) if self.targets else None
        return AttackCheck(
            sets=len(self.targets),
            broken=len(self.insufficiently_protected_sets) + len(self.counts),
            narrowest=narrowest,
        )


def attack_publication(
    publication: Publication,
    *,
    measures: Sequence[Measure] | None = None,
    counts: Mapping[str, Counts] | None = None,
    exact: bool = False,
    progress: Progress | None = None,
) -> AttackReport:
    """Attack every hidden set of a publication, for all scales or the given `measures`.

    `counts` is, by measure, the number of answers of each unit and staff group (None: no group given), known to an
    attacker who watched the staff room. Without it the attacker knows only the number of invited people and the
    bands. The bounds of unbroken sets are `exact` only on request; otherwise a set is dropped as soon as two
    consistent solutions are a step or more apart.
    """
    publication = publication.load_completely()
    knowledges = [read_attacker_knowledge(publication, measure) for measure in (measures or publication.scales)]
    attacks = []
    for knowledge in knowledges:
        known = None if counts is None else _known(knowledge, counts[knowledge.measure.id])
        attacks += [(knowledge, known, tuple(_targets(knowledge, known, k=publication.k)))]
    total = sum(len(sets) for _, _, sets in attacks)
    done = 0
    result = []
    for knowledge, known, sets in attacks:
        polytope = Polytope(knowledge, counts=known)
        for leaves in sets:
            result.append(_attack_set(polytope, knowledge, known, leaves, exact=exact))
            done += 1
            if progress is not None:
                progress(done, total)
    return AttackReport(tuple(sorted(result, key=lambda target: target.steps)), find_narrowed_counts(publication))


def _known(knowledge: AttackerKnowledge, counts: Counts) -> dict[int, int]:
    """Sum the known counts by leaf; groups that are not published anywhere are merged."""
    leaf_index = {(cell.unit, cell.group): index for index, cell in enumerate(knowledge.leaves)}
    counts_by_leaf = dict.fromkeys(range(len(knowledge.leaves)), 0)
    for (unit, group), n in counts.items():
        counts_by_leaf[leaf_index.get((unit, group), leaf_index[unit, None])] += n
    return counts_by_leaf


def _attack_set(
    polytope: Polytope,
    knowledge: AttackerKnowledge,
    known: Mapping[int, int] | None,
    leaves: tuple[int, ...],
    *,
    exact: bool,
) -> HiddenSet:
    low, high = polytope.bounds_in_stored_solutions(leaves)
    if exact or high - low < BROKEN_BELOW_STEPS * knowledge.measure.step:
        low, high = polytope.bounds(leaves)
    steps = (high - low) / knowledge.measure.step
    broken = steps < BROKEN_BELOW_STEPS and steps < _tightest_statement_width(knowledge, known, leaves) - OUTSIDE_RANGE
    return HiddenSet(knowledge.measure.id, tuple(knowledge.leaves[leaf] for leaf in leaves), low, high, steps, broken)


def _tightest_statement_width(
    knowledge: AttackerKnowledge, known: Mapping[int, int] | None, leaves: tuple[int, ...]
) -> float:
    """Return how narrow the tightest single statement around a set makes it, in steps."""
    widths = [(knowledge.measure.high - knowledge.measure.low) / knowledge.measure.step]
    for statement in knowledge.statements:
        if set(leaves) <= set(statement.leaves):
            finer = _at_full_precision(statement, knowledge.measure)
            low, high = Polytope(replace(knowledge, statements=(finer,)), counts=known).bounds(leaves)
            widths.append((high - low) / knowledge.measure.step)
    return min(widths)


def _at_full_precision(statement: Statement, measure: Measure) -> Statement:
    """Return a statement with its mean known to the measure's precision.

    The grain protects against comparing rounds; within one publication a whole number is acceptable.
    """
    if statement.grain is None:
        return statement
    middle = sum(statement.mean) / 2
    half = 0.5 * 10.0**-measure.decimals
    return replace(statement, mean=(max(middle - half, measure.low), min(middle + half, measure.high)))


def _targets(knowledge: AttackerKnowledge, known: Mapping[int, int] | None, *, k: int) -> Iterator[tuple[int, ...]]:
    """Yield every hidden leaf and unit, and unions of up to three neighbours, with fewer than k answers."""
    seen: set[tuple[int, ...]] = set(knowledge.published_sets)
    sizes = [cell.invited if known is None else known[index] for index, cell in enumerate(knowledge.leaves)]
    for leaves in _candidates(knowledge, sizes, k=k):
        ordered = tuple(sorted(leaves))
        if ordered not in seen and _is_small(knowledge, known, ordered, k=k):
            seen.add(ordered)
            yield ordered


def _candidates(knowledge: AttackerKnowledge, sizes: Sequence[int], *, k: int) -> Iterator[tuple[int, ...]]:
    unions = partial(_unions, sizes=sizes, k=k)
    units: dict[int, tuple[int, ...]] = {}
    by_group: dict[tuple[str, str | None], list[int]] = {}
    for index, cell in enumerate(knowledge.leaves):
        units[cell.unit] = (*units.get(cell.unit, ()), index)
        by_group.setdefault((knowledge.municipalities[cell.unit], cell.group), []).append(index)
    hidden = [leaves for leaves in units.values() if leaves not in knowledge.published_sets]
    yield from units.values()
    yield from ((index,) for index in range(len(knowledge.leaves)))
    for leaves in units.values():
        yield from unions([(leaf,) for leaf in leaves])
    for family in by_group.values():
        yield from unions([(leaf,) for leaf in family if (leaf,) not in knowledge.published_sets])
    for municipality in sorted(set(knowledge.municipalities)):
        yield from unions(
            [leaves for leaves in hidden if knowledge.municipalities[knowledge.leaves[leaves[0]].unit] == municipality]
        )
    yield from unions(hidden)


def _unions(parts: Sequence[tuple[int, ...]], *, sizes: Sequence[int], k: int) -> Iterator[tuple[int, ...]]:
    """Join two or three parts, smallest first, as long as the union has fewer than k answers."""
    weights = {part: sum(sizes[leaf] for leaf in part) for part in parts}
    small_parts = sorted((part for part in parts if 0 < weights[part] < k), key=weights.__getitem__)
    for size in (2, 3):
        small = (chosen for chosen in combinations(small_parts, size) if sum(map(weights.__getitem__, chosen)) < k)
        for chosen in islice(small, MAX_UNIONS):
            yield _joined(chosen)


def _joined(parts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(leaf for part in parts for leaf in part)


def _is_small(
    knowledge: AttackerKnowledge, known: Mapping[int, int] | None, leaves: tuple[int, ...], *, k: int
) -> bool:
    """Tell whether a set has 1 to k - 1 answers, as far as the attacker knows."""
    if known is not None:
        return 0 < sum(known[leaf] for leaf in leaves) < k
    units = {knowledge.leaves[leaf].unit for leaf in leaves}
    if len(units) == 1 and len(leaves) == sum(cell.unit in units for cell in knowledge.leaves):
        return True  # a unit that is not printed has fewer than k
    return 0 < sum(knowledge.leaves[leaf].invited for leaf in leaves) < k
