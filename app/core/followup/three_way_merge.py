"""Three-way merge of form fields that two people edited at the same time."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MergeResult:
    """Result of merging two edits.

    `values` contains one's own text where both changed a field, `conflicts` the other's text of these fields,
    `taken_from_theirs` the fields that only the other changed; they are in `values`.
    """

    values: Mapping[str, str]
    conflicts: Mapping[str, str]
    taken_from_theirs: tuple[str, ...]


def merge(base: Mapping[str, str], *, theirs: Mapping[str, str], mine: Mapping[str, str]) -> MergeResult:
    """Merge two edits of `base`, field by field.

    >>> merge({"what": "a", "owner": "x"}, theirs={"what": "b", "owner": "x"}, mine={"what": "a", "owner": "y"}).values
    {'what': 'b', 'owner': 'y'}
    """
    values = {}
    clashes = {}
    taken = []
    for field in mine:
        before = base.get(field, "")
        other = theirs.get(field, "")
        own = mine[field]
        values[field] = own
        if own == before and other != before:
            values[field] = other
            taken.append(field)
        elif own not in (before, other) and other != before:
            clashes[field] = other
    return MergeResult(values, clashes, tuple(taken))
