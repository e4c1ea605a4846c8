import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from app.core.languages import Language
from app.core.rounds import Certificate, KeyMode, RoundId
from app.render.keysheets import KeyPage, certificate_pdf, keysheets_pdf
from app.vault.keys import draw_keypair, read_sheets, sheets

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAIR = draw_keypair()


def words_of(text):
    """The numbered lines of a page, as somebody would type them."""
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(line.partition(".")[2] for line in lines if line[:2] in {"1.", "2.", "3.", "4."})


def printed(language=Language.FI, *, split=False):
    pages = [KeyPage(one.lines, one.payload) for one in sheets(PAIR.secret, split=split)]
    made = keysheets_pdf(
        pages, service="Voimavara", title="Syksy", closes_at=NOON, zone=HELSINKI, now=NOON, language=language
    )
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


@pytest.mark.parametrize("split", [False, True])
def test_the_words_on_paper_are_the_key(split):
    pages = printed(split=split)
    assert len(pages) == 1 + split
    assert read_sheets([words_of(page) for page in pages], public_key=PAIR.public) == PAIR.secret


@pytest.mark.parametrize("language", Language)
def test_the_sheet_says_in_three_languages_what_happens_when_it_is_lost(language):
    page = " ".join(printed(language)[0].split())
    for words in ("Jos avain katoaa", "Om nyckeln försvinner", "If it is lost"):
        assert words in page


def test_a_certificate_tells_everything_in_one_page():
    certificate = Certificate(
        RoundId(1), 100, 100, 120, 77, 0, NOON, KeyMode.TRUSTEE, "ab" * 32, 5, 100, 3, cleaned_at=None
    )
    made = certificate_pdf(certificate, service="S", title="Syksy", zone=HELSINKI, now=NOON, language=Language.FI)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    assert len(PdfReader(io.BytesIO(made)).pages) == 1
    for words in ("77", "120", "ei vielä", "ab" * 32, "24.11.2026 klo 14.00"):
        assert words in text
