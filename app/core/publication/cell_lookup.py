"""Look up the published figures of a single cell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from app.core.publication.figures import Balance, Cell, Figure, Participation, Quadrants

_Value = TypeVar("_Value", Participation, Quadrants, Balance)


@dataclass(frozen=True, eq=False)
class CellLookup:
    """What is published of some cells, by cell and measure; `participation` holds only what may be published.

    `read_items` returns the figures of single items. It is called when the first of them is asked for: most pages show
    scales only, and items are two thirds of a part.
    """

    scales: Mapping[Cell, tuple[Figure, ...]]
    participation: Mapping[Cell, Participation]
    quadrants: Mapping[Cell, Quadrants]
    balances: Mapping[Cell, Balance]
    read_items: Callable[[], tuple[Figure, ...]]

    @staticmethod
    def build(
        *,
        participation: Iterable[Participation] = (),
        figures: Iterable[Figure] = (),
        quadrants: Iterable[Quadrants] = (),
        balances: Iterable[Balance] = (),
        read_items: Callable[[], tuple[Figure, ...]] = tuple,
    ) -> "CellLookup":
        """Return the lookup of these values; figures and items keep their order within a cell."""
        return CellLookup(
            scales=_figures_by_cell(figures),
            participation={cell: part.without_private_counts for cell, part in _by_cell(participation).items()},
            quadrants=_by_cell(quadrants),
            balances=_by_cell(balances),
            read_items=read_items,
        )

    def figure(self, cell: Cell, measure: str) -> Figure | None:
        """Return the figure of a scale or an item in a cell, or None."""
        scale = self._scale_figures.get((cell, measure))
        return scale if scale is not None else self._item_figures.get((cell, measure))

    @cached_property
    def item_figures_by_cell(self) -> Mapping[Cell, tuple[Figure, ...]]:
        """The figures of single items by cell."""
        return _figures_by_cell(self.read_items())

    @cached_property
    def _scale_figures(self) -> Mapping[tuple[Cell, str], Figure]:
        return _by_measure(self.scales)

    @cached_property
    def _item_figures(self) -> Mapping[tuple[Cell, str], Figure]:
        return _by_measure(self.item_figures_by_cell)


def _by_measure(figures: Mapping[Cell, tuple[Figure, ...]]) -> dict[tuple[Cell, str], Figure]:
    return {(figure.cell, figure.measure): figure for of_cell in figures.values() for figure in of_cell}


def _by_cell(values: Iterable[_Value]) -> dict[Cell, _Value]:
    return {value.cell: value for value in values}


def _figures_by_cell(figures: Iterable[Figure]) -> dict[Cell, tuple[Figure, ...]]:
    result: dict[Cell, list[Figure]] = {}
    for figure in figures:
        result.setdefault(figure.cell, []).append(figure)
    return {cell: tuple(of_cell) for cell, of_cell in result.items()}


EMPTY_LOOKUP = CellLookup.build()
