"""Meeting handout: one page with results, caveats and questions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.core.languages import Language
from app.render import meeting_words as words
from app.render.charts.intervals import IntervalChart, draw_intervals, intervals_height
from app.render.design_tokens import Width
from app.render.typst_pdf import render_pdf

# millimetres across and down, so that all stays on one page
ROOM = (170.0, 100.0)
ROOM_BESIDE = (140.0, 78.0)
# The space fits these numbers; each further line or row reduces the chart, down to `LOWEST`.
USUAL_CAUTIONS = 5
USUAL_PLACEMENTS = 7
CAUTION_HEIGHT = 24.0
PLACEMENT_HEIGHT = 6.5
LOWEST = 40.0
MOST_ROWS = 7  # with more, the letters of the chart would be too small to read


@dataclass(frozen=True, slots=True)
class MeetingDocumentContent:
    """Content of handout and slides; all texts are in `language`.

    `wider` names the set that the numbers belong to, None for the community itself. `questions` are by title of the
    focus; an empty title is for any.
    """

    service: str
    language: Language
    community: str
    round_title: str
    wider: str | None
    answered: Sequence[str]
    cautions: Sequence[str]
    strongest: Sequence[str]
    weakest: Sequence[str]
    weakest_heading: str
    placements: Sequence[tuple[str, str]]
    chart: IntervalChart | None
    questions: Sequence[tuple[str, Sequence[str]]]

    @property
    def chart_title(self) -> str:
        """Title of the chart, starting with the name of the wider unit if the numbers are not the community's own."""
        if self.wider is not None:
            return words.WIDER.in_language(self.language).format(name=self.wider)
        return self.chart.title if self.chart else words.BY_DIMENSION.in_language(self.language)

    @property
    def chart_alt_text(self) -> str:
        """Text alternative of the chart."""
        message = f"{self.chart_title}. {self.chart.description}" if self.chart else ""
        return words.CHART.in_language(self.language).format(words=message)


def handout_pdf(content: MeetingDocumentContent, *, now: datetime) -> bytes:
    """Return the handout as a PDF of one A4 page."""
    return render_pdf("handout", data=_data(content), at=now)


def _data(content: MeetingDocumentContent) -> dict[str, Any]:
    language = content.language
    few = [(title, list(questions)) for title, questions in content.questions[:1]]
    return {
        "title": f"{words.TITLE.in_language(language)}: {content.community}",
        "service": content.service,
        "language": language.value,
        "heading": words.TITLE.in_language(language),
        "community": content.community,
        "round": content.round_title,
        "answered": {"heading": words.ANSWERED.in_language(language), "lines": list(content.answered)},
        "cautions": {"heading": words.CAUTIONS.in_language(language), "lines": list(content.cautions)},
        "said": _strengths_and_weaknesses(content),
        "beside": _placement_table(content),
        "chart": _chart(content),
        "questions": [
            {"heading": f"{words.QUESTIONS.in_language(language)}{f': {title}' if title else ''}", "lines": questions}
            for title, questions in few
        ],
        "decided": {
            "heading": words.DECIDED.in_language(language),
            "lines": [text.in_language(language) for text in words.TO_FILL],
        },
    }


def _strengths_and_weaknesses(content: MeetingDocumentContent) -> list[dict[str, Any]]:
    language = content.language
    parts = (
        (words.STRONGEST.in_language(language), content.strongest),
        (content.weakest_heading, content.weakest),
    )
    if content.wider is not None:
        return []  # sentences next to the community's name would be read as its own
    return [{"heading": heading, "lines": list(lines)} for heading, lines in parts if lines]


def _placement_table(content: MeetingDocumentContent) -> dict[str, Any] | None:
    if not content.placements:
        return None
    language = content.language
    return {
        "heading": words.BESIDE.in_language(language),
        "columns": [words.DIMENSION.in_language(language), words.PLACEMENT.in_language(language)],
        "rows": [list(row) for row in content.placements],
    }


def _chart(content: MeetingDocumentContent) -> dict[str, Any] | None:
    if content.chart is None:
        return None
    widest, highest = ROOM_BESIDE if content.placements else ROOM
    highest -= CAUTION_HEIGHT * max(0, len(content.cautions) - USUAL_CAUTIONS)
    highest -= PLACEMENT_HEIGHT * max(0, len(content.placements) - USUAL_PLACEMENTS)
    highest = max(highest, LOWEST)
    chart = _without_middle_rows(content.chart)
    left_out = len(content.chart.rows) - len(chart.rows)
    return {
        "width": min(widest, highest * Width.WIDE / intervals_height(chart, Width.WIDE)),
        "heading": content.chart_title,
        "svg": draw_intervals(chart, Width.WIDE),
        "alt": content.chart_alt_text,
        "left_out": words.LEFT_OUT.in_language(content.language).format(count=left_out) if left_out else "",
    }


def _without_middle_rows(chart: IntervalChart) -> IntervalChart:
    """Return a chart that can be read on a part of a page: of many rows the ends, which differ most from the region.

    Rows are sorted by their difference. A chart with a group of its own (lower is better) stays whole.
    """
    if len(chart.rows) <= MOST_ROWS or any(row.heading for row in chart.rows):
        return chart
    first = MOST_ROWS // 2
    return replace(chart, rows=(*chart.rows[:first], *chart.rows[first - MOST_ROWS :]))
