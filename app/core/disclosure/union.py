"""Disclosure attack on two publications about the same people and period together.

A reader of both assumes that people answered the same in both, except for a few who joined, left or
changed their answers in between (a late paper form, a correction, a community moved elsewhere). Both
publications then bound the same unknown answers: those of the smallest common parts of their units,
each split into people in both, in the first only, and in the second only.

The counts of the second are known exactly, as to somebody who watched the staff room. Those of the first
are not stored; the attack assumes the smallest difference from the second that the published bands of the
first allow: with no changes, with one person more or fewer in each part, with one changed answer in each part,
and with one person more or fewer in each small part alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations, islice

import numpy as np

from app.core.disclosure.attack import BROKEN_BELOW_STEPS, MAX_UNIONS, AttackReport, Counts, HiddenSet
from app.core.disclosure.polytope import InconsistentStatements, Polytope
from app.core.disclosure.statements import AtomicCell, AttackerKnowledge, Statement, read_attacker_knowledge
from app.core.organisations import Region
from app.core.publication import Measure, Publication
from app.core.scientific import Bounds, LinearConstraint, csr_matrix, milp

SAME_PERIOD = timedelta(days=14)  # answers this close together are assumed to be the same
TWICE = 2
MAX_SMALL_PART = 24  # answers: parts of at most as many are tried with one person more or fewer alone
MAX_PARTS_TRIED = 40  # parts tried so, the smallest first
Set = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CommonPart:
    """A smallest common part of two regions, with its unit's row in each; None if it is not in that round."""

    communities: tuple[str, ...]
    first: int | None
    second: int | None


@dataclass(frozen=True, slots=True)
class AssumedCounts:
    """Assumed number of people in both publications, only in the first, and only in the second.

    The tuples have one entry for each part and staff group. `differing_part` is the only part with differences; None
    if all may differ.
    """

    same: tuple[int, ...]
    left: tuple[int, ...]
    joined: tuple[int, ...]
    differing_part: int | None = None


def overlapping_communities(first: Publication, second: Publication) -> frozenset[str]:
    """Return the communities in both, if both asked the same in one period (at most two weeks apart)."""
    begun = max(_begin(first), _begin(second))
    ended = min(_end(first), _end(second))
    same = {measure.identity for measure in first.measures} & {measure.identity for measure in second.measures}
    if begun > ended + SAME_PERIOD or not same:
        return frozenset()
    return _communities(first.region) & _communities(second.region)


def attack_union(
    first: Publication,
    second: Publication,
    counts: Mapping[str, Counts],
    *,
    first_counts: Mapping[str, Counts] | None = None,
) -> AttackReport:
    """Attack what both publications state about the same people, scale by scale.

    `counts` is, by measure of the second, the number of answers of each unit and staff group. A set of fewer
    than k people is broken if both together reveal its mean to within one step and neither alone reveals it half as
    well. `first_counts` is the same for the first (by measure of the second): an attacker who watched both times
    assumes only that everybody who could repeat their answers did so.
    """
    first = first.load_completely()
    second = second.load_completely()
    hidden_sets: list[HiddenSet] = []
    for measure in second.scales:
        other = next((candidate for candidate in first.measures if candidate.identity == measure.identity), None)
        if other is not None and measure.id in counts:
            watched = None if first_counts is None else first_counts[measure.id]
            hidden_sets += _attack_measure((first, other), (second, measure), counts[measure.id], watched)
    return AttackReport(tuple(sorted(hidden_sets, key=lambda target: target.steps)))


def common_parts(first: Region, second: Region) -> tuple[CommonPart, ...]:
    """Return the smallest common parts of two regions' units, in order.

    >>> from app.core.organisations import ReportingUnit
    >>> joined = Region("r", "R", (), (ReportingUnit("a", "A", "m", ("a", "b"), {}),))
    >>> units = ReportingUnit("a", "A", "m", ("a",), {}), ReportingUnit("b", "B", "m", ("b",), {})
    >>> apart = Region("r", "R", (), units)
    >>> [(part.communities, part.first, part.second) for part in common_parts(joined, apart)]
    [(('a',), 0, 0), (('b',), 0, 1)]
    """
    units_by_community = [
        {name: row for row, unit in enumerate(region.units) for name in unit.communities} for region in (first, second)
    ]
    members: dict[tuple[int | None, int | None], list[str]] = {}
    for name in sorted({*units_by_community[0], *units_by_community[1]}):
        members.setdefault((units_by_community[0].get(name), units_by_community[1].get(name)), []).append(name)
    return tuple(CommonPart(tuple(names), *places) for places, names in members.items())


def _begin(publication: Publication) -> datetime:
    return publication.opened_at or publication.counted_at


