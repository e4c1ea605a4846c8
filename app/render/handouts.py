"""The handout of a meeting: one page with what the results say, what they do not, and what to talk about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.languages import Language
from app.render import meeting_words as words
from app.render.charts.intervals import IntervalChart, draw_intervals, intervals_height
from app.render.design_tokens import Width
from app.render.typst_pdf import render_pdf

ROOM, ROOM_BESIDE = (170.0, 100.0), (140.0, 78.0)  # millimetres across and down, so that all stays on one page


@dataclass(frozen=True, slots=True)
class MeetingPaper:
    """What the papers of a meeting hold; every text is already in `language`.

    `wider` names the set that the numbers are of, and is None where they are the community's own.
    `questions` are those of each focus, by its title; an empty title stands for any matter.
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
        """What stands above the chart: whose it is comes first where it is not the community's own."""
        if self.wider is not None:
            return words.WIDER.read(self.language).format(name=self.wider)
        return self.chart.title if self.chart else words.BY_DIMENSION.read(self.language)

    @property
    def chart_words(self) -> str:
        """The chart for those who do not see it."""
        told = f"{self.chart_title}. {self.chart.description}" if self.chart else ""
        return words.CHART.read(self.language).format(words=told)


def handout_pdf(paper: MeetingPaper, *, now: datetime) -> bytes:
    """Return the handout as a PDF of one A4 page."""
    return render_pdf("handout", sheet=_sheet(paper), at=now)


def _sheet(paper: MeetingPaper) -> dict[str, Any]:
    spoken = paper.language
    few = [(title, list(asked)) for title, asked in paper.questions[:1]]
    return {
        "title": f"{words.TITLE.read(spoken)}: {paper.community}",
        "service": paper.service,
        "language": spoken.value,
        "heading": words.TITLE.read(spoken),
        "community": paper.community,
        "round": paper.round_title,
        "answered": {"heading": words.ANSWERED.read(spoken), "lines": list(paper.answered)},
        "cautions": {"heading": words.CAUTIONS.read(spoken), "lines": list(paper.cautions)},
        "said": _said(paper),
        "beside": _beside(paper),
        "chart": _chart(paper),
        "questions": [
            {"heading": f"{words.QUESTIONS.read(spoken)}{f': {title}' if title else ''}", "lines": asked}
            for title, asked in few
        ],
        "decided": {"heading": words.DECIDED.read(spoken), "lines": [one.read(spoken) for one in words.TO_FILL]},
    }


def _said(paper: MeetingPaper) -> list[dict[str, Any]]:
    spoken = paper.language
    parts = ((words.STRONGEST, paper.strongest), (words.WEAKEST, paper.weakest))
    if paper.wider is not None:
        return []  # sentences beside the community's name would be read as its own
    return [{"heading": heading.read(spoken), "lines": list(lines)} for heading, lines in parts if lines]


def _beside(paper: MeetingPaper) -> dict[str, Any] | None:
    if not paper.placements:
        return None
    spoken = paper.language
    return {
        "heading": words.BESIDE.read(spoken),
        "columns": [words.DIMENSION.read(spoken), words.PLACEMENT.read(spoken)],
        "rows": [list(row) for row in paper.placements],
    }


def _chart(paper: MeetingPaper) -> dict[str, Any] | None:
    if paper.chart is None:
        return None
    widest, highest = ROOM_BESIDE if paper.placements else ROOM
    return {
        "width": min(widest, highest * Width.WIDE / intervals_height(paper.chart, Width.WIDE)),
        "heading": paper.chart_title,
        "svg": draw_intervals(paper.chart, Width.WIDE),
        "alt": paper.chart_words,
    }
