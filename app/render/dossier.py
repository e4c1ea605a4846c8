"""The dossier as a document (PDF/UA) and as a workbook, in one language at a time."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from app.core.languages import Language
from app.core.matching.dossier import Dossier
from app.render.dossier_charts import (
    municipality_greatest_need_chart_with_alt_text,
    region_means_chart_with_alt_text,
    seats_needed_chart_with_alt_text,
)
from app.render.dossier_tables import HUNDRED, NONE, DossierFormatter, DossierTable, min_seats_missing
from app.render.tabular_files import xlsx_bytes
from app.render.typst_pdf import render_pdf

LONG = 26
WHOLE = 18  # characters: words up to this length are never broken in a table
BOLD = 2  # a heading is bold, and its letters are that much wider


def dossier_pdf(dossier: Dossier, language: Language, *, zone: tzinfo) -> bytes:
    """Return the dossier as PDF/UA; the same dossier gives the same bytes."""
    dossier_formatter = DossierFormatter(dossier, language, zone)
    data = {
        "language": language.value,
        "title": dossier_formatter("title", region=dossier.region),
        "made": dossier_formatter("made", day=dossier_formatter.day(dossier.made_at)),
        "page": dossier_formatter("page"),
        "longest": WHOLE,
        "blocks": [block for part in _parts(dossier_formatter) for block in part],
    }
    return render_pdf("dossier", data=data, at=dossier.made_at)


def dossier_xlsx(dossier: Dossier, language: Language, *, zone: tzinfo) -> bytes:
    """Return the dossier as a workbook: a sheet for each table, the first for what is said in words."""
    dossier_formatter = DossierFormatter(dossier, language, zone)
    limits = [
        dossier_formatter("title", region=dossier.region),
        dossier_formatter("made", day=dossier_formatter.day(dossier.made_at)),
    ]
    limits += [*_summary(dossier_formatter), *_limits(dossier_formatter)]
    sheets: list[tuple[str, Sequence[Sequence[str | float]]]] = [
        (dossier_formatter("summary"), [[line] for line in limits])
    ]
    used = dossier_formatter.seat_use_table()
    tables = [*dossier_formatter.main_tables(), *([used] if used else []), *dossier_formatter.supply_plan_tables()]
    sheets += [(table.name, [table.header, *table.rows]) for table in tables]
    return xlsx_bytes(sheets)


def _parts(dossier_formatter: DossierFormatter) -> Sequence[list[dict[str, Any]]]:
    needs, dossier_table, equity, groups, courses, sources = dossier_formatter.main_tables()
    guess = [_paragraph(dossier_formatter("guess"))] if dossier_formatter.dossier.rests_on_few_rounds else []
    share = dossier_formatter.number(100 * dossier_formatter.dossier.uptake)
    certainty = dossier_formatter.number(dossier_formatter.dossier.certainty)
    supplied = dossier_formatter("supply_text", uptake=share, certainty=certainty)
    source = dossier_formatter(
        "sources_text",
        instrument=dossier_formatter.dossier.instrument.in_language(dossier_formatter.language),
        version=dossier_formatter.dossier.instrument_version,
    )
    return (
        [_heading(dossier_formatter("summary")), _list(_summary(dossier_formatter))],
        [
            _heading(dossier_formatter("needs")),
            _paragraph(dossier_formatter("needs_text")),
            _picture(region_means_chart_with_alt_text(dossier_formatter)),
            _table(dossier_formatter, needs),
        ],
        [
            _heading(dossier_formatter("supply")),
            _paragraph(supplied),
            *guess,
            _picture(seats_needed_chart_with_alt_text(dossier_formatter)),
            _table(dossier_formatter, dossier_table),
        ],
        [
            _heading(dossier_formatter("equity")),
            _paragraph(dossier_formatter("equity_text")),
            _picture(municipality_greatest_need_chart_with_alt_text(dossier_formatter)),
            _table(dossier_formatter, equity),
        ],
        [
            _heading(dossier_formatter("groups")),
            _paragraph(dossier_formatter("groups_text")),
            _table(dossier_formatter, groups),
        ],
        [_heading(dossier_formatter("courses")), _table(dossier_formatter, courses)],
        _used_part(dossier_formatter),
        _plan_part(dossier_formatter),
        [_heading(dossier_formatter("uncertainty")), _list(_limits(dossier_formatter))],
        [_heading(dossier_formatter("sources")), _paragraph(source), _table(dossier_formatter, sources)],
    )


def _used_part(dossier_formatter: DossierFormatter) -> list[dict[str, Any]]:
    table = dossier_formatter.seat_use_table()
    if table is None:
        return []
    return [
        _heading(table.name),
        _paragraph(dossier_formatter("used_text")),
        _table(dossier_formatter, table),
    ]


def _plan_part(dossier_formatter: DossierFormatter) -> list[dict[str, Any]]:
    """Say what the supply plan comes to, then its courses and the seats guaranteed."""
    plan = dossier_formatter.dossier.plan
    if plan is None:
        return []
    courses, *floors = dossier_formatter.supply_plan_tables()
    words = dossier_formatter(
        "plan_text",
        day=dossier_formatter.day(plan.made_at),
        seats=dossier_formatter.number(plan.seats),
        money=dossier_formatter.number(plan.money),
        hours=dossier_formatter.number(plan.hours),
        reach=dossier_formatter.number(100 * plan.reach),
        gap=dossier_formatter.number(100 * plan.gap, 1),
    )
    blocks = [_heading(courses.name), _paragraph(words), _table(dossier_formatter, courses)]
    if plan.next_course is not None:
        more = dossier_formatter(
            "plan_next",
            course=plan.next_course.in_language(dossier_formatter.language),
            gain=dossier_formatter.number(100 * plan.next_gain, 1),
            money=dossier_formatter.number(plan.next_money),
        )
        blocks.append(_paragraph(more))
    return blocks + [block for table in floors for block in (_heading(table.name), _table(dossier_formatter, table))]


def _summary(dossier_formatter: DossierFormatter) -> list[str]:
    lacking = [
        dossier_formatter.dimension_name(line.dimension)
        for line in dossier_formatter.dossier.dimensions
        if min_seats_missing(line)
    ]
    offer = (
        dossier_formatter("summary_missing", dimensions=", ".join(lacking))
        if lacking
        else dossier_formatter("summary_enough")
    )
    newest = dossier_formatter.dossier.rounds[0]
    rounds = dossier_formatter.number(len(dossier_formatter.dossier.rounds))
    answered = {
        "counted": dossier_formatter.number(newest.counted),
        "invited": dossier_formatter.number(newest.invited),
    }
    return [
        _greatest(dossier_formatter),
        offer,
        *_seat_sentences(dossier_formatter),
        *_seat_use_sentences(dossier_formatter),
        *_evenness(dossier_formatter),
        dossier_formatter("summary_certainty", rounds=rounds, **answered),
    ]


def _evenness(dossier_formatter: DossierFormatter) -> list[str]:
    """Tell between which municipalities the seats given differ most, by staff."""
    granted = {
        municipality.name: municipality.granted_seats_per_100_staff
        for municipality in dossier_formatter.dossier.municipalities
    }
    known = sorted((number, name) for name, number in granted.items() if number is not None)
    if len(known) < 2:
        return []
    (least, lowest) = known[0]
    (most, highest) = known[-1]
    numbers = {"least": dossier_formatter.number(least, 1), "most": dossier_formatter.number(most, 1)}
    return [dossier_formatter("summary_equity", lowest=lowest, highest=highest, **numbers)]


def _greatest(dossier_formatter: DossierFormatter) -> str:
    worst = max(dossier_formatter.dossier.dimensions, key=lambda line: line.need, default=None)
    if worst is None or not worst.need:
        return dossier_formatter("summary_no_need")
    need = dossier_formatter.number(HUNDRED * worst.need)
    return dossier_formatter(
        "summary_need", dimension=dossier_formatter.dimension_name(worst.dimension).lower(), need=need
    )


def _seat_sentences(dossier_formatter: DossierFormatter) -> list[str]:
    seating = dossier_formatter.dossier.seating
    requested = dossier_formatter.number(sum(seating.requested.values()))
    if seating.granted is None:
        return [dossier_formatter("summary_requests", requested=requested)] if seating.requested else []
    granted = dossier_formatter.number(sum(seating.granted.values()))
    return [dossier_formatter("summary_seats", requested=requested, granted=granted, nothing=seating.with_nothing)]


def _seat_use_sentences(dossier_formatter: DossierFormatter) -> list[str]:
    used = dossier_formatter.dossier.used
    if not used:
        return []
    return [
        dossier_formatter(
            "summary_used",
            granted=dossier_formatter.number(sum(line.granted for line in used)),
            taken=dossier_formatter.number(sum(line.taken for line in used)),
            completed=dossier_formatter.number(sum(line.completed for line in used)),
        )
    ]


def _limits(dossier_formatter: DossierFormatter) -> list[str]:
    plain = ("limit_silent", "limit_order", "limit_cause", "limit_effect")
    sentences = [dossier_formatter("limit_k", k=dossier_formatter.dossier.k), *map(dossier_formatter, plain)]
    return [*sentences, dossier_formatter("limit_weights", weights=dossier_formatter.dossier.weights)]


def _table(dossier_formatter: DossierFormatter, table: DossierTable) -> dict[str, Any]:
    def write(cell: str | float) -> str:
        return cell if isinstance(cell, str) else dossier_formatter.number(cell, 1)

    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.header)
    numeric = [all(not isinstance(cell, str) or cell == NONE for cell in column) for column in columns]
    return {
        "kind": "table",
        "header": list(table.header),
        "rows": [[write(cell) for cell in row] for row in table.rows],
        "numeric": numeric,
        "widths": [_breadth(head, column) for head, column in zip(table.header, columns, strict=True)],
    }


def _breadth(header: str, column: Sequence[str | float]) -> int:
    """Return how much room a column gets beside the others: its longest word, and some more for long cells."""
    cells = [cell for cell in column if isinstance(cell, str)]
    bold = max(map(len, header.split())) + BOLD
    word = max([bold, *(len(part) + 1 for cell in cells for part in (cell or NONE).split())])
    longest = max((len(cell) for cell in cells), default=0)
    return max(6, min(max(word, longest), LONG))


def _heading(text: str) -> dict[str, Any]:
    return {"kind": "heading", "text": text}


def _paragraph(text: str) -> dict[str, Any]:
    return {"kind": "paragraph", "text": text}


def _list(lines: Sequence[str]) -> dict[str, Any]:
    return {"kind": "list", "lines": list(lines)}


def _picture(drawn: tuple[str, str]) -> dict[str, Any]:
    svg, words = drawn
    return {"kind": "picture", "svg": svg, "alt": words}