def _end(publication: Publication) -> datetime:
    return publication.closed_at or publication.counted_at


def _communities(region: Region) -> frozenset[str]:
    return frozenset(name for unit in region.units for name in unit.communities)


Side = tuple[Publication, Measure]


def _attack_measure(first: Side, second: Side, counts: Counts, watched: Counts | None) -> Iterator[HiddenSet]:
    before = read_attacker_knowledge(*first)
    after = read_attacker_knowledge(*second)
    parts = common_parts(first[0].region, second[0].region)
    groups = sorted({cell.group for cell in (*before.leaves, *after.leaves) if cell.group is not None})
    names = (*groups, None)
    known = _known(counts, names)
    if watched is None:
        supposed_all = _suppositions(parts, names, before, known)
    else:
        supposed_all = iter((_seen_both(parts, names, _known(watched, names), known),))
    for supposed in supposed_all:
        united = _JointAttack(parts, names, before, after, supposed)
        yield from united.attack(k=max(first[0].k, second[0].k))


def _known(counts: Counts, names: Sequence[str | None]) -> dict[tuple[int, str | None], int]:
    """Sum the known counts of the second publication; groups that no table names are merged."""
    known: dict[tuple[int, str | None], int] = {}
    for (unit, group), n in counts.items():
        place = unit, group if group in names else None
        known[place] = known.get(place, 0) + n
    return known


def _suppositions(
    parts: Sequence[CommonPart],
    names: Sequence[str | None],
    before: AttackerKnowledge,
    known: Mapping[tuple[int, str | None], int],
) -> Iterator[AssumedCounts]:
    even = _least_difference(parts, names, before, known, {})
    if even is None:
        return
    yield even
    sizes = _sizes(parts, names, even)
    leads = {number: _lead(number, names, even) for number, size in enumerate(sizes) if size}
    for sign in (1, -1):
        changed = _least_difference(parts, names, before, known, dict.fromkeys(leads.values(), sign))
        if changed is not None:
            yield changed
    yield _changed(even, leads.values())
    small = sorted((number for number in leads if sizes[number] <= MAX_SMALL_PART), key=sizes.__getitem__)
    for number in small[:MAX_PARTS_TRIED]:
        for sign in (1, -1):
            alone = _least_difference(parts, names, before, known, {leads[number]: sign})
            if alone is not None:
                yield replace(alone, differing_part=number)


def _seen_both(
    parts: Sequence[CommonPart],
    names: Sequence[str | None],
    first: Mapping[tuple[int, str | None], int],
    second: Mapping[tuple[int, str | None], int],
) -> AssumedCounts:
    """Return the counts of an attacker who watched both times, for parts that are whole units in both."""
    pairs = [
        (
            0 if part.first is None else first.get((part.first, name), 0),
            0 if part.second is None else second.get((part.second, name), 0),
        )
        for part in parts
        for name in names
    ]
    return AssumedCounts(
        tuple(min(pair) for pair in pairs),
        tuple(max(item - other, 0) for item, other in pairs),
        tuple(max(other - item, 0) for item, other in pairs),
    )


def _sizes(parts: Sequence[CommonPart], names: Sequence[str | None], supposed: AssumedCounts) -> list[int]:
    width = len(names)
    together = [sum(three) for three in zip(supposed.same, supposed.left, supposed.joined, strict=True)]
    return [sum(together[number * width : (number + 1) * width]) for number in range(len(parts))]


def _lead(number: int, names: Sequence[str | None], supposed: AssumedCounts) -> int:
    """Return the index of a part's largest group: people who joined or left are assumed to belong to it."""
    places = range(number * len(names), (number + 1) * len(names))
    return max(places, key=lambda place: supposed.same[place] + supposed.joined[place])


def _changed(even: AssumedCounts, places: Iterable[int]) -> AssumedCounts:
    """Assume that one person of each part changed their answers."""
    same = list(even.same)
    left = list(even.left)
    joined = list(even.joined)
    for place in places:
        if same[place]:
            same[place] -= 1
            left[place] += 1
            joined[place] += 1
    return AssumedCounts(tuple(same), tuple(left), tuple(joined))


