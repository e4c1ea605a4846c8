import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from app.core.languages import Language
from app.core.rounds import Certificate, KeyFate, KeyHost, KeyMode, RoundId
from app.render.key_backups import KeySheetPage, certificate_pdf, key_sheets_pdf
from app.vault.round_keys import draw_keypair, key_backups, secret_key_from_backups

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAIR = draw_keypair()


def words_of(text):
    """The numbered lines of a page, as somebody would type them."""
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(line.partition(".")[2] for line in lines if line[:2] in {"1.", "2.", "3.", "4."})


def printed(language=Language.FI, *, split=False):
    pages = [KeySheetPage(one.lines, one.payload) for one in key_backups(PAIR.secret, split=split)]
    made = key_sheets_pdf(
        pages, service="Voimavara", title="Syksy", closes_at=NOON, zone=HELSINKI, now=NOON, language=language
    )
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


@pytest.mark.parametrize("split", [False, True])
def test_the_words_on_paper_are_the_key(split):
    pages = printed(split=split)
    assert len(pages) == 1 + split
    assert secret_key_from_backups([words_of(page) for page in pages], public_key=PAIR.public) == PAIR.secret


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


KEY_DESTROYED = {Language.FI: "Avain hävitetty", Language.SV: "Nyckeln förstörd", Language.EN: "Key destroyed"}
PLAIN = Certificate(
    RoundId(1), 100, 100, 120, 77, 0, NOON, KeyMode.AUTOMATIC, "ab" * 32, 5, 100, 3, cleaned_at=NOON, key_lost=False
)
FATES = {
    KeyFate.DESTROYED: (PLAIN, ("", "", "")),
    KeyFate.UNSEEN: (
        replace(PLAIN, key_unseen=True),
        ("ei ollut palvelimella", "fanns inte på den server", "was not on the server"),
    ),
    KeyFate.PENDING: (
        replace(PLAIN, key_hosts=(KeyHost("a" * 16, "web-1"),)),
        ("hävittää avaimensa heti", "förstör sin nyckel så snart", "destroys its key when it starts again"),
    ),
    KeyFate.WITH_TRUSTEE: (
        replace(PLAIN, key_mode=KeyMode.TRUSTEE),
        ("hävittää avainlomakkeen", "förstör nu nyckelbladet", "destroys the key sheet"),
    ),
    KeyFate.LOST: (
        replace(PLAIN, key_mode=KeyMode.TRUSTEE, counted=0, key_lost=True),
        ("avain katosi", "har försvunnit", "was lost"),
    ),
    KeyFate.NEVER_WAS: (
        replace(PLAIN, drawn=0, issued=0),
        ("Avainta ei ollut", "Det fanns ingen nyckel", "There was no key"),
    ),
}


def test_the_certificate_names_the_servers_that_have_destroyed_their_keys_and_those_that_have_not():
    hosts = (KeyHost("a" * 16, "web-1", destroyed=True), KeyHost("b" * 16, "web-2"))
    made = certificate_pdf(
        replace(PLAIN, key_hosts=hosts), service="S", title="R", zone=HELSINKI, now=NOON, language=Language.EN
    )
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())
    assert "Key destroyed on the servers web-1" in text
    assert "Key still to be destroyed on the servers web-2" in text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("fate", list(KeyFate))
def test_the_certificate_says_that_the_key_was_destroyed_only_if_it_was(fate, language):
    certificate, notes = FATES[fate]
    assert certificate.key_fate is fate
    made = certificate_pdf(certificate, service="S", title="R", zone=HELSINKI, now=NOON, language=language)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())
    assert (KEY_DESTROYED[language] in text) == (fate is KeyFate.DESTROYED)
    assert notes[list(Language).index(language)] in text
