"""Two people change one text at the same time: nothing of either is lost."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What comes of two changes to the same thing.

    `values` holds one's own text where both changed a field, `clashes` the other's text of just these
    fields, `taken` the fields that only the other changed and that are now in `values`.
    """

    values: Mapping[str, str]
    clashes: Mapping[str, str]
    taken: tuple[str, ...]


def merge(base: Mapping[str, str], *, theirs: Mapping[str, str], mine: Mapping[str, str]) -> MergeResult:
    """Put two changes together, field by field, both made from `base`.

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