def _least_difference(
    parts: Sequence[CommonPart],
    names: Sequence[str | None],
    before: AttackerKnowledge,
    known: Mapping[tuple[int, str | None], int],
    wanted: Mapping[int, int],
) -> AssumedCounts | None:
    """Return the counts with the smallest difference that fit both publications; None if there are none.

    `wanted` is how many more people the second has than the first, by index of part and group. Minimises
    sum |n2 - n1 - wanted| as a mixed-integer program.
    """
    width = len(names)
    cells = len(parts) * len(names)
    rows: list[tuple[list[int], float, float]] = []
    for unit in sorted({part.second for part in parts if part.second is not None}):
        for column, name in enumerate(names):
            members = [cells + n * width + column for n, part in enumerate(parts) if part.second == unit]
            exact = float(known.get((unit, name), 0))
            rows.append((members, exact, exact))
    for statement in before.statements:
        members = [
            number * width + names.index(before.leaves[leaf].group)
            for leaf in statement.leaves
            for number, part in enumerate(parts)
            if part.first == before.leaves[leaf].unit
        ]
        members += _unnamed(statement, before, parts, names)
        rows.append((sorted(set(members)), statement.answers[0], statement.answers[1]))
    return _solved(rows, parts, width, cells, wanted)


def _unnamed(
    statement: Statement, before: AttackerKnowledge, parts: Sequence[CommonPart], names: Sequence[str | None]
) -> list[int]:
    """Return indexes of groups named only in the second, where a statement covers a whole unit of the first."""
    whole = {before.leaves[leaf].unit for leaf in statement.leaves if before.leaves[leaf].group is None}
    named = {cell.group for cell in before.leaves}
    return [
        number * len(names) + column
        for number, part in enumerate(parts)
        if part.first in whole
        for column, name in enumerate(names)
        if name not in named
    ]


def _solved(
    rows: Sequence[tuple[list[int], float, float]],
    parts: Sequence[CommonPart],
    width: int,
    cells: int,
    wanted: Mapping[int, int],
) -> AssumedCounts | None:
    """Solve for the counts of the first, of the second, and the size of their differences (column order)."""
    height = len(rows) + 2 * cells
    least = np.array([low for _, low, _ in rows] + [-np.inf] * 2 * cells)
    most = np.array([high for _, _, high in rows] + [np.inf] * 2 * cells)
    sizes = np.array([len(members) for members, _, _ in rows], dtype=np.intp)
    row_numbers = [np.repeat(np.arange(len(rows)), sizes)]
    columns = [np.array([member for members, _, _ in rows for member in members], dtype=np.intp)]
    values = [np.ones(len(columns[0]))]
    places = np.arange(cells)
    differences = np.array([wanted.get(place, 0) for place in range(cells)], dtype=float)
    for sign, first_row in ((1.0, len(rows)), (-1.0, len(rows) + 1)):
        numbers = first_row + 2 * places
        most[numbers] = sign * differences
        for column, value in ((cells + places, sign), (places, -sign), (2 * cells + places, -1.0)):
            row_numbers.append(numbers)
            columns.append(column)
            values.append(np.full(cells, value))
    coordinates = (np.concatenate(row_numbers), np.concatenate(columns))
    matrix = csr_matrix((np.concatenate(values), coordinates), (height, 3 * cells))
    upper = np.full(3 * cells, np.inf)
    for number, part in enumerate(parts):
        for place in range(number * width, (number + 1) * width):
            upper[place] = np.inf if part.first is not None else 0.0
            upper[cells + place] = np.inf if part.second is not None else 0.0
    optimize_result = milp(
        np.concatenate([np.zeros(2 * cells), np.ones(cells)]),
        constraints=LinearConstraint(matrix, least, most),
        integrality=np.concatenate([np.ones(2 * cells), np.zeros(cells)]),
        bounds=Bounds(np.zeros(3 * cells), upper),
        options={"time_limit": 10.0},
    )
    if optimize_result.x is None:
        return None
    counts = np.rint(optimize_result.x[: 2 * cells]).astype(int)
    first = counts[:cells]
    second = counts[cells:]
    return AssumedCounts(
        tuple(np.minimum(first, second).tolist()),
        tuple(np.maximum(first - second, 0).tolist()),
        tuple(np.maximum(second - first, 0).tolist()),
    )


