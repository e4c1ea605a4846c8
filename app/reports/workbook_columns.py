"""Columns of the results workbook: title, meaning and value."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.instruments import Polarity
from app.core.publication import (
    Capped,
    CommunityKindMean,
    DisclosureState,
    Figure,
    Level,
    Measure,
    Participation,
    Placement,
    RegionComparisonOutcome,
)
from app.reports import placements
from app.reports.number_format import format_band, format_capped_share, shares_by_favourability

Value = str | float


@dataclass(frozen=True, slots=True)
class RowSubject:
    """What a row is about: level, name, municipality and staff group."""

    level: Level
    name: str
    municipality: str
    group: str
    participation: Participation | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure with its titles, its comparison with the region, and the mean of communities of the same kind."""

    subject: RowSubject
    title: str
    dimension: str
    measure: Measure
    figure: Figure
    comparison: RegionComparisonOutcome
    chance: float | None = None
    same_kind: CommunityKindMean | None = None


@dataclass(frozen=True, slots=True)
class WorkbookColumn:
    """A column of the workbook; `value_of` returns its value for a row."""

    title: str
    meaning: str
    value_of: Callable[[FigureRow], Value]


def level_name(level: Level) -> str:
    """Return the name of a level."""
    texts = {
        Level.REGION: _("Region"),
        Level.MUNICIPALITY: _("Municipality"),
        Level.COMMUNITY: _("Community"),
    }
    return str(texts[level])


def disclosure_state_name(state: DisclosureState) -> str:
    """Return the name of a disclosure state."""
    texts = {
        DisclosureState.SHOWN: _("numbers"),
        DisclosureState.PLACEMENT: _("placement only"),
        DisclosureState.WITHHELD: _("withheld"),
    }
    return str(texts[state])


def subject_columns() -> tuple[WorkbookColumn, ...]:
    """Return the columns about the subject of a row."""
    return (
        WorkbookColumn(
            _("Level"),
            _("Region, municipality or community."),
            lambda figure_row: level_name(figure_row.subject.level),
        ),
        WorkbookColumn(_("Name"), _("In the order of the register; the order is not a ranking."), _name),
        WorkbookColumn(
            _("Municipality"),
            _("The municipality of the community."),
            lambda each_figure_row: each_figure_row.subject.municipality,
        ),
        WorkbookColumn(_("Staff group"), _("Empty means all staff."), lambda item: item.subject.group),
    )


def scale_columns() -> tuple[WorkbookColumn, ...]:
    """Return the columns of a dimension."""
    return (
        WorkbookColumn(
            _("Dimension"), _("The topic that the questions measure together."), lambda figure_row: figure_row.title
        ),
        *_number_columns(),
        WorkbookColumn(
            _("Estimate to compare with"),
            _(
                "The mean, moved towards the mean of the region: the fewer the answers, the more. Use this to "
                "compare communities."
            ),
            lambda each_figure_row: _or_empty(each_figure_row.figure.shrunken),
        ),
        *_kind_columns(),
        *_comparison_columns(),
    )


def _kind_columns() -> tuple[WorkbookColumn, ...]:
    return (
        WorkbookColumn(
            _("Mean of the same kind"),
            _("Mean of the communities of the same kind whose own numbers are shown; empty for fewer than five."),
            lambda line: "" if line.same_kind is None else line.same_kind.mean,
        ),
        WorkbookColumn(
            _("Bound of the same kind"),
            _("Near the ends of the scale only a bound is shown: at most or at least the mean next to it."),
            lambda line: "" if line.same_kind is None else _bound_words(line.same_kind.capped),
        ),
        WorkbookColumn(
            _("Communities of the same kind"),
            _("How many communities the mean of the same kind includes."),
            lambda line: "" if line.same_kind is None else line.same_kind.communities,
        ),
    )


def question_columns() -> tuple[WorkbookColumn, ...]:
    """Return the columns of a single question."""
    return (
        WorkbookColumn(
            _("Dimension"), _("The topic that the questions measure together."), lambda figure_row: figure_row.dimension
        ),
        WorkbookColumn(
            _("Question"),
            _("As it was asked. The number shows the answers as they were given and is never reversed."),
            _title,
        ),
        *_number_columns(),
        *_comparison_columns(),
    )


