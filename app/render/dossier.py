"""The dossier of evidence as a document (PDF/UA) and as a workbook, in one language at a time."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from app.core.languages import Language
from app.core.matching.dossier import Dossier
from app.render.dossier_charts import equity_chart, means_chart, seats_chart
from app.render.dossier_tables import NONE, DossierFormatter, DossierTable, seats_missing
from app.render.tabular_files import xlsx_bytes
from app.render.typst_pdf import render_pdf

LONG = 26
WHOLE = 18  # letters of a word that is never broken in a table
BOLD = 2  # a heading is bold, and its letters are that much wider


def dossier_pdf(dossier: Dossier, language: Language, *, zone: tzinfo) -> bytes:
    """Return the dossier as PDF/UA; the same dossier gives the same bytes."""
    tell = DossierFormatter(dossier, language, zone)
    sheet = {
        "language": language.value,
        "title": tell("title", region=dossier.region),
        "made": tell("made", day=tell.day(dossier.made_at)),
        "page": tell("page"),
        "longest": WHOLE,
        "blocks": [block for part in _parts(tell) for block in part],
    }
    return render_pdf("dossier", sheet=sheet, at=dossier.made_at)


def dossier_xlsx(dossier: Dossier, language: Language, *, zone: tzinfo) -> bytes:
    """Return the dossier as a workbook: a sheet for each table, the first for what is said in words."""
    tell = DossierFormatter(dossier, language, zone)
    limits = [tell("title", region=dossier.region), tell("made", day=tell.day(dossier.made_at))]
    limits += [*_summary(tell), *_limits(tell)]
    sheets: list[tuple[str, Sequence[Sequence[str | float]]]] = [(tell("summary"), [[line] for line in limits])]
    sheets += [(one.name, [one.header, *one.rows]) for one in tell.tables()]
    return xlsx_bytes(sheets)


def _parts(tell: DossierFormatter) -> Sequence[list[dict[str, Any]]]:
    needs, supply, equity, groups, courses, sources = tell.tables()
    guess = [_paragraph(tell("guess"))] if tell.dossier.is_a_guess else []
    share, certainty = tell.number(100 * tell.dossier.uptake), tell.number(tell.dossier.certainty)
    supplied = tell("supply_text", uptake=share, certainty=certainty)
    source = tell(
        "sources_text",
        instrument=tell.dossier.instrument.read(tell.language),
        version=tell.dossier.instrument_version,
    )
    return (
        [_heading(tell("summary")), _list(_summary(tell))],
        [_heading(tell("needs")), _paragraph(tell("needs_text")), _picture(means_chart(tell)), _table(tell, needs)],
        [
            _heading(tell("supply")),
            _paragraph(supplied),
            *guess,
            _picture(seats_chart(tell)),
            _table(tell, supply),
        ],
        [
            _heading(tell("equity")),
            _paragraph(tell("equity_text")),
            _picture(equity_chart(tell)),
            _table(tell, equity),
        ],
        [_heading(tell("groups")), _paragraph(tell("groups_text")), _table(tell, groups)],
        [_heading(tell("courses")), _table(tell, courses)],
        [_heading(tell("uncertainty")), _list(_limits(tell))],
        [_heading(tell("sources")), _paragraph(source), _table(tell, sources)],
    )


def _summary(tell: DossierFormatter) -> list[str]:
    lacking = [tell.name(line.dimension) for line in tell.dossier.dimensions if seats_missing(line)]
    offer = tell("summary_missing", dimensions=", ".join(lacking)) if lacking else tell("summary_enough")
    newest, rounds = tell.dossier.rounds[0], tell.number(len(tell.dossier.rounds))
    answered = {"counted": tell.number(newest.counted), "invited": tell.number(newest.invited)}
    return [
        _greatest(tell),
        offer,
        *_seats_told(tell),
        *_evenness(tell),
        tell("summary_certainty", rounds=rounds, **answered),
    ]


def _evenness(tell: DossierFormatter) -> list[str]:
    """Tell between which municipalities the seats given differ most, by staff."""
    given = {one.name: one.given_for_100 for one in tell.dossier.municipalities}
    known = sorted((number, name) for name, number in given.items() if number is not None)
    if len(known) < 2:
        return []
    (least, lowest), (most, highest) = known[0], known[-1]
    numbers = {"least": tell.number(least, 1), "most": tell.number(most, 1)}
    return [tell("summary_equity", lowest=lowest, highest=highest, **numbers)]


def _greatest(tell: DossierFormatter) -> str:
    worst = max(tell.dossier.dimensions, key=lambda line: line.staff_in_need, default=None)
    if worst is None or not worst.staff_in_need:
        return tell("summary_no_need")
    need, staff = tell.number(worst.staff_in_need), tell.number(worst.staff)
    return tell("summary_need", dimension=tell.name(worst.dimension).lower(), need=need, staff=staff)


def _seats_told(tell: DossierFormatter) -> list[str]:
    seating = tell.dossier.seating
    wished = tell.number(sum(seating.wished.values()))
    if seating.given is None:
        return [tell("summary_wishes", wished=wished)] if seating.wished else []
    given = tell.number(sum(seating.given.values()))
    return [tell("summary_seats", wished=wished, given=given, nothing=seating.with_nothing)]


def _limits(tell: DossierFormatter) -> list[str]:
    plain = ("limit_silent", "limit_order", "limit_cause", "limit_effect")
    told = [tell("limit_k", k=tell.dossier.k), *map(tell, plain)]
    return [*told, tell("limit_weights", weights=tell.dossier.weights)]


def _table(tell: DossierFormatter, table: DossierTable) -> dict[str, Any]:
    def write(cell: str | float) -> str:
        return cell if isinstance(cell, str) else tell.number(cell, 1)

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
