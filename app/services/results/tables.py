"""Publications as files: one row for each figure, as it was printed and frozen."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from app.core.instruments import Instrument
from app.core.languages import Language
from app.core.publication import Cell, Figure, Publication, State
from app.services.results.questions import read_questions

COLUMNS = (
    "level",
    "unit",
    "group",
    "scale",
    "state",
    "answers_band",
    "response_band",
    "mean",
    "half_width",
    "placement",
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
)
ABOUT_THE_QUESTION = ("level", "unit", "group", "dimension", "question", "text", "turned")
NOT_OF_QUESTIONS = frozenset({"level", "unit", "group", "scale", "placement", "compare_with"})
QUESTION_COLUMNS = (*ABOUT_THE_QUESTION, *(name for name in COLUMNS if name not in NOT_OF_QUESTIONS))
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def rows(publication: Publication, cells: Iterable[Cell] | None = None) -> list[dict[str, Any]]:
    """Return one row for each scale figure of `cells`, or of the whole publication."""
    wanted = None if cells is None else set(cells)
    return [_row(publication, figure) for figure in publication.figures if wanted is None or figure.cell in wanted]


def as_csv(publication: Publication, cells: Iterable[Cell] | None = None) -> str:
    """Write the rows as CSV; what a spreadsheet would take for a formula is made plain text."""
    wanted = None if cells is None else set(cells)
    chosen = (figure for figure in publication.figures if wanted is None or figure.cell in wanted)
    return _written(COLUMNS, (_row(publication, figure) | _more(figure) for figure in chosen))


def questions_as_csv(
    publication: Publication, cells: Iterable[Cell], *, instrument: Instrument, language: Language
) -> str:
    """Write every single question in `cells`, one row each, withheld ones as such; nothing is turned."""
    found = []
    for cell in cells:
        for group in read_questions(publication, cell, instrument=instrument, earlier=(), language=language).groups:
            for one in group.questions:
                about = {"dimension": group.id, "question": one.row.measure.id, "text": one.row.title}
                turned = {"turned": "yes" if one.turned else "no"}
                found.append(_row(publication, one.row.figure) | _more(one.row.figure) | about | turned)
    return _written(QUESTION_COLUMNS, found)


def _written(columns: Sequence[str], found: Iterable[dict[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in found)
    return file.getvalue()


def _more(figure: Figure) -> dict[str, Any]:
    """Return what else is printed of a figure, one number to a column; the latest change of several.

    A figure that is not shown prints none of it, whatever it may hold.
    """
    if figure.state is not State.SHOWN:
        figure = Figure(figure.cell, figure.measure, figure.state)
    trend = figure.trends[-1] if figure.trends else None
    shares = figure.distribution
    return {
        **_ends("interval", figure.interval),
        **_ends("conditions", figure.interval_conditions),
        "compare_with": figure.shrunken,
        **_ends("worst", figure.worst_case),
        "share_low": None if shares is None else shares.low,
        "share_middle": None if shares is None else shares.middle,
        "share_high": None if shares is None else shares.high,
        "change": None if trend is None else trend.difference,
        **_ends("change", None if trend is None else trend.interval),
        "change_label": None if trend is None else trend.label.value,
        "changed_since_round": None if trend is None else int(trend.since),
        "comparisons": None if trend is None else trend.comparisons,
    }


def _ends(name: str, interval: tuple[float, float] | None) -> dict[str, float | None]:
    low, high = (None, None) if interval is None else interval
    return {f"{name}_low": low, f"{name}_high": high}


def as_json(publication: Publication) -> str:
    """Write the rows as JSON, with a heading and what only the region's pooled answers can say."""
    heading = {
        "round": int(publication.round),
        "title": publication.title,
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
    quality = [_quality(publication, one.id) for one in publication.scales]
    plain = {**heading, "figures": rows(publication), "quality": quality}
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)


def _row(publication: Publication, figure: Figure) -> dict[str, Any]:
    part, is_shown = publication.participation_of(figure.cell), figure.state is State.SHOWN
    return {
        "level": figure.cell.level.value,
        "unit": figure.cell.unit,
        "group": figure.cell.group,
        "scale": figure.measure,
        "state": figure.state.value,
        "answers_band": None if part is None else part.answers_band,
        "response_band": None if part is None else part.response_band,
        "mean": figure.mean if is_shown else None,
        "half_width": figure.half_width if is_shown else None,
        "placement": None if figure.placement is None else figure.placement.value,
        "capped": None if figure.capped is None else figure.capped.value,
        "interval": figure.interval if is_shown else None,
    }


def _quality(publication: Publication, scale: str) -> dict[str, Any]:
    found = publication.quality_of(scale)
    if found is None:
        return {"scale": scale, "reliability": None, "agreement": None}
    return {
        "scale": scale,
        "items": found.items,
        "reliability": {
            "convention": "Spearman-Brown" if found.items == 2 else "Cronbach alpha, Feldt interval",
            "alpha": found.alpha,
            "alpha_interval": found.alpha_interval,
            "omega": found.omega,
            "omega_convention": "McDonald omega total, one factor, maximum likelihood, model-implied denominator",
        },
        "agreement": {
            "icc1": found.icc1,
            "icc2": found.icc2,
            "icc_convention": "k0 = (N - sum n^2 / N) / (G - 1)",
            "rwg_median": found.rwg_median,
            "between_variance": found.between_variance,
            "communities_differ": found.communities_differ,
        },
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return f"'{value}" if str(value).startswith(FORMULA_BEGINS) else str(value)