def _number_columns() -> tuple[WorkbookColumn, ...]:
    return (
        WorkbookColumn(_("Good direction"), _("Whether a high or a low number is good."), good_direction),
        WorkbookColumn(
            _("What is shown"), _("Numbers, a placement only, or nothing because too few answered."), _publication_state
        ),
        WorkbookColumn(
            _("Mean"), _("Mean of those who answered."), lambda figure_row: _or_empty(figure_row.figure.mean)
        ),
        WorkbookColumn(
            _("Bound"),
            _("Near the ends of the scale only a bound is shown: at most or at least the mean next to it."),
            _bound,
        ),
        *_interval_columns(
            _("Our staff now"),
            _(
                "95 per cent interval of the mean of all staff, assuming non-respondents would have answered "
                "similarly; empty where everyone answered."
            ),
            lambda row: row.figure.interval,
        ),
        *_interval_columns(
            _("Working conditions"),
            _("95 per cent interval of working conditions in general; the current staff are treated as a sample."),
            lambda item: item.figure.interval_conditions,
        ),
    )


def _comparison_columns() -> tuple[WorkbookColumn, ...]:
    return (
        WorkbookColumn(
            _("Compared with the region"),
            _("Shown only if the difference remains when all figures of the community are taken into account."),
            _against,
        ),
        *_interval_columns(
            _("In the extreme case"),
            _("Range of the mean of all staff, whatever the non-respondents would have answered."),
            lambda item: item.figure.worst_case,
        ),
        *_share_columns(),
        WorkbookColumn(
            _("Smallest detectable change"),
            _("A smaller change cannot be distinguished from chance in a next round of the same size."),
            lambda figure_row: _or_empty(figure_row.figure.smallest_change),
        ),
        WorkbookColumn(
            _("Change detected in four cases out of five"),
            _(
                "A real change of this size would be detected in four cases out of five, and the smallest "
                "detectable change in one case out of two."
            ),
            lambda each_figure_row: _or_empty(each_figure_row.figure.change_seen_mostly),
        ),
    )


def _share_columns() -> tuple[WorkbookColumn, ...]:
    meaning = _("Share of the answers, to the nearest five per cent; 10 and 90 are bounds.")
    titles = (_("Unfavourable"), _("Neutral"), _("Favourable"))
    return tuple(WorkbookColumn(title, meaning, _share_column(number)) for number, title in enumerate(titles))


def _share_column(number: int) -> Callable[[FigureRow], Value]:
    def take(line: FigureRow) -> Value:
        shares = line.figure.distribution
        if shares is None:
            return ""
        return format_capped_share(
            shares_by_favourability(shares, high_is_good=line.measure.polarity is Polarity.HIGH_IS_GOOD)[number]
        )

    return take


def _interval_columns(
    title: str, meaning: str, interval: Callable[[FigureRow], tuple[float, float] | None]
) -> tuple[WorkbookColumn, WorkbookColumn]:
    def end(number: int) -> Callable[[FigureRow], Value]:
        return lambda figure_row: "" if (result := interval(figure_row)) is None else result[number]

    return (
        WorkbookColumn(_("%(title)s, from", title=title), meaning, end(0)),
        WorkbookColumn(_("%(title)s, to", title=title), meaning, end(1)),
    )


def _or_empty(number: float | None) -> Value:
    return "" if number is None else number


def _name(line: FigureRow) -> str:
    return line.subject.name


def _title(line: FigureRow) -> str:
    return line.title


def good_direction(line: FigureRow) -> str:
    """Return which direction of a figure's numbers is good, as a word."""
    return str(_("high") if line.measure.polarity is Polarity.HIGH_IS_GOOD else _("low"))


def _publication_state(line: FigureRow) -> str:
    if line.figure.placement is None:
        return disclosure_state_name(line.figure.state)
    text = placements.placement_label(line.figure.placement, line.chance)
    side = placements.treat_even_chance_as_same(line.figure.placement, line.chance)
    if line.chance is not None and side is not Placement.SAME:
        text = f"{text} ({placements.chance_text(line.chance)})"
    return f"{disclosure_state_name(line.figure.state)}: {text}"


def _bound(line: FigureRow) -> str:
    return _bound_words(line.figure.capped)


def _bound_words(capped: Capped | None) -> str:
    texts = {None: "", Capped.LOW: _("at most"), Capped.HIGH: _("at least")}
    return str(texts[capped])


def _against(line: FigureRow) -> str:
    texts = {
        RegionComparisonOutcome.HIGHER: _("higher"),
        RegionComparisonOutcome.LOWER: _("lower"),
        RegionComparisonOutcome.NO_DIFFERENCE: _("no clear difference"),
        RegionComparisonOutcome.UNKNOWN: "",
    }
    return str(texts[line.comparison])


def participation_cells(part: Participation | None) -> tuple[Value, ...]:
    """Return the participation cells of a row, in bands."""
    if part is None:
        return ("",) * 6
    counted, existing = part.covers or ("", "")
    return (
        disclosure_state_name(part.state),
        _or_empty(part.invited),
        format_band(part.answers_band) if part.answers_band else "",
        format_band(part.response_band) if part.response_band else "",
        counted,
        existing,
    )
