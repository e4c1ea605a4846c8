import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from app.render import design_tokens
from app.render.charts.axis import Axis
from app.render.charts.cache import cached_chart, chart_digest
from app.render.charts.funnel import FunnelChart, FunnelPoint, funnel_half_width, points_outside
from app.render.charts.intervals import draw_intervals
from app.render.charts.trends import TrendPoint, draw_trends
from app.render.design_tokens import Width
from tests.render import samples

SVG = "{http://www.w3.org/2000/svg}"
EVERY = [(make, draw, width) for make, draw in samples.DRAWN for width in Width]


def drawn(make, draw, width):
    return ET.fromstring(draw(make(), width))


@pytest.mark.parametrize(("make", "draw", "width"), EVERY)
def test_a_picture_has_a_title_and_a_description(make, draw, width):
    picture = drawn(make, draw, width)
    assert picture.find(f"{SVG}title").text == make().title
    assert picture.find(f"{SVG}desc").text == make().description


@pytest.mark.parametrize(("make", "draw", "width"), EVERY)
def test_no_picture_has_script_or_style_that_a_strict_policy_refuses(make, draw, width):
    picture = drawn(make, draw, width)
    assert not [part for part in picture.iter() if part.tag in (f"{SVG}style", f"{SVG}script")]
    assert not [part for part in picture.iter() if "style" in part.attrib]
    assert not [name for part in picture.iter() for name in part.attrib if name.startswith("on")]


@pytest.mark.parametrize(("make", "draw", "width"), EVERY)
def test_a_picture_speaks_in_text_and_not_in_outlines(make, draw, width):
    words = {text.text for text in drawn(make, draw, width).iter(f"{SVG}text")}
    assert len(words) > 3


@pytest.mark.parametrize(("make", "draw", "width"), EVERY)
def test_the_same_values_give_the_same_bytes(make, draw, width):
    assert draw(make(), width) == draw(make(), width)


@pytest.mark.parametrize(("make", "draw", "width"), EVERY)
def test_a_picture_is_exactly_as_wide_as_asked(make, draw, width):
    assert drawn(make, draw, width).attrib["viewBox"].split()[2] == str(int(width))


@pytest.mark.parametrize(("make", "draw", "width"), EVERY)
def test_a_picture_is_exactly_as_high_as_was_foretold_without_drawing_it(make, draw, width):
    foretold = samples.HEIGHTS[draw](make(), width)
    assert drawn(make, draw, width).attrib["viewBox"].split()[3] == str(round(foretold)) == f"{foretold:g}"


def test_decimals_have_the_mark_of_the_language():
    """The means and the axis of an instrument with decimals, such as one scored from 1 to 4."""
    chart = samples.trends()
    points = (TrendPoint("2025", 2.4, (2.1, 2.7)), TrendPoint("2026", 3.0, (2.7, 3.3)))
    panel = replace(chart.panels[0], points=points, axis=Axis(1, 4, ","))
    picture = ET.fromstring(draw_trends(replace(chart, panels=(panel,)), Width.WIDE))
    words = {text.text for text in picture.iter(f"{SVG}text")}
    assert {"1", "2,5", "4", "2,4", "3"} <= words and not {"2.5", "2.4"} & words


def test_signs_that_mean_something_to_xml_or_to_formulas_stay_words():
    picture = drawn(samples.intervals, draw_intervals, Width.WIDE)
    assert "Johtamisen tuki <&>" in {text.text for text in picture.iter(f"{SVG}text")}


@pytest.mark.parametrize("colour", design_tokens.STEPS)
def test_text_on_every_step_can_be_read(colour):
    assert design_tokens.contrast(design_tokens.readable_text_colour(colour), colour) >= 4.5


def test_quiet_text_on_the_card_can_be_read():
    assert design_tokens.contrast(design_tokens.MUTED, design_tokens.CARD) >= 4.5


def funnel(*points):
    return FunnelChart("", "", points, mean=50, deviation=20, answers="", score="")


def test_the_same_distance_is_chance_in_a_small_unit_and_not_in_a_large_one():
    small = FunnelPoint(12, 60, "small")
    large = FunnelPoint(97, 60, "large")
    assert points_outside(funnel(small, large)) == (large,)


def test_the_funnel_narrows_with_the_root_of_the_answers():
    assert funnel_half_width(funnel(), 100) == pytest.approx(1.959964 * 2)


def test_a_picture_is_drawn_once_and_then_kept(tmp_path):
    times = []

    def draw(chart, width):
        times.append(width)
        return f"<svg>{chart}</svg>"

    first = cached_chart(tmp_path / "pictures", "a chart", Width.WIDE, draw)
    assert cached_chart(tmp_path / "pictures", "a chart", Width.WIDE, draw) == first == "<svg>a chart</svg>"
    assert times == [Width.WIDE]
    assert [file.suffix for file in (tmp_path / "pictures").iterdir()] == [".svg"]


def test_another_value_or_another_width_is_another_picture():
    names = {chart_digest(chart, width) for chart in ("one", "other") for width in Width}
    assert len(names) == 4