class _JointAttack:
    """Both publications as bounds on the same people: one leaf for each part, staff group and kind of overlap."""

    def __init__(
        self,
        parts: Sequence[CommonPart],
        names: Sequence[str | None],
        before: AttackerKnowledge,
        after: AttackerKnowledge,
        supposed: AssumedCounts,
    ):
        self._parts = parts
        self._names = names
        self._supposed = supposed
        self._measure = after.measure
        self._leaf_index: dict[tuple[int, str | None, int], int] = {}
        cells: list[AtomicCell] = []
        for number in range(len(parts)):
            for column, name in enumerate(names):
                place = number * len(names) + column
                three = supposed.same[place], supposed.left[place], supposed.joined[place]
                for way, n in enumerate(three):
                    if n:
                        self._leaf_index[number, name, way] = len(cells)
                        cells.append(AtomicCell(number, name, n))
        self._leaves = tuple(cells)
        statements = [self._map_statements(before, (0, 1)), self._map_statements(after, (0, 2))]
        self._separate = [self._knowledge(statement) for statement in statements]
        self._both = self._knowledge([*statements[0], *statements[1]])

    def attack(self, *, k: int) -> Iterator[HiddenSet]:
        """Attack every small hidden set; assumptions that contradict the publications are skipped."""
        counts = {index: cell.invited for index, cell in enumerate(self._leaves)}
        try:
            polytopes = [Polytope(knowledge, counts=counts) for knowledge in (self._both, *self._separate)]
            for leaves in self._targets(k):
                yield self._attack_set(polytopes, leaves)
        except InconsistentStatements:
            return

    def _attack_set(self, polytopes: Sequence[Polytope], leaves: Set) -> HiddenSet:
        step = self._measure.step
        low, high = polytopes[0].bounds_in_stored_solutions(leaves)
        if high - low < BROKEN_BELOW_STEPS * step:
            low, high = polytopes[0].bounds(leaves)
        steps = (high - low) / step
        broken = False
        if steps < BROKEN_BELOW_STEPS - 1e-6:
            ends = [polytope.bounds(leaves) for polytope in polytopes[1:]]
            alone = min((end[1] - end[0]) / step for end in ends)
            broken = alone >= BROKEN_BELOW_STEPS or steps < alone / TWICE
        return HiddenSet(self._measure.id, tuple(self._leaves[leaf] for leaf in leaves), low, high, steps, broken)

    def _knowledge(self, statements: Sequence[Statement]) -> AttackerKnowledge:
        homes = tuple("" for _ in self._parts)
        return AttackerKnowledge(self._measure, self._leaves, homes, tuple(statements), frozenset())

    def _map_statements(self, knowledge: AttackerKnowledge, ways: tuple[int, int]) -> list[Statement]:
        """Return a publication's statements with the common leaves."""
        first = ways == (0, 1)
        named = {cell.group for cell in knowledge.leaves}
        result = []
        for statement in knowledge.statements:
            cells = {(knowledge.leaves[leaf].unit, knowledge.leaves[leaf].group) for leaf in statement.leaves}
            members = tuple(
                index
                for (number, name, way), index in self._leaf_index.items()
                if way in ways
                and (
                    (self._parts[number].first if first else self._parts[number].second),
                    name if name in named else None,
                )
                in cells
            )
            n = sum(self._leaves[index].invited for index in members)
            if members and statement.answers[0] <= n <= statement.answers[1]:
                result.append(replace(statement, leaves=members))
        return result

    def _targets(self, k: int) -> Iterator[Set]:
        printed = {statement.leaves for statement in self._both.statements}
        seen = {frozenset(leaves) for leaves in printed}
        whole, parts = self._candidates()
        for leaves in (*whole, *parts, *self._unions([*whole, *parts], printed, k)):
            known = frozenset(leaves)
            if known and known not in seen and sum(self._leaves[leaf].invited for leaf in known) < k:
                seen.add(known)
                yield tuple(sorted(known))

    def _candidates(self) -> tuple[list[Set], list[Set]]:
        """Return the people of each part, in either publication and in both, and those who joined or left."""
        whole = []
        parts = []
        chosen = range(len(self._parts)) if self._supposed.differing_part is None else (self._supposed.differing_part,)
        for number in chosen:
            candidates = [(way, index) for (part, _, way), index in self._leaf_index.items() if part == number]
            for ways in ((0, 1, 2), (0, 1), (0, 2)):
                whole.append(tuple(index for way, index in candidates if way in ways))
            for wanted in (1, 2):
                parts.append(tuple(index for way, index in candidates if way == wanted))
        for name in self._names:
            for number in chosen if len(self._names) > 1 else ():
                parts.append(
                    tuple(i for (part, group, _), i in self._leaf_index.items() if (part, group) == (number, name))
                )
        return whole, [part for part in parts if part]

    def _unions(self, sets: Sequence[Set], printed: set[Set], k: int) -> Iterator[Set]:
        if self._supposed.differing_part is not None:
            return
        sizes = {
            item: sum(self._leaves[leaf].invited for leaf in item) for item in sets if item and item not in printed
        }
        small = sorted((item for item, n in sizes.items() if 0 < n < k), key=sizes.__getitem__)
        for size in (2, 3):
            fitting = (
                sets
                for sets in combinations(small, size)
                if sum(sizes[item] for item in sets) < k
                and len({leaf for item in sets for leaf in item}) == sum(map(len, sets))
            )
            for union in islice(fitting, MAX_UNIONS):
                yield tuple(leaf for part in union for leaf in part)
