"""The columns of the workbook of results: what each is called, what it means, and what stands in it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.instruments import Polarity
from app.core.publication import Against, Capped, Figure, Level, Measure, Participation, Placement, State
from app.services.results import placements
from app.services.results.numbers import band, share, turned

Value = str | float


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a row is of: the level, the name, the municipality, and the staff group, each in words."""

    level: Level
    name: str
    municipality: str
    group: str
    participation: Participation | None


@dataclass(frozen=True, slots=True)
class Line:
    """One figure with its names, and how it lies against the region."""

    place: Place
    title: str
    dimension: str
    measure: Measure
    figure: Figure
    against: Against
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `take` returns what stands in it."""

    title: str
    meaning: str
    take: Callable[[Line], Value]


def level_words(level: Level) -> str:
    """Say how wide a place is."""
    words = {
        Level.REGION: _("Region"),
        Level.MUNICIPALITY: _("Municipality"),
        Level.COMMUNITY: _("Community"),
    }
    return str(words[level])


def state_words(state: State) -> str:
    """Say what is told of a place."""
    words = {State.SHOWN: _("numbers"), State.PLACEMENT: _("placement only"), State.WITHHELD: _("withheld")}
    return str(words[state])


def whom() -> tuple[Column, ...]:
    """Return the columns that say whom a row is of."""
    return (
        Column(_("Level"), _("Region, municipality or community."), lambda one: level_words(one.place.level)),
        Column(_("Name"), _("Of the place, in the order of the register: no order here is a ranking."), _name),
        Column(_("Municipality"), _("The one that the place is in."), lambda one: one.place.municipality),
        Column(_("Staff group"), _("Empty: all the staff."), lambda one: one.place.group),
    )


def scales() -> tuple[Column, ...]:
    """Return the columns of a dimension."""
    return (
        Column(_("Dimension"), _("What the questions are about together."), lambda one: one.title),
        *_numbers(),
        Column(
            _("Estimate to compare with"),
            _("The mean drawn towards the region's, the more the fewer have answered. Compare communities by this."),
            lambda one: _or_nothing(one.figure.shrunken),
        ),
        *_beside(),
    )


def questions() -> tuple[Column, ...]:
    """Return the columns of a single question."""
    return (
        Column(_("Dimension"), _("What the questions are about together."), lambda one: one.dimension),
        Column(_("Question"), _("As it was asked; its number stands as it was answered, never turned."), _title),
        *_numbers(),
        *_beside(),
    )


def _numbers() -> tuple[Column, ...]:
    return (
        Column(_("Good direction"), _("Whether a high or a low number is good."), _direction),
        Column(_("What is told"), _("Numbers, a placement only, or nothing because too few answered."), _told),
        Column(_("Mean"), _("Of those who answered."), lambda one: _or_nothing(one.figure.mean)),
        Column(_("Bound"), _("Near the ends only a bound is told: at most or at least the mean beside it."), _bound),
        *_ends(
            _("Our staff now"),
            _(
                "95 per cent interval of the mean of all staff, if the silent think as the others do; empty where "
                "everyone answered."
            ),
            lambda one: one.figure.interval,
        ),
        *_ends(
            _("Working conditions"),
            _("95 per cent interval of working conditions in general, of which the staff of today are a sample."),
            lambda one: one.figure.interval_conditions,
        ),
    )


def _beside() -> tuple[Column, ...]:
    return (
        Column(
            _("Beside the region"),
            _("Told only where the difference holds among all that is read of the place."),
            _against,
        ),
        *_ends(
            _("At the very worst"),
            _("Where the mean of all staff lies, whatever those who did not answer would have said."),
            lambda one: one.figure.worst_case,
        ),
        *_shares(),
        Column(
            _("Smallest change"),
            _("A change smaller than this cannot be told from chance in a next round of the same size."),
            lambda one: _or_nothing(one.figure.smallest_change),
        ),
        Column(
            _("Change seen in four cases of five"),
            _("A true change of this size would be told from chance in four cases of five, the smallest one in half."),
            lambda one: _or_nothing(one.figure.change_seen_mostly),
        ),
    )


def _shares() -> tuple[Column, ...]:
    meaning = _("Share of the answers, to the nearest five per cent; 10 and 90 are bounds.")
    titles = (_("Unfavourable"), _("In between"), _("Favourable"))
    return tuple(Column(title, meaning, _part(number)) for number, title in enumerate(titles))


def _part(number: int) -> Callable[[Line], Value]:
    def take(line: Line) -> Value:
        shares = line.figure.distribution
        if shares is None:
            return ""
        return share(turned(shares, high_is_good=line.measure.polarity is Polarity.HIGH_IS_GOOD)[number])

    return take


def _ends(title: str, meaning: str, interval: Callable[[Line], tuple[float, float] | None]) -> tuple[Column, Column]:
    def end(number: int) -> Callable[[Line], Value]:
        return lambda one: "" if (found := interval(one)) is None else found[number]

    return (
        Column(_("%(title)s, from", title=title), meaning, end(0)),
        Column(_("%(title)s, to", title=title), meaning, end(1)),
    )


def _or_nothing(number: float | None) -> Value:
    return "" if number is None else number


def _name(line: Line) -> str:
    return line.place.name


def _title(line: Line) -> str:
    return line.title


def _direction(line: Line) -> str:
    return str(_("high") if line.measure.polarity is Polarity.HIGH_IS_GOOD else _("low"))


def _told(line: Line) -> str:
    if line.figure.placement is None:
        return state_words(line.figure.state)
    words = placements.short(line.figure.placement, line.chance)
    side = placements.leaning(line.figure.placement, line.chance)
    if line.chance is not None and side is not Placement.SAME:
        words = f"{words} ({placements.chance_words(line.chance)})"
    return f"{state_words(line.figure.state)}: {words}"


def _bound(line: Line) -> str:
    words = {None: "", Capped.LOW: _("at most"), Capped.HIGH: _("at least")}
    return str(words[line.figure.capped])


def _against(line: Line) -> str:
    words = {
        Against.HIGHER: _("higher"),
        Against.LOWER: _("lower"),
        Against.NO_DIFFERENCE: _("no clear difference"),
        Against.UNKNOWN: "",
    }
    return str(words[line.against])


def answered(part: Participation | None) -> tuple[Value, ...]:
    """Return how many answered in a place, in bands, and which part of a parent is counted in it."""
    if part is None:
        return ("",) * 6
    counted, existing = part.covers or ("", "")
    return (
        state_words(part.state),
        _or_nothing(part.invited),
        band(part.answers_band) if part.answers_band else "",
        band(part.response_band) if part.response_band else "",
        counted,
        existing,
    )
