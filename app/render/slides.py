"""Six meeting slides as PPTX, with real headings and text alternatives."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from app.core.languages import Language, TranslatedText
from app.core.text import without_bad_characters
from app.render import design_tokens
from app.render import meeting_words as words
from app.render.charts.intervals import TONES, IntervalChart, IntervalRow
from app.render.freed_memory import free_memory_after
from app.render.handouts import MeetingDocumentContent

WIDE = Inches(13.333)
HIGH = Inches(7.5)
EDGE = Inches(0.7)
TOP = Inches(1.55)
ROOM = WIDE - 2 * EDGE
# the layouts of the library's own template
FRONT = 0
CONTENT = 1
BARE = 5
BIG = Pt(28)
MIDDLE = Pt(24)
SMALL = Pt(18)
CHART_TEXT = Pt(14)
WORKBOOK_PROPERTIES = "docProps/core.xml"
WRITTEN_AT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
STRIPE = Inches(0.22)


def _colour(token: str) -> RGBColor:
    return RGBColor(*bytes.fromhex(token.removeprefix("#")))  # type: ignore[no-untyped-call]


INK, ACCENT, PAPER, BAND = (
    _colour(item) for item in (design_tokens.INK, design_tokens.OWN, design_tokens.CARD, design_tokens.FUNNEL)
)
SPOKEN = {
    Language.FI: MSO_LANGUAGE_ID.FINNISH,
    Language.SV: MSO_LANGUAGE_ID.SWEDISH_FINLAND,
    Language.EN: MSO_LANGUAGE_ID.ENGLISH_UK,
}


@free_memory_after
def slides_pptx(content: MeetingDocumentContent, *, now: datetime) -> bytes:
    """Return the slides of a meeting."""
    deck = Presentation()
    deck.slide_width = WIDE
    deck.slide_height = HIGH
    _describe(deck, content, now)
    _stripe(deck)
    _front(deck, content)
    _text_slide(deck, content, words.ANSWERED, [*_lines(content.answered, MIDDLE), *_under(content)])
    _said(deck, content)
    _chart(deck, content, now)
    _text_slide(deck, content, words.QUESTIONS, _questions(content))
    _text_slide(
        deck,
        content,
        words.NEXT,
        _lines([step.in_language(content.language) for step in words.STEPS], MIDDLE),
    )
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _describe(deck: Any, content: MeetingDocumentContent, now: datetime) -> None:
    about = deck.core_properties
    about.title = without_bad_characters(f"{words.TITLE.in_language(content.language)}: {content.community}")
    author = without_bad_characters(content.service)
    about.author = author
    about.last_modified_by = author
    about.language = content.language.value
    about.created = about.modified = now.replace(tzinfo=None, microsecond=0)


def _stripe(deck: Any) -> None:
    """Draw a stripe at the left edge on the slide master, where screen readers skip it."""
    deck.slide_master.shapes._spTree.append(
        parse_xml(
            f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="99" name="stripe"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
            f'</p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{int(STRIPE)}" cy="{int(HIGH)}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="{ACCENT}"/></a:solidFill>'
            "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
        )
    )


def _front(deck: Any, content: MeetingDocumentContent) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[FRONT])
    title = slide.shapes.title
    under = slide.placeholders[1]
    _place(title, Inches(2.1), Inches(1.6))
    _place(under, Inches(3.9), Inches(1.4))
    _write(title, [(content.community, Pt(44), True)], content.language, ink=ACCENT)
    title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    subtitle = f"{words.TITLE.in_language(content.language)} · {content.round_title}"
    _write(under, [(subtitle, MIDDLE, False)], content.language)


def _text_slide(
    deck: Any, content: MeetingDocumentContent, title: TranslatedText, lines: Sequence[tuple[str, Any, bool]]
) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[CONTENT])
    _head(slide, title.in_language(content.language), content.language)
    body = slide.placeholders[1]
    _place(body, TOP, HIGH - TOP - Inches(0.4))
    _write(body, lines, content.language)


def _said(deck: Any, content: MeetingDocumentContent) -> None:
    if content.placements:
        _table(deck, content)
        return
    language = content.language
    whose = (
        [] if content.wider is None else [(words.WIDER.in_language(language).format(name=content.wider), MIDDLE, True)]
    )
    lines = [
        *whose,
        (words.STRONGEST.in_language(language), MIDDLE, True),
        *_lines(content.strongest, MIDDLE),
        (content.weakest_heading, MIDDLE, True),
        *_lines(content.weakest, MIDDLE),
    ]
    _text_slide(deck, content, words.BOTH, lines)


def _table(deck: Any, content: MeetingDocumentContent) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[BARE])
    _head(slide, words.BESIDE.in_language(content.language), content.language)
    header = (words.DIMENSION.in_language(content.language), words.PLACEMENT.in_language(content.language))
    rows = [header, *content.placements]
    frame = slide.shapes.add_table(len(rows), 2, EDGE, TOP, ROOM, Inches(0.55) * len(rows))
    _describe_shape(frame, words.BESIDE.in_language(content.language))
    for place, row in enumerate(rows):
        for column, text in enumerate(row):
            _cell(
                frame.table.cell(place, column),
                text,
                content.language,
                is_head=place == 0,
                is_shaded=place % 2 == 0,
            )


def _cell(cell: Any, text: str, language: Language, *, is_head: bool, is_shaded: bool) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = ACCENT if is_head else BAND if is_shaded else PAPER
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    _write(cell, [(text, SMALL, is_head)], language, ink=PAPER if is_head else INK)


def _chart(deck: Any, content: MeetingDocumentContent, now: datetime) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[BARE])
    _head(slide, content.chart_title, content.language)
    if content.chart is None:
        return
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED, EDGE, TOP, ROOM, HIGH - TOP - EDGE / 2, _chart_data(content.chart)
    )
    _style_chart(frame.chart, content.chart, content.language)
    workbook = frame.chart.part.chart_workbook.xlsx_part
    workbook.blob = _undated(workbook.blob, now)
    _describe_shape(frame, content.chart_alt_text)


def _undated(content: bytes, now: datetime) -> bytes:
    """Return the chart's workbook with the time of the slides: two slides of the same numbers are the same bytes.

    The library writes the time of the machine's clock into it.
    """
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name == WORKBOOK_PROPERTIES:
                part = WRITTEN_AT.sub(rb"\g<1>" + stamp + rb"\g<2>", part)
            after.writestr(zipfile.ZipInfo(name), part)
    return written.getvalue()


def _drawn_rows(chart: IntervalChart) -> list[IntervalRow]:
    """Return the rows in the order of a bar chart, whose first category is the lowest bar."""
    return [row for row in reversed(chart.rows) if row.mean is not None]


def _chart_data(chart: IntervalChart) -> Any:
    """Return the numbers as an editable sheet: a row for each dimension, own means and those of the region."""
    rows = _drawn_rows(chart)
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = [without_bad_characters(_category(row)) for row in rows]
    if chart.region:
        data.add_series(without_bad_characters(chart.region), [row.region for row in rows])
    data.add_series(without_bad_characters(chart.own), [row.mean for row in rows])
    return data


def _category(row: IntervalRow) -> str:
    """Return the label of a bar: dimension, number with interval, direction, and a difference from the region."""
    notes = [text for text in (row.note, row.difference) if text]
    label = f"{row.label}: {row.value}"
    return f"{label}, {', '.join(notes)}" if notes else label


def _style_chart(chart: Any, shown: IntervalChart, language: Language) -> None:
    rows = _drawn_rows(shown)
    chart.font.size = CHART_TEXT
    chart.font.language_id = SPOKEN[language]
    chart.has_title = False
    chart.has_legend = bool(shown.region)
    if shown.region:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
    plot = chart.plots[0]
    plot.gap_width = 60
    plot.overlap = -5
    axes = {row.axis for row in rows}
    chart.value_axis.minimum_scale = min(axis.low for axis in axes)
    chart.value_axis.maximum_scale = max(axis.high for axis in axes)
    chart.value_axis.major_gridlines.format.line.color.rgb = _colour(design_tokens.LINE)
    chart.category_axis.format.line.color.rgb = _colour(design_tokens.LINE)
    own = plot.series[len(plot.series) - 1]
    _fill(own, design_tokens.INTERVAL)
    for number, row in enumerate(rows):
        if row.tone:
            _fill(own.points[number], TONES[row.tone])
    _add_error_bars(own, rows)
    if shown.region:
        _fill(plot.series[0], design_tokens.NEUTRAL)


def _fill(part: Any, token: str) -> None:
    part.format.fill.solid()
    part.format.fill.fore_color.rgb = _colour(token)


def _add_error_bars(series: Any, rows: Sequence[IntervalRow]) -> None:
    """Add the intervals as error bars with numbers of their own, which the library does not offer."""
    up = "".join(_error(number, row, 1) for number, row in enumerate(rows))
    down = "".join(_error(number, row, 0) for number, row in enumerate(rows))
    count = f'<c:ptCount val="{len(rows)}"/>'
    bars = parse_xml(
        f"<c:errBars {nsdecls('c', 'a')}>"
        '<c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"<c:plus><c:numLit>{count}{up}</c:numLit></c:plus><c:minus><c:numLit>{count}{down}</c:numLit></c:minus>"
        f'<c:spPr><a:ln w="19050"><a:solidFill><a:srgbClr val="{INK}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    series._element.find(qn("c:cat")).addprevious(bars)


def _error(number: int, row: IntervalRow, end: int) -> str:
    """Return how far one end of a row's interval lies from its mean; 0 where the mean is exact."""
    mean = row.mean or 0.0
    length = 0.0 if row.interval is None else abs(row.interval[end] - mean)
    return f'<c:pt idx="{number}"><c:v>{length:g}</c:v></c:pt>'


