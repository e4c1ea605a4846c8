"""The attacker program: unite all that a publication prints, and try to pin small hidden sets down.

A set of fewer than k answers is *broken* when its mean is known to within one step between two
options by combining figures, beyond what any one printed figure around it says by itself, or would
say at the measure's full precision.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, islice

from app.core.disclosure.count_check import PinnedCount, pinned_counts
from app.core.disclosure.polytope import Polytope
from app.core.disclosure.statements import AtomicCell, AttackerKnowledge, Statement, read_statements
from app.core.publication import AttackCheck, Measure, Publication

STEP = 1.0
OUTSIDE_RANGE = 0.05
UNIONS = 60  # of each size and family of leaves, the smallest ones first

Counts = Mapping[tuple[int, str | None], int]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class HiddenSet:
    """A hidden set that was attacked: its leaves and the bounds of its mean, in print's unit."""

    measure: str
    leaves: tuple[AtomicCell, ...]
    low: float
    high: float
    steps: float
    broken: bool


@dataclass(frozen=True, slots=True)
class AttackReport:
    """Everything that was tried, narrowest first, and the counts that bands give away."""

    targets: tuple[HiddenSet, ...]
    counts: tuple[PinnedCount, ...] = ()

    @property
    def broken(self) -> tuple[HiddenSet, ...]:
        """The sets that are known too well."""
        return tuple(target for target in self.targets if target.broken)

    @property
    def check(self) -> AttackCheck:
        """The summary that a publication carries."""
        narrowest = round(self.targets[0].steps, 2) if self.targets else None
        return AttackCheck(sets=len(self.targets), broken=len(self.broken) + len(self.counts), narrowest=narrowest)


def attack(
    publication: Publication,
    *,
    measures: Sequence[Measure] | None = None,
    counts: Mapping[str, Counts] | None = None,
    exact: bool = False,
    progress: Progress | None = None,
) -> AttackReport:
    """Attack every hidden set of a publication; scales first, or the `measures` that are given.

    `counts` says, by measure, how many of each unit and staff group answered (None for those who
    named no group): an attacker who watched the staff room. Without it the attacker knows only who
    was invited, and the bands. Bounds of sets that are not broken are `exact` only when asked for;
    otherwise a set is let go as soon as two ways to answer, a step or more apart, are known to fit.
    """
    knowledges = [read_statements(publication, measure) for measure in (measures or publication.scales)]
    work = []
    for knowledge in knowledges:
        known = None if counts is None else _known(knowledge, counts[knowledge.measure.id])
        work += [(knowledge, known, tuple(_targets(knowledge, known, k=publication.k)))]
    total = sum(len(sets) for _, _, sets in work)
    done = 0
    result = []
    for knowledge, known, sets in work:
        polytope = Polytope(knowledge, counts=known)
        for leaves in sets:
            result.append(_attacked(polytope, knowledge, known, leaves, exact=exact))
            done += 1
            if progress is not None:
                progress(done, total)
    return AttackReport(tuple(sorted(result, key=lambda target: target.steps)), pinned_counts(publication))


def _known(knowledge: AttackerKnowledge, counts: Counts) -> dict[int, int]:
    """Add up what is known of who answered, leaf by leaf; groups that are printed nowhere fall together."""
    places = {(cell.unit, cell.group): index for index, cell in enumerate(knowledge.leaves)}
    known = dict.fromkeys(range(len(knowledge.leaves)), 0)
    for (unit, group), n in counts.items():
        known[places.get((unit, group), places[unit, None])] += n
    return known


def _attacked(
    polytope: Polytope,
    knowledge: AttackerKnowledge,
    known: Mapping[int, int] | None,
    leaves: tuple[int, ...],
    *,
    exact: bool,
) -> HiddenSet:
    low, high = polytope.seen(leaves)
    if exact or high - low < STEP * knowledge.measure.step:
        low, high = polytope.bounds(leaves)
    steps = (high - low) / knowledge.measure.step
    broken = steps < STEP and steps < _alone(knowledge, known, leaves) - OUTSIDE_RANGE
    return HiddenSet(knowledge.measure.id, tuple(knowledge.leaves[leaf] for leaf in leaves), low, high, steps, broken)


def _alone(knowledge: AttackerKnowledge, known: Mapping[int, int] | None, leaves: tuple[int, ...]) -> float:
    """Return how narrow the tightest single statement around a set makes it, in steps."""
    widths = [(knowledge.measure.high - knowledge.measure.low) / knowledge.measure.step]
    for statement in knowledge.statements:
        if set(leaves) <= set(statement.leaves):
            each_statement = _at_full_precision(statement, knowledge.measure)
            low, high = Polytope(replace(knowledge, statements=(each_statement,)), counts=known).bounds(leaves)
            widths.append((high - low) / knowledge.measure.step)
    return min(widths)


def _at_full_precision(statement: Statement, measure: Measure) -> Statement:
    """Take a coarse mean for what it may be beside other figures: known to the measure's precision, no better.

    The grain stands against the comparison of rounds; a whole number would be allowed by itself.
    """
    if statement.grain is None:
        return statement
    middle = sum(statement.mean) / 2
    half = 0.5 * 10.0**-measure.decimals
    return replace(statement, mean=(max(middle - half, measure.low), min(middle + half, measure.high)))


def _targets(knowledge: AttackerKnowledge, known: Mapping[int, int] | None, *, k: int) -> Iterator[tuple[int, ...]]:
    """Name every hidden leaf and unit, and unions up to three of neighbours, of fewer than k answers."""
    seen: set[tuple[int, ...]] = set(knowledge.printed)
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
        by_group.setdefault((knowledge.homes[cell.unit], cell.group), []).append(index)
    hidden = [leaves for leaves in units.values() if leaves not in knowledge.printed]
    yield from units.values()
    yield from ((index,) for index in range(len(knowledge.leaves)))
    for leaves in units.values():
        yield from unions([(leaf,) for leaf in leaves])
    for family in by_group.values():
        yield from unions([(leaf,) for leaf in family if (leaf,) not in knowledge.printed])
    for home in sorted(set(knowledge.homes)):
        yield from unions([leaves for leaves in hidden if knowledge.homes[knowledge.leaves[leaves[0]].unit] == home])
    yield from unions(hidden)


def _unions(parts: Sequence[tuple[int, ...]], *, sizes: Sequence[int], k: int) -> Iterator[tuple[int, ...]]:
    """Join two or three parts, the smallest first: only what stays under k together is worth an attack."""
    weights = {part: sum(sizes[leaf] for leaf in part) for part in parts}
    worth = sorted((part for part in parts if 0 < weights[part] < k), key=weights.__getitem__)
    for size in (2, 3):
        small = (chosen for chosen in combinations(worth, size) if sum(map(weights.__getitem__, chosen)) < k)
        for chosen in islice(small, UNIONS):
            yield _joined(chosen)


def _joined(parts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(leaf for part in parts for leaf in part)


def _is_small(
    knowledge: AttackerKnowledge, known: Mapping[int, int] | None, leaves: tuple[int, ...], *, k: int
) -> bool:
    """Say whether a set has 1 to k - 1 answers, as far as the attacker knows."""
    if known is not None:
        return 0 < sum(known[leaf] for leaf in leaves) < k
    units = {knowledge.leaves[leaf].unit for leaf in leaves}
    if len(units) == 1 and len(leaves) == sum(cell.unit in units for cell in knowledge.leaves):
        return True  # a unit that is not printed has fewer than k
    return 0 < sum(knowledge.leaves[leaf].invited for leaf in leaves) < k
