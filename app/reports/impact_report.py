"""Report on how the dimensions are associated with wellbeing in the region, for pages and files."""

from dataclasses import dataclass

from app.core.instruments import Instrument
from app.core.languages import Language
from app.core.publication import Impact, Publication
from app.reports import orientation


@dataclass(frozen=True, slots=True)
class RelativeWeightRow:
    """The weight of one dimension and its interval, in per cent of what all dimensions explain together."""

    scale: str
    title: str
    weight: int
    interval: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RelativeWeightReport:
    """The weights, largest first. `equal` is the weight of each dimension if all were alike, in per cent.

    `explained` is the share of the differences in wellbeing between the people of one community that the dimensions
    explain together, in per cent. `leads_clearly`: the interval of the first lies above those of all others.
    """

    outcome: str
    rows: tuple[RelativeWeightRow, ...]
    explained: int
    equal: float
    leads_clearly: bool

    @property
    def titles_with_largest_weight(self) -> tuple[str, ...]:
        """The titles of the dimensions with the largest weight; several where the rounded weights are equal."""
        return tuple(row.title for row in self.rows if row.weight == self.rows[0].weight)


def relative_weight_report(
    publication: Publication, *, instrument: Instrument, language: Language
) -> RelativeWeightReport | None:
    """Return the weights of a publication; None where it has none, as with fewer than 300 answers."""
    impact = publication.impact
    if impact is None or not impact.weights:
        return None
    titles = orientation.scale_titles(instrument, language)
    rows = tuple(
        RelativeWeightRow(
            weight.scale,
            titles[weight.scale],
            _per_cent(weight.weight),
            (_per_cent(weight.interval[0]), _per_cent(weight.interval[1])),
        )
        for weight in sorted(impact.weights, key=lambda weight: -weight.weight)
    )
    return RelativeWeightReport(
        outcome=titles[impact.outcome],
        rows=rows,
        explained=_per_cent(impact.explained),
        equal=100 / len(rows),
        leads_clearly=all(rows[0].interval[0] >= row.interval[1] for row in rows[1:]),
    )


def relative_weight_values(impact: Impact | None) -> dict[str, object] | None:
    """Return the weights as plain values for files; shares from 0 to 1."""
    if impact is None:
        return None
    return {
        "outcome": impact.outcome,
        "explained": impact.explained,
        "convention": "relative weights (Johnson 2000) within communities, drawn towards equal; 90 % intervals",
        "weights": [
            {"scale": weight.scale, "weight": weight.weight, "interval": list(weight.interval)}
            for weight in impact.weights
        ],
    }


def _per_cent(share: float) -> int:
    return round(100 * share)
