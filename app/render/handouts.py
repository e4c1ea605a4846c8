"""Handout of a meeting: one page with results, caveats and questions."""

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class MeetingMaterial:
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
    placements: Sequence[tuple[str, str]]
    chart: IntervalChart | None
    questions: Sequence[tuple[str, Sequence[str]]]

    @property
    def chart_title(self) -> str:
        """Title of the chart, starting with the wider set if the numbers are not the community's own."""
        if self.wider is not None:
            return words.WIDER.read(self.language).format(name=self.wider)
        return self.chart.title if self.chart else words.BY_DIMENSION.read(self.language)

    @property
    def chart_words(self) -> str:
        """Text alternative of the chart."""
        message = f"{self.chart_title}. {self.chart.description}" if self.chart else ""
        return words.CHART.read(self.language).format(words=message)


def handout_pdf(meeting_paper: MeetingMaterial, *, now: datetime) -> bytes:
    """Return the handout as a PDF of one A4 page."""
    return render_pdf("handout", data=_data(meeting_paper), at=now)


def _data(meeting_paper: MeetingMaterial) -> dict[str, Any]:
    language = meeting_paper.language
    few = [(title, list(questions)) for title, questions in meeting_paper.questions[:1]]
    return {
        "title": f"{words.TITLE.read(language)}: {meeting_paper.community}",
        "service": meeting_paper.service,
        "language": language.value,
        "heading": words.TITLE.read(language),
        "community": meeting_paper.community,
        "round": meeting_paper.round_title,
        "answered": {"heading": words.ANSWERED.read(language), "lines": list(meeting_paper.answered)},
        "cautions": {"heading": words.CAUTIONS.read(language), "lines": list(meeting_paper.cautions)},
        "said": _strengths_and_weaknesses(meeting_paper),
        "beside": _placement_table(meeting_paper),
        "chart": _chart(meeting_paper),
        "questions": [
            {"heading": f"{words.QUESTIONS.read(language)}{f': {title}' if title else ''}", "lines": questions}
            for title, questions in few
        ],
        "decided": {"heading": words.DECIDED.read(language), "lines": [text.read(language) for text in words.TO_FILL]},
    }


def _strengths_and_weaknesses(meeting_paper: MeetingMaterial) -> list[dict[str, Any]]:
    language = meeting_paper.language
    parts = ((words.STRONGEST, meeting_paper.strongest), (words.WEAKEST, meeting_paper.weakest))
    if meeting_paper.wider is not None:
        return []  # sentences beside the community's name would be read as its own
    return [{"heading": heading.read(language), "lines": list(lines)} for heading, lines in parts if lines]


def _placement_table(meeting_paper: MeetingMaterial) -> dict[str, Any] | None:
    if not meeting_paper.placements:
        return None
    language = meeting_paper.language
    return {
        "heading": words.BESIDE.read(language),
        "columns": [words.DIMENSION.read(language), words.PLACEMENT.read(language)],
        "rows": [list(row) for row in meeting_paper.placements],
    }


def _chart(meeting_paper: MeetingMaterial) -> dict[str, Any] | None:
    if meeting_paper.chart is None:
        return None
    widest, highest = ROOM_BESIDE if meeting_paper.placements else ROOM
    return {
        "width": min(widest, highest * Width.WIDE / intervals_height(meeting_paper.chart, Width.WIDE)),
        "heading": meeting_paper.chart_title,
        "svg": draw_intervals(meeting_paper.chart, Width.WIDE),
        "alt": meeting_paper.chart_words,
    }
