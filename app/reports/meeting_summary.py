"""Summary of a community's results for meeting pages and handouts, from the publication only."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.catalogue import DIMENSIONS
from app.core.languages import Language
from app.core.publication import Cell, Level
from app.render.charts.intervals import IntervalChart
from app.reports import highlights, sentences
from app.reports.chart_specs import ChartSpec, chart_specs
from app.reports.publication_lookup import PublicationContext
from app.reports.questionnaire_change import questionnaire_change_summary
from app.reports.unit_report import CellReport, ReportContentKind, build_cell_report, smallest_wider_cell_with_numbers


@dataclass(frozen=True, slots=True)
class MeetingSummary:
    """Summary of the results in a few sentences.

    `numbers_of` names the cell of the numbers: the community itself, or the wider cell if it has none. `placements`
    replace numbers for a small community. `focus` are the dimensions that the results suggest; staff choose. `topics`
    are all dimensions that were asked about, those that most need improvement first.
    """

    name: str
    round_title: str
    kind: ReportContentKind
    numbers_of: str
    answered: tuple[str, ...]
    cautions: tuple[str, ...]
    strongest: tuple[str, ...]
    weakest: tuple[str, ...]
    weakest_heading: str
    placements: tuple[tuple[str, str], ...]
    chart_spec: ChartSpec | None
    focus: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def interval_chart(self) -> IntervalChart | None:
        """The chart's data, to draw it in other formats."""
        return None if self.chart_spec is None else self.chart_spec.chart

    @property
    def is_own(self) -> bool:
        """Whether the numbers are the community's own."""
        return self.kind is ReportContentKind.NUMBERS


def build_meeting_summary(context: PublicationContext, unit_id: str, *, language: Language) -> MeetingSummary:
    """Return the summary of one reporting unit, in the language of the request."""
    cell = Cell(Level.COMMUNITY, unit_id)
    own = _read(context, cell, language)
    has_numbers = own.kind is ReportContentKind.NUMBERS
    wide = own if has_numbers else _read(context, smallest_wider_cell_with_numbers(context.publication, cell), language)
    drawn = next((chart_spec for chart_spec in chart_specs(wide) if isinstance(chart_spec.chart, IntervalChart)), None)
    return MeetingSummary(
        name=own.name,
        round_title=context.publication.translated_title.in_language(language),
        kind=own.kind,
        numbers_of=wide.name,
        answered=tuple(sentences.participation_sentences(wide if own.kind is ReportContentKind.WIDER else own)),
        cautions=(*_cautions(own, wide), _("Nothing here shows what one person or one team thinks.")),
        strongest=tuple(sentences.scale_result_sentence(row) for row in wide.strongest),
        weakest=tuple(sentences.scale_result_sentence(row) for row in wide.areas_to_improve),
        weakest_heading=highlights.improvement_heading(wide.areas_to_improve),
        placements=_placements(own) if own.kind is ReportContentKind.PLACEMENT else (),
        chart_spec=drawn,
        focus=highlights.suggested_dimensions(own),
        topics=_topics(wide),
    )


def _topics(wide: CellReport) -> tuple[str, ...]:
    """Return the dimensions that a meeting can choose from; a survey need not ask about all of them."""
    measures = [*(row.measure for row in wide.by_need_for_improvement), *wide.publication.scales]
    asked = dict.fromkeys(measure.dimension for measure in measures if measure.dimension in DIMENSIONS)
    return tuple(asked) or tuple(DIMENSIONS)


def _read(context: PublicationContext, cell: Cell, language: Language) -> CellReport:
    return build_cell_report(
        context.publication, cell, instrument=context.instrument, earlier=context.earlier, language=language
    )


def _cautions(own: CellReport, wide: CellReport) -> Sequence[str]:
    if own.kind is ReportContentKind.NUMBERS:
        # The handout is one page: leave out what the results page states beside every number.
        on_results_page = {
            *sentences.participation_sentences(own),
            *sentences.incomparable_dimensions_cautions(own),
            *sentences.detectable_change_at_80_percent_power_sentences(own),
        }
        return [item for item in sentences.participation_and_caution_sentences(own) if item not in on_results_page]
    values = {"name": wide.name}
    renewed = questionnaire_change_summary(wide.questionnaire_change, wide.titles)
    if own.kind is ReportContentKind.PLACEMENT:
        own_words = _(
            "Fewer than %(k)s people answered every dimension, so no numbers are shown and no one can be identified. "
            "You see on which side of the region’s level your community probably is, and how likely that is.",
            k=own.publication.k,
        )
        return [own_words, _("The numbers are for %(name)s as a whole.", **values), *renewed]
    few = _(
        "Fewer than %(least)s people in your community answered every dimension, so its results are not shown.",
        least=_least(own),
    )
    return [
        few,
        _("The numbers are for %(name)s as a whole; you know best how things are in your own community.", **values),
        *renewed,
    ]


def _least(own: CellReport) -> int:
    return own.publication.placement_from


def _placements(own: CellReport) -> tuple[tuple[str, str], ...]:
    return tuple((sentences.directed_title(row), sentences.placement_sentence(row)) for row in own.rows)
