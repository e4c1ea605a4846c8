"""Figures as plain values, for files and the API."""

from collections.abc import Iterable
from typing import Any

from app.core.publication import (
    Cell,
    DisclosureState,
    Distribution,
    Figure,
    Level,
    MeasureKind,
    Publication,
    Trend,
    placement_chance,
)
from app.reports.same_kind import kind_mean_of

Place = tuple[Level, str]


def scale_figures_of_cells(publication: Publication, cells: Iterable[Cell] | None = None) -> list[Figure]:
    """Return all scale figures in `cells`, or in the whole publication, including withheld ones."""
    return [figure for cell in _in_order(publication, cells) for figure in publication.scale_figures_in(cell)]


def question_figures_of_cells(publication: Publication, cells: Iterable[Cell] | None = None) -> list[Figure]:
    """Return all item figures in `cells`, or in the whole publication, including withheld ones."""
    item_ids = [measure.id for measure in publication.measures if measure.kind is MeasureKind.ITEM]
    return [
        publication.figure(cell, name) or Figure(cell, name, DisclosureState.WITHHELD)
        for cell in _in_order(publication, cells)
        for name in item_ids
    ]


def _in_order(publication: Publication, cells: Iterable[Cell] | None) -> list[Cell]:
    """Return `cells`, or all of the round, in the round's order."""
    wanted = None if cells is None else set(cells)
    return [cell for cell in publication.cells if wanted is None or cell in wanted]


def place_and_municipality_names(publication: Publication) -> dict[Place, tuple[str, str]]:
    """Return the name and the municipality's name of every place; empty for the region."""
    area = publication.region
    municipality_names = {municipality.id: municipality.name for municipality in area.municipalities}
    result = {(Level.REGION, area.id): (area.name, "")}
    result |= {(Level.MUNICIPALITY, name): (title, title) for name, title in municipality_names.items()}
    return result | {
        (Level.COMMUNITY, unit.id): (unit.name, municipality_names[unit.municipality]) for unit in area.units
    }


def cells_with_demand_control(publication: Publication, cells: Iterable[Cell]) -> list[Cell]:
    """Return those of `cells` with published demands and control, in the round's order."""
    return [
        cell
        for cell in _in_order(publication, cells)
        if publication.quadrants_of(cell) is not None or publication.balance_of(cell) is not None
    ]


def demand_control_values(publication: Publication, cell: Cell) -> dict[str, Any]:
    """Return demands and control of a cell: shares of people, and the balance of the two means."""
    shares = publication.quadrants_of(cell)
    balance = publication.balance_of(cell)
    quadrants = ("high_strain", "active", "passive", "low_strain")
    return {
        "level": cell.level.value,
        "unit": cell.unit,
        "group": cell.group,
        "shares": None
        if shares is None
        else {quadrant: getattr(shares, quadrant) for quadrant in quadrants} | {"intervals": shares.intervals or None},
        "balance": None if balance is None else balance.difference,
        "balance_interval": None if balance is None else balance.interval,
    }


def figure_values(publication: Publication, figure: Figure, *, kind: str = "scale") -> dict[str, Any]:
    """Return a figure as plain values; `kind` is the key of its measure.

    For a figure that is not shown all numbers are None.
    """
    part = publication.participation_of(figure.cell)
    shown = figure if figure.state is DisclosureState.SHOWN else Figure(figure.cell, figure.measure, figure.state)
    return {
        "level": figure.cell.level.value,
        "unit": figure.cell.unit,
        "group": figure.cell.group,
        kind: figure.measure,
        "state": figure.state.value,
        "answers_band": None if part is None else part.answers_band,
        "response_band": None if part is None else part.response_band,
        "mean": shown.mean,
        "half_width": shown.half_width,
        "placement": None if figure.placement is None else figure.placement.value,
        "placement_chance": _rounded(placement_chance(publication, figure)),
        "capped": None if shown.capped is None else shown.capped.value,
        "grain": shown.grain,
        "interval": shown.interval,
        "interval_conditions": shown.interval_conditions,
        "compare_with": shown.shrunken,
        "same_kind": _same_kind(publication, figure),
        "worst_case": shown.worst_case,
        "smallest_change": shown.smallest_change,
        "change_seen_mostly": shown.change_seen_mostly,
        "shares": None if shown.distribution is None else _shares(shown.distribution),
        "changes": [_change(trend) for trend in shown.trends],
    }


def _same_kind(publication: Publication, figure: Figure) -> dict[str, Any] | None:
    """Return the mean of the communities of the same kind; None for other cells than communities."""
    item = kind_mean_of(publication, figure)
    if item is None:
        return None
    return {
        "kind": item.kind.value,
        "communities": item.communities,
        "mean": item.mean,
        "capped": None if item.capped is None else item.capped.value,
        "grain": item.grain,
    }


def _rounded(chance: float | None) -> float | None:
    return None if chance is None else round(chance, 2)


def _shares(distribution: Distribution) -> dict[str, Any]:
    return {
        "low": distribution.low,
        "middle": distribution.middle,
        "high": distribution.high,
        "intervals": distribution.intervals or None,
    }


def _change(trend: Trend) -> dict[str, Any]:
    return {
        "since_round": int(trend.since),
        "difference": trend.difference,
        "interval": trend.interval,
        "label": trend.label.value,
        "staff_interval": trend.staff_interval,
        "effect": trend.effect,
        "comparisons": trend.comparisons,
    }
