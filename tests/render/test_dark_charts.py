"""The charts of a dark page: the same drawing, and everything on it as easy to tell as on a light one."""

import itertools
import re

import pytest

from app.config import ROOT
from app.render import design_tokens
from app.render.charts.dark_mode import dark_svg
from app.render.charts.shares import COLOURS
from app.render.design_tokens import DARK_COLOURS, Width, contrast
from tests.render import samples
from tests.render.test_palette import APART, VISIONS, distance

COLOUR = re.compile(r"#[0-9a-f]{6}")
EVERY = [(make, draw, width) for make, draw in samples.DRAWN for width in Width]
GROUNDS = (design_tokens.CARD, design_tokens.BAND, design_tokens.STRAIN, design_tokens.FUNNEL)
MARKS = (
    design_tokens.OWN,
    design_tokens.INTERVAL,
    design_tokens.OTHERS,
    design_tokens.NEGATIVE_STRONG,
    design_tokens.POSITIVE_STRONG,
)
SCHEMES = {"light": lambda colour: colour, "dark": DARK_COLOURS.__getitem__}


@pytest.mark.parametrize(("make", "draw", "width"), EVERY)
def test_a_dark_picture_differs_from_the_light_one_in_nothing_but_its_colours(make, draw, width):
    light = draw(make(), width)
    dark = dark_svg(light)
    assert COLOUR.sub("", dark) == COLOUR.sub("", light)
    assert set(COLOUR.findall(dark)) <= set(DARK_COLOURS.values())
    assert set(COLOUR.findall(light)) <= set(DARK_COLOURS)


def test_every_colour_has_a_counterpart_of_its_own():
    named = {value for value in vars(design_tokens).values() if isinstance(value, str) and COLOUR.fullmatch(value)}
    assert named == set(DARK_COLOURS)
    assert len(set(DARK_COLOURS.values())) == len(named)


def test_words_that_speak_of_colours_stay_as_they_are():
    assert dark_svg('<text fill="#16232e">fill #16232e</text>') == '<text fill="#e7edee">fill #16232e</text>'


def test_a_colour_without_a_counterpart_is_no_secret():
    with pytest.raises(KeyError):
        dark_svg('<path stroke="#123456"/>')


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_can_be_read_on_every_ground(scheme):
    see = SCHEMES[scheme]
    for ink, ground in itertools.product((design_tokens.INK, design_tokens.MUTED), GROUNDS):
        assert contrast(see(ink), see(ground)) >= 4.5, (ink, ground)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_number_in_a_bar_can_be_read(scheme):
    see = SCHEMES[scheme]
    for colour in COLOURS:
        assert contrast(see(design_tokens.readable_text_colour(colour)), see(colour)) >= 4.5, colour


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_mark_has_the_contrast_of_a_graphic(scheme):
    see = SCHEMES[scheme]
    for mark in MARKS:
        assert contrast(see(mark), see(design_tokens.CARD)) >= 3, mark
    assert contrast(see(design_tokens.OTHERS), see(design_tokens.STRAIN)) >= 3
    assert contrast(see(design_tokens.OWN), see(design_tokens.STRAIN)) >= 3


@pytest.mark.parametrize("vision", VISIONS)
def test_the_steps_and_the_marks_can_be_told_apart_in_the_dark(vision):
    for one, other in itertools.combinations(design_tokens.STEPS, 2):
        assert distance(DARK_COLOURS[one], DARK_COLOURS[other], vision) >= APART, (one, other)
    for one, other in itertools.combinations(
        (design_tokens.OWN, design_tokens.INTERVAL, design_tokens.CARD, design_tokens.NEGATIVE_STRONG), 2
    ):
        assert distance(DARK_COLOURS[one], DARK_COLOURS[other], vision) >= APART, (one, other)


def test_a_dark_chart_lies_on_the_dark_page_without_an_edge():
    sheet = (ROOT / "app" / "web" / "static" / "tokens.css").read_text(encoding="utf-8")
    dark = sheet.partition("@media screen and (prefers-color-scheme: dark)")[2].partition("@media print")[0]
    for name in ("--surface", "--chart-paper"):
        assert f"{name}: {DARK_COLOURS[design_tokens.CARD]};" in dark
