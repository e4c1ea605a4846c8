"""Sort tables by a query parameter, without JavaScript: `?sort=name`, or `?sort=-name` in reverse."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request, url_for

Row = TypeVar("Row")
DESCENDING = "-"
# Filters kept when a table is sorted again; all other query parameters are dropped.
FILTERS = ("municipality", "place", "show")


@dataclass(frozen=True, slots=True)
class SortOrder:
    """The column that a table is sorted by, and the direction."""

    key: str
    descending: bool = False

    @property
    def query_value(self) -> str:
        """The value of the query parameter."""
        return f"{DESCENDING if self.descending else ''}{self.key}"

    def aria_sort(self, key: str) -> str | None:
        """Return the value of `aria-sort` for a column; None for a column that the table is not sorted by."""
        if key != self.key:
            return None
        return "descending" if self.descending else "ascending"

    def address(self, key: str, anchor: str) -> str:
        """Return the address of this page sorted by a column; by the current one again, in the other direction."""
        turned = SortOrder(key, descending=key == self.key and not self.descending)
        kept = {name: request.args[name] for name in FILTERS if name in request.args}
        values: dict[str, Any] = {**(request.view_args or {}), **kept, "sort": turned.query_value}
        return url_for(request.endpoint or "", **values, _anchor=anchor)


def requested_order(keys: Iterable[str], default: SortOrder) -> SortOrder:
    """Return the order that `?sort=` asks for; the default for a column that the table does not have."""
    requested = request.args.get("sort", "")
    key = requested.removeprefix(DESCENDING)
    return SortOrder(key, descending=requested.startswith(DESCENDING)) if key in set(keys) else default


def sort_rows(rows: Sequence[Row], order: SortOrder, keys: Mapping[str, Callable[[Row], Any]]) -> list[Row]:
    """Return rows in an order; `keys` maps each column to the value that its rows are compared by.

    A row whose value is None stands last in both directions.
    """
    value = keys[order.key]
    known = sorted((row for row in rows if value(row) is not None), key=value, reverse=order.descending)
    return [*known, *(row for row in rows if value(row) is None)]
