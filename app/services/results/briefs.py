"""What a meeting's pages and papers say of one community: sentences from the frozen publication only."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.catalogue import DIMENSIONS
from app.core.languages import Language
from app.core.publication import Cell, Level, Placement
from app.render.charts.intervals import IntervalChart
from app.services.results import sentences
from app.services.results.finding import Found
from app.services.results.pictures import Picture, pictures
from app.services.results.readings import Reading, Row, Standing, read, wider_cell

MOST_FOCUS = 2


@dataclass(frozen=True, slots=True)
class Brief:
    """The result in a few sentences.

    `whose` is what the numbers are of: the community itself, or the wider set where it has none of
    its own. `placements` stand in the place of numbers for a small community. `focus` are the
    dimensions that the result itself would point to; staff choose, not the result.
    """

    name: str
    round_title: str
    standing: Standing
    whose: str
    answered: tuple[str, ...]
    cautions: tuple[str, ...]
    strongest: tuple[str, ...]
    weakest: tuple[str, ...]
    placements: tuple[tuple[str, str], ...]
    picture: Picture | None
    focus: tuple[str, ...]

    @property
    def chart(self) -> IntervalChart | None:
        """What the picture shows, for those who draw it themselves."""
        return None if self.picture is None else self.picture.chart

    @property
    def is_own(self) -> bool:
        """Whether the numbers are the community's own."""
        return self.standing is Standing.NUMBERS


def brief(found: Found, unit_id: str, *, language: Language) -> Brief:
    """Return the brief of one reporting unit, in the language of the page at hand."""
    cell = Cell(Level.COMMUNITY, unit_id)
    own = _read(found, cell, language)
    has_numbers = own.standing is Standing.NUMBERS
    wide = own if has_numbers else _read(found, wider_cell(found.publication, cell), language)
    drawn = next((one for one in pictures(wide) if isinstance(one.chart, IntervalChart)), None)
    return Brief(
        name=own.name,
        round_title=found.publication.title,
        standing=own.standing,
        whose=wide.name,
        answered=tuple(sentences.answered(wide if own.standing is Standing.WIDER else own)),
        cautions=(*_cautions(own, wide), _("Nothing here tells what one person or one team thinks.")),
        strongest=tuple(sentences.standing_out(row) for row in wide.strongest),
        weakest=tuple(sentences.standing_out(row) for row in wide.weakest),
        placements=_placements(own) if own.standing is Standing.PLACEMENT else (),
        picture=drawn,
        focus=_focus(own),
    )


def _read(found: Found, cell: Cell, language: Language) -> Reading:
    return read(found.publication, cell, instrument=found.instrument, earlier=found.earlier, language=language)


def _cautions(own: Reading, wide: Reading) -> Sequence[str]:
    if own.standing is Standing.NUMBERS:
        # The handout is one page: what stands on the results page beside every number is not said again.
        said = {*sentences.answered(own), *sentences.levels(own), *sentences.mostly_visible_change(own)}
        return [one for one in sentences.guide(own) if one not in said]
    told = {"name": wide.name}
    if own.standing is Standing.PLACEMENT:
        own_words = _(
            "Fewer than %(k)s have answered every dimension, so no number is given and nobody can be recognised. "
            "What is told is which side of the region your community is probably on, and how likely that is.",
            k=own.publication.k,
        )
        return [own_words, _("The numbers are those of %(name)s as a whole.", **told)]
    few = _(
        "Fewer than %(least)s have answered every dimension in your community, so nothing is told of it.",
        least=_least(own),
    )
    return [few, _("The numbers are those of %(name)s as a whole; how it is here, you know best yourselves.", **told)]


def _least(own: Reading) -> int:
    return own.publication.placement_from


def _placements(own: Reading) -> tuple[tuple[str, str], ...]:
    named = ((row, sentences.direction(row)) for row in own.rows)
    return tuple((f"{row.title} ({words})" if words else row.title, sentences.placement(row)) for row, words in named)


def _focus(own: Reading) -> tuple[str, ...]:
    if own.standing is Standing.NUMBERS:
        rows: Sequence[Row] = own.weakest
    else:
        rows = [row for row in own.rows if own.standing is Standing.PLACEMENT and _is_strained(row)]
    named = dict.fromkeys(row.measure.dimension for row in rows if row.measure.dimension in DIMENSIONS)
    return tuple(named)[:MOST_FOCUS]


def _is_strained(row: Row) -> bool:
    bad = Placement.BELOW if row.high_is_good else Placement.ABOVE
    return row.figure.placement is bad
