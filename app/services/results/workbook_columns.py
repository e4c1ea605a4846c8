"""The columns of the workbook of results: what each is called, what it means, and what stands in it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.instruments import Polarity
from app.core.publication import (
    Capped,
    DisclosureState,
    Figure,
    Level,
    Measure,
    Participation,
    Placement,
    RegionComparison,
)
from app.services.results import placements
from app.services.results.number_format import format_band, format_share, oriented_shares

Value = str | float


@dataclass(frozen=True, slots=True)
class RowSubject:
    """Whom a row is of: the level, the name, the municipality, and the staff group, each in words."""

    level: Level
    name: str
    municipality: str
    group: str
    participation: Participation | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure with its names, and how it lies against the region."""

    place: RowSubject
    title: str
    dimension: str
    measure: Measure
    figure: Figure
    against: RegionComparison
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class WorkbookColumn:
    """One column; `take` returns what stands in it."""

    title: str
    meaning: str
    take: Callable[[FigureRow], Value]


def level_words(level: Level) -> str:
    """Say how wide a place is."""
    words = {
        Level.REGION: _("Region"),
        Level.MUNICIPALITY: _("Municipality"),
        Level.COMMUNITY: _("Community"),
    }
    return str(words[level])


def state_words(state: DisclosureState) -> str:
    """Say what is told of a place."""
    words = {
        DisclosureState.SHOWN: _("numbers"),
        DisclosureState.PLACEMENT: _("placement only"),
        DisclosureState.WITHHELD: _("withheld"),
    }
    return str(words[state])


def subject_columns() -> tuple[WorkbookColumn, ...]:
    """Return the columns that say whom a row is of."""
    return (
        WorkbookColumn(
            _("Level"), _("Region, municipality or community."), lambda figure_row: level_words(figure_row.place.level)
        ),
        WorkbookColumn(_("Name"), _("In the order of the register; the order is not a ranking."), _name),
        WorkbookColumn(
            _("Municipality"),
            _("The municipality of the community."),
            lambda each_figure_row: each_figure_row.place.municipality,
        ),
        WorkbookColumn(_("Staff group"), _("Empty means all staff."), lambda item: item.place.group),
    )


def scale_columns() -> tuple[WorkbookColumn, ...]:
    """Return the columns of a dimension."""
    return (
        WorkbookColumn(
            _("Dimension"), _("The topic that the questions measure together."), lambda figure_row: figure_row.title
        ),
        *_numbers(),
        WorkbookColumn(
            _("Estimate to compare with"),
            _(
                "The mean, moved towards the mean of the region: the fewer the answers, the more. Use this to "
                "compare communities."
            ),
            lambda each_figure_row: _or_nothing(each_figure_row.figure.shrunken),
        ),
        *_beside(),
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
        *_numbers(),
        *_beside(),
    )


def _numbers() -> tuple[WorkbookColumn, ...]:
    return (
        WorkbookColumn(_("Good direction"), _("Whether a high or a low number is good."), _direction),
        WorkbookColumn(_("What is shown"), _("Numbers, a placement only, or nothing because too few answered."), _told),
        WorkbookColumn(
            _("Mean"), _("Mean of those who answered."), lambda figure_row: _or_nothing(figure_row.figure.mean)
        ),
        WorkbookColumn(
            _("Bound"),
            _("Near the ends of the scale only a bound is shown: at most or at least the mean beside it."),
            _bound,
        ),
        *_ends(
            _("Our staff now"),
            _(
                "95 per cent interval of the mean of all staff, assuming non-respondents would have answered "
                "similarly; empty where everyone answered."
            ),
            lambda each_figure_row: each_figure_row.figure.interval,
        ),
        *_ends(
            _("Working conditions"),
            _("95 per cent interval of working conditions in general; the current staff are treated as a sample."),
            lambda item: item.figure.interval_conditions,
        ),
    )


def _beside() -> tuple[WorkbookColumn, ...]:
    return (
        WorkbookColumn(
            _("Compared with the region"),
            _("Shown only if the difference remains when all figures of the community are taken into account."),
            _against,
        ),
        *_ends(
            _("In the extreme case"),
            _("Range of the mean of all staff, whatever the non-respondents would have answered."),
            lambda item: item.figure.worst_case,
        ),
        *_shares(),
        WorkbookColumn(
            _("Smallest detectable change"),
            _("A smaller change cannot be distinguished from chance in a next round of the same size."),
            lambda figure_row: _or_nothing(figure_row.figure.smallest_change),
        ),
        WorkbookColumn(
            _("Change detected in four cases of five"),
            _(
                "A real change of this size would be detected in four cases of five, the smallest detectable change "
                "in every second case."
            ),
            lambda each_figure_row: _or_nothing(each_figure_row.figure.change_seen_mostly),
        ),
    )


def _shares() -> tuple[WorkbookColumn, ...]:
    meaning = _("Share of the answers, to the nearest five per cent; 10 and 90 are bounds.")
    titles = (_("Unfavourable"), _("Neutral"), _("Favourable"))
    return tuple(WorkbookColumn(title, meaning, _part(number)) for number, title in enumerate(titles))


def _part(number: int) -> Callable[[FigureRow], Value]:
    def take(line: FigureRow) -> Value:
        shares = line.figure.distribution
        if shares is None:
            return ""
        return format_share(
            oriented_shares(shares, high_is_good=line.measure.polarity is Polarity.HIGH_IS_GOOD)[number]
        )

    return take


def _ends(
    title: str, meaning: str, interval: Callable[[FigureRow], tuple[float, float] | None]
) -> tuple[WorkbookColumn, WorkbookColumn]:
    def end(number: int) -> Callable[[FigureRow], Value]:
        return lambda figure_row: "" if (result := interval(figure_row)) is None else result[number]

    return (
        WorkbookColumn(_("%(title)s, from", title=title), meaning, end(0)),
        WorkbookColumn(_("%(title)s, to", title=title), meaning, end(1)),
    )


def _or_nothing(number: float | None) -> Value:
    return "" if number is None else number


def _name(line: FigureRow) -> str:
    return line.place.name


def _title(line: FigureRow) -> str:
    return line.title


def _direction(line: FigureRow) -> str:
    return str(_("high") if line.measure.polarity is Polarity.HIGH_IS_GOOD else _("low"))


def _told(line: FigureRow) -> str:
    if line.figure.placement is None:
        return state_words(line.figure.state)
    words = placements.short(line.figure.placement, line.chance)
    side = placements.leaning(line.figure.placement, line.chance)
    if line.chance is not None and side is not Placement.SAME:
        words = f"{words} ({placements.chance_words(line.chance)})"
    return f"{state_words(line.figure.state)}: {words}"


def _bound(line: FigureRow) -> str:
    words = {None: "", Capped.LOW: _("at most"), Capped.HIGH: _("at least")}
    return str(words[line.figure.capped])


def _against(line: FigureRow) -> str:
    words = {
        RegionComparison.HIGHER: _("higher"),
        RegionComparison.LOWER: _("lower"),
        RegionComparison.NO_DIFFERENCE: _("no clear difference"),
        RegionComparison.UNKNOWN: "",
    }
    return str(words[line.against])


def participation_text(part: Participation | None) -> tuple[Value, ...]:
    """Return how many answered in a place, in bands, and which part of a parent is counted in it."""
    if part is None:
        return ("",) * 6
    counted, existing = part.covers or ("", "")
    return (
        state_words(part.state),
        _or_nothing(part.invited),
        format_band(part.answers_band) if part.answers_band else "",
        format_band(part.response_band) if part.response_band else "",
        counted,
        existing,
    )
