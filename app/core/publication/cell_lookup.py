"""Look up what is published of single cells."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from app.core.publication.figures import Balance, Cell, Figure, Participation, Quadrants

_Value = TypeVar("_Value", Participation, Quadrants, Balance)


@dataclass(frozen=True, slots=True, eq=False)
class CellLookup:
    """What is published of some cells, by cell and measure; `participation` holds only what may be told."""

    figures: dict[tuple[Cell, str], Figure]
    scales: dict[Cell, tuple[Figure, ...]]
    items: dict[Cell, tuple[Figure, ...]]
    participation: dict[Cell, Participation]
    quadrants: dict[Cell, Quadrants]
    balances: dict[Cell, Balance]

    @staticmethod
    def build(
        *,
        participation: Iterable[Participation] = (),
        figures: tuple[Figure, ...] = (),
        items: tuple[Figure, ...] = (),
        quadrants: Iterable[Quadrants] = (),
        balances: Iterable[Balance] = (),
    ) -> "CellLookup":
        """Return the lookup of these values; figures and items keep their order within a cell."""
        return CellLookup(
            figures={(figure.cell, figure.measure): figure for figure in (*items, *figures)},
            scales=_figures_by_cell(figures),
            items=_figures_by_cell(items),
            participation={cell: part.publishable for cell, part in _by_cell(participation).items()},
            quadrants=_by_cell(quadrants),
            balances=_by_cell(balances),
        )


def _by_cell(values: Iterable[_Value]) -> dict[Cell, _Value]:
    return {value.cell: value for value in values}


def _figures_by_cell(figures: Iterable[Figure]) -> dict[Cell, tuple[Figure, ...]]:
    result: dict[Cell, list[Figure]] = {}
    for figure in figures:
        result.setdefault(figure.cell, []).append(figure)
    return {cell: tuple(of_cell) for cell, of_cell in result.items()}


EMPTY_LOOKUP = CellLookup.build()
