"""How far it is from the slip to the check page on a telephone: words, presses, pages and pixels."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.config import ROOT
from app.store.database import database
from tests.browser.actions import follow_link
from tests.web.open_round import WELLBEING, open_round

pytestmark = pytest.mark.browser

TELEPHONE = {"width": 390, "height": 800}
MOST_PIXELS = 12_000
MOST_WORDS = 120  # before the first button
BEFORE_START = """() => {
    const main = document.querySelector('main'), button = main.querySelector('button[value=next]');
    const range = document.createRange();
    range.setStart(main, 0);
    range.setEndBefore(button);
    const shown = document.createElement('div');
    shown.append(range.cloneContents());
    for (const one of shown.querySelectorAll('details > :not(summary), noscript, [hidden]')) one.remove();
    return shown.textContent;
}"""

COVERED = """() => [...document.querySelectorAll('fieldset.question')].filter(question => {
    const skip = question.querySelector('.skip-question').getBoundingClientRect();
    const words = document.createRange();
    words.selectNodeContents(question.querySelector('legend'));
    return [...words.getClientRects()].some(line => line.right > skip.left + 1 && line.left < skip.right
        && line.bottom > skip.top + 8 && line.top < skip.bottom - 8);
}).map(question => question.id)"""


@dataclass(frozen=True)
class Asked:
    """A questionnaire, how many questions it asks in all (the staff group is one) and on how many pages."""

    file: Path
    questions: int
    pages: int  # with the first one and the check page


FIRST_VERSION = Asked(WELLBEING, questions=28, pages=8)
NEWEST_VERSION = Asked(ROOT / "surveys" / "wellbeing_2026_2.toml", questions=35, pages=10)


@pytest.fixture(params=[FIRST_VERSION, NEWEST_VERSION], ids=["2026.1", "2026.2"])
def asked(request, tmp_path):
    """The newest version with every question, also those that a first survey leaves out."""
    if request.param is FIRST_VERSION:
        return request.param
    whole = tmp_path / "whole.toml"
    source = request.param.file.read_text(encoding="utf-8")
    whole.write_text(source.replace("from_second_survey = true\n", ""), encoding="utf-8")
    return replace(request.param, file=whole)


@pytest.fixture
def codes(app, session, asked):
    found = open_round(app, session, questionnaire=asked.file, alder=24, birch=7, cedar=4)[1]
    database.session.remove()
    return found


def height(page):
    page.wait_for_load_state()  # the title is there before the script has put the page in order
    return page.evaluate("document.documentElement.scrollHeight")


def answer_all(page, language):
    """Answer from the information page to the check page; return the presses and the heights of the pages."""
    heights = [height(page)]
    presses = 0
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        page.locator("main button[value=next]").click()
        expect(page).not_to_have_title(before)
        heights.append(height(page))
        for question in page.locator("fieldset").all():
            question.locator("label").nth(2).click()
            presses += 1
    presses += len(heights)  # one for each page, the last one sends
    print(f"{language}: {presses} presses, {len(heights)} pages, {sum(heights)} pixels: {heights}")
    return presses, heights


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_way_from_the_slip_to_the_check_page_is_short(page, live, codes, asked, language):
    page.set_viewport_size(TELEPHONE)
    follow_link(page, live, codes["alder"][0], language)
    presses, heights = answer_all(page, language)
    assert presses <= asked.questions + asked.pages and len(heights) == asked.pages
    assert sum(heights[1:-1]) < MOST_PIXELS, "all pages with questions"
    assert sum(heights) < MOST_PIXELS or asked.questions > FIRST_VERSION.questions, (
        "28 questions with the pages around them"
    )


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_way_of_a_typed_code_is_short_too(page, live, codes, asked, language):
    page.set_viewport_size(TELEPHONE)
    page.goto(f"{live}/{language}/")
    first = height(page)
    page.locator("main input[name=code]").fill(codes["alder"][0])
    page.locator("main button[name=go]").first.click()
    expect(page.locator("input[name=step]")).to_have_count(1)
    _presses, heights = answer_all(page, language)
    assert len(heights) == asked.pages
    assert sum(heights[1:-1]) < MOST_PIXELS
    assert first + sum(heights) < MOST_PIXELS or asked.questions > FIRST_VERSION.questions


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_way_past_a_question_covers_none_of_its_words(page, live, codes, asked, language):
    page.set_viewport_size(TELEPHONE)
    follow_link(page, live, codes["alder"][0], language)
    looked_at = 0
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        page.locator("main button[value=next]").click()
        expect(page).not_to_have_title(before)
        for width in (320, 360, 390, 768):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(COVERED) == []
        looked_at += page.locator("fieldset").count()
    assert looked_at == asked.questions


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("community", ["alder", "birch", "cedar"])
def test_before_the_start_stand_few_words_and_the_button_is_on_the_first_screen(page, live, codes, language, community):
    page.set_viewport_size(TELEPHONE)
    follow_link(page, live, codes[community][0], language)
    words = re.findall(r"\w+", page.evaluate(BEFORE_START))
    bottom = page.locator("main button[value=next]").bounding_box()
    print(f"{language}, {community}: {len(words)} words, the button ends at {bottom['y'] + bottom['height']:.0f}")
    assert 50 < len(words) <= MOST_WORDS
    assert bottom["y"] + bottom["height"] <= TELEPHONE["height"]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_two_questions_stand_on_one_screen(page, live, codes, language):
    page.set_viewport_size(TELEPHONE)
    follow_link(page, live, codes["alder"][0], language)
    page.locator("main button[value=next]").click()
    expect(page.locator("#q1")).to_be_visible()
    boxes = [page.locator(f"#q{number}").bounding_box() for number in range(4)]
    assert all(later["y"] + later["height"] - box["y"] < 0.8 * 800 for box, later in pairwise(boxes))
    assert boxes[1]["y"] + boxes[1]["height"] < 800, "already the first screen shows two"
    rows = page.locator("#q0 .choice").evaluate_all("all => all.map(one => one.getBoundingClientRect())")
    assert all(row["height"] >= 44 for row in rows)
    assert all(after["top"] <= row["bottom"] for row, after in pairwise(rows)), "gaps between rows"
