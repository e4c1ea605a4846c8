"""Export publications as CSV and JSON, one row for each published figure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.core.instruments import Instrument, Polarity
from app.core.languages import Language
from app.core.publication import Cell, DisclosureState, Figure, Level, Measure, Publication
from app.render.tabular_files import Value
from app.reports.figure_values import (
    Place,
    cells_with_demand_control,
    demand_control_values,
    figure_values,
    place_and_municipality_names,
    scale_figures_of_cells,
)
from app.reports.impact_report import relative_weight_values
from app.reports.questions import question_report

Table = list[Sequence[Value]]
COLUMNS = (
    "level",
    "unit",
    "group",
    "scale",
    "good_end",
    "state",
    "answers_band",
    "response_band",
    "mean",
    "half_width",
    "placement",
    "placement_chance",
    "capped",
    "interval_low",
    "interval_high",
    "conditions_low",
    "conditions_high",
    "compare_with",
    "worst_low",
    "worst_high",
    "share_low",
    "share_middle",
    "share_high",
    "change",
    "change_low",
    "change_high",
    "change_label",
    "changed_since_round",
    "comparisons",
    "staff_change_low",
    "staff_change_high",
    "effect_size",
    "smallest_change",
    "change_seen_mostly",
    "rounded_to",
    "name",
    "municipality",
    "invited",
    "kind",
    "kind_mean",
    "kind_capped",
    "kind_rounded_to",
    "kind_communities",
)
QUESTION_ID_COLUMNS = ("level", "unit", "group", "dimension", "question", "text", "turned")
SCALE_ONLY_COLUMNS = frozenset(
    {
        *("level", "unit", "group", "scale", "placement", "placement_chance", "compare_with"),
        *("kind", "kind_mean", "kind_capped", "kind_rounded_to", "kind_communities"),
    }
)
QUESTION_COLUMNS = (*QUESTION_ID_COLUMNS, *(name for name in COLUMNS if name not in SCALE_ONLY_COLUMNS))
QUADRANTS = ("high_strain", "active", "passive", "low_strain")
STRAIN_COLUMNS = (
    "level",
    "unit",
    "group",
    *(f"{name}{end}" for name in QUADRANTS for end in ("", "_low", "_high")),
    "balance",
    "balance_low",
    "balance_high",
    "name",
    "municipality",
)


def scale_figure_rows(publication: Publication, cells: Iterable[Cell] | None = None) -> list[dict[str, Any]]:
    """Return one row for each scale figure of `cells`, or of the whole publication."""
    return [figure_values(publication, figure) for figure in scale_figures_of_cells(publication, cells)]


def scale_figure_table(publication: Publication, cells: Iterable[Cell] | None = None) -> Table:
    """Return the figures as a table, header first; one row each."""
    names = place_and_municipality_names(publication)
    return _table(
        COLUMNS, (_figure_row(publication, figure, names) for figure in scale_figures_of_cells(publication, cells))
    )


def question_table(
    publication: Publication, cells: Iterable[Cell], *, instrument: Instrument, language: Language
) -> Table:
    """Return every single question in `cells`, one row each, withheld ones as such; nothing is turned."""
    result = []
    names = place_and_municipality_names(publication)
    for cell in cells:
        for group in question_report(publication, cell, instrument=instrument, earlier=(), language=language).groups:
            for question in group.questions:
                item = question.row.measure.id
                about = {"dimension": group.id, "question": item, "text": question.row.title}
                reversed_column = {"turned": "yes" if question.is_reversed else "no"}
                as_asked = publication.figure(cell, item) or Figure(cell, item, DisclosureState.WITHHELD)
                result.append(_figure_row(publication, as_asked, names) | about | reversed_column)
    return _table(QUESTION_COLUMNS, result)


def _table(columns: Sequence[str], result: Iterable[dict[str, Any]]) -> Table:
    return [columns, *([_cell(row[column]) for column in columns] for row in result)]


def _figure_row(publication: Publication, figure: Figure, names: Mapping[Place, tuple[str, str]]) -> dict[str, Any]:
    """Return a figure as one flat row; of several changes only the latest."""
    part = publication.participation_of(figure.cell)
    name, municipality = names.get((figure.cell.level, figure.cell.unit), ("", ""))
    plain = figure_values(publication, figure)
    shares = plain["shares"] or {}
    trend = plain["changes"][-1] if plain["changes"] else {}
    return {
        **plain,
        "good_end": _good_end(publication.measure(figure.measure)),
        **_ends("interval", plain["interval"]),
        **_ends("conditions", plain["interval_conditions"]),
        **_ends("worst", plain["worst_case"]),
        **{f"share_{part}": shares.get(part) for part in ("low", "middle", "high")},
        "change": trend.get("difference"),
        **_ends("change", trend.get("interval")),
        "change_label": trend.get("label"),
        "changed_since_round": trend.get("since_round"),
        "comparisons": trend.get("comparisons"),
        **_ends("staff_change", trend.get("staff_interval")),
        "effect_size": trend.get("effect"),
        "rounded_to": plain["grain"],
        "name": name,
        "municipality": municipality,
        "invited": None if part is None else part.invited,
        **_kind_columns(plain["same_kind"]),
    }


def _good_end(measure: Measure) -> str:
    """Return which end of a measure is the good one, in the direction in which its numbers are written."""
    return "high" if measure.polarity is Polarity.HIGH_IS_GOOD else "low"


def _kind_columns(same_kind: Mapping[str, Any] | None) -> dict[str, Any]:
    values = same_kind or {}
    return {
        "kind": values.get("kind"),
        "kind_mean": values.get("mean"),
        "kind_capped": values.get("capped"),
        "kind_rounded_to": values.get("grain"),
        "kind_communities": values.get("communities"),
    }


def _ends(name: str, interval: tuple[float, float] | None) -> dict[str, float | None]:
    low, high = (None, None) if interval is None else interval
    return {f"{name}_low": low, f"{name}_high": high}


def export_json(publication: Publication) -> str:
    """Return the whole publication as JSON.

    Contains metadata, shown questions, demands and control, and the region's quality statistics and impact weights.
    """
    publication = publication.load_completely()
    header = {
        "round": int(publication.round),
        "title": publication.title,
        "titles": {
            language.value: publication.translated_title.in_language(language)
            for language in (publication.title_translations.written_languages if publication.title_translations else ())
        },
        "kind": publication.kind.value,
        "instrument": publication.instrument,
        "instrument_digest": publication.instrument_digest,
        "opened_at": None if publication.opened_at is None else publication.opened_at.isoformat(),
        "closed_at": None if publication.closed_at is None else publication.closed_at.isoformat(),
        "counted_at": publication.counted_at.isoformat(),
        "region": publication.region.id,
        "k": publication.k,
        "invited": publication.invited,
        "issued": publication.issued,
        "counted": publication.counted,
    }
    quality = [_quality(publication, scale.id) for scale in publication.scales]
    questions = [figure_values(publication, figure, kind="question") for figure in publication.items]
    plain = {
        **header,
        "demands": publication.demands,
        "control": publication.control,
        "cuts": publication.cuts,
        "measures": [_measure_values(measure) for measure in publication.measures],
        "figures": scale_figure_rows(publication),
        "questions": questions,
        "strain": _strained(publication),
        "quality": quality,
        "impact": relative_weight_values(publication.impact),
    }
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)


def _measure_values(measure: Measure) -> dict[str, Any]:
    return {
        "id": measure.id,
        "kind": measure.kind.value,
        "good_end": _good_end(measure),
        "low": measure.low,
        "high": measure.high,
    }


def demand_control_table(publication: Publication) -> Table:
    """Return demands and control together, one row for each cell in which both are published."""
    names = place_and_municipality_names(publication)
    result = []
    for plain in _strained(publication):
        shares = plain["shares"] or {}
        ends = shares.get("intervals") or (None,) * len(QUADRANTS)
        name, municipality = names.get((Level(plain["level"]), plain["unit"]), ("", ""))
        quadrants = {quadrant: shares.get(quadrant) for quadrant in QUADRANTS}
        for item, interval in zip(QUADRANTS, ends, strict=True):
            quadrants |= _ends(item, interval)
        balance = _ends("balance", plain["balance_interval"])
        result.append({**plain, **quadrants, **balance, "name": name, "municipality": municipality})
    return _table(STRAIN_COLUMNS, result)


def _strained(publication: Publication) -> list[dict[str, Any]]:
    return [
        demand_control_values(publication, cell) for cell in cells_with_demand_control(publication, publication.cells)
    ]


def _quality(publication: Publication, scale: str) -> dict[str, Any]:
    region_quality = publication.quality_of(scale)
    if region_quality is None:
        return {"scale": scale, "reliability": None, "agreement": None}
    return {
        "scale": scale,
        "items": region_quality.items,
        "reliability": {
            "convention": "Spearman-Brown" if region_quality.items == 2 else "Cronbach alpha, Feldt interval",
            "alpha": region_quality.alpha,
            "alpha_interval": region_quality.alpha_interval,
            "omega": region_quality.omega,
            "omega_convention": "McDonald omega total, one factor, maximum likelihood, model-implied denominator",
        },
        "agreement": {
            "icc1": region_quality.icc1,
            "icc2": region_quality.icc2,
            "icc_convention": "k0 = (N - sum n^2 / N) / (G - 1)",
            "rwg_median": region_quality.rwg_median,
            "between_variance": region_quality.between_variance,
            "within_variance": region_quality.within_variance,
            "communities_differ": region_quality.communities_differ,
        },
    }


def _cell(value: Any) -> Value:
    return value if value is None or isinstance(value, (int, float)) else str(value)