def _questions(content: MeetingDocumentContent) -> list[tuple[str, Any, bool]]:
    size = MIDDLE if len(content.questions) == 1 else SMALL
    lines = []
    for title, asked in content.questions:
        lines.append((title or words.ANY_MATTER.in_language(content.language), size, True))
        lines += _lines(asked, size)
    return lines


def _under(content: MeetingDocumentContent) -> list[tuple[str, Any, bool]]:
    return [(words.CAUTIONS.in_language(content.language), MIDDLE, True), *_lines(content.cautions, SMALL)]


def _lines(texts: Sequence[str], size: Any) -> list[tuple[str, Any, bool]]:
    return [(text, size, False) for text in texts]


def _head(slide: Any, title: str, language: Language) -> None:
    _place(slide.shapes.title, Inches(0.35), Inches(1.1))
    _write(slide.shapes.title, [(title, _head_size(title), True)], language, ink=ACCENT)


def _head_size(title: str) -> Any:
    """Return a size at which a title takes two lines at most."""
    if len(title) < 48:
        return Pt(34)
    return BIG if len(title) < 80 else Pt(22)


def _place(shape: Any, top: Any, height: Any) -> None:
    shape.left = EDGE
    shape.top = top
    shape.width = ROOM
    shape.height = height


def _write(shape: Any, lines: Sequence[tuple[str, Any, bool]], language: Language, *, ink: RGBColor = INK) -> None:
    """Write lines of (text, size, bold), tagged with `language` for screen readers.

    A bold line among others is a heading, without a bullet.
    """
    frame = shape.text_frame
    for number, (text, size, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = without_bad_characters(text)
        run.font.size = size
        run.font.bold = bold
        run.font.language_id = SPOKEN[language]
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.space_after = Pt(6)
        is_heading = bold and len(lines) > 1
        run.font.color.rgb = ACCENT if is_heading else ink
        if is_heading:
            paragraph.space_before = Pt(14 if number else 0)
            _without_bullet(paragraph)


def _without_bullet(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "0")
    properties.set("indent", "0")
    properties.append(properties.makeelement(qn("a:buNone"), {}))


def _describe_shape(shape: Any, text: str) -> None:
    shape._element.xpath(".//p:cNvPr")[0].set("descr", without_bad_characters(text))
