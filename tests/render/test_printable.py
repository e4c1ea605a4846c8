"""Any title can be printed: what the fonts lack is replaced, and nothing is an error."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import characters, text
from pypdf import PdfReader

from app.render.printable import _glyphs, replace_unprintable, replace_unprintable_values, unprintable_characters
from app.render.slips import slips_pdf
from tests.render.test_slips import batch

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TITLES = {
    "a keycap": "Kevät 1\ufe0f\u20e3",
    "emoji": "Syksy 👩\u200d🏫🍁 👍🏽 🏴\U000e0067\U000e007f 🇫🇮",
    "other scripts": "日本語 العربية עברית Ελληνικά ქართული हिन्दी",
    "control characters": "a\x00b\x1b[2Jc\x7f\u2028d\u200be\ud800f\uffff",
    "everything that the fonts have": "".join(map(chr, sorted(_glyphs()))),
}


def pages(title):
    made = slips_pdf(
        replace(batch(), round_title=title, community=title[:500], service=title[:50]),
        zone=ZoneInfo("Europe/Helsinki"),
        now=NOW,
    )
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


@pytest.mark.parametrize("name", TITLES)
def test_slips_of_any_title_are_printed(name):
    made = pages(TITLES[name])
    assert made
    if name == "a keycap":
        assert "Kevät 1" in made[0]


@given(text(characters(exclude_categories=()), max_size=60))
def test_what_is_printed_has_a_glyph_for_every_character(written):
    printed = replace_unprintable(written)
    assert {ord(character) for character in printed} <= _glyphs() | {ord("\n"), ord("\t")}
    assert replace_unprintable(printed) == printed


def test_what_people_write_stays_as_it_is():
    usual = "Åbo – Äijälän koulu ”a” 100\u00a0% €, don’t: 1½ ≤ 2 → õ š ž ŋ\nnew line"
    assert replace_unprintable(usual) == usual
    assert unprintable_characters(usual) == ()


def test_only_what_is_replaced_is_told():
    assert unprintable_characters("Kevät 1\ufe0f\u20e3 🍁", "🍁 語 □") == ("🍁", "語")


def test_every_text_of_a_document_is_made_printable():
    sheet = {"title": "🍁", "rows": [("🍁", 1), {"deep": ["🍁\x00"]}], "size": 9.5, "none": None}
    assert replace_unprintable_values(sheet) == {
        "title": "□",
        "rows": [["□", 1], {"deep": ["□ "]}],
        "size": 9.5,
        "none": None,
    }
