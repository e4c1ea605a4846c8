import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from app.core.languages import Language
from app.render.slips import INSTRUCTIONS, SLIPS_PER_PAGE, SlipBatch, answer_link, slips_pdf

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
CODES = [f"Z{number:02d}K-PQ2R-ST3V-XWYZ" for number in reversed(range(13))]


def batch(**chosen):
    plain = {
        "service": "Voimavara",
        "round_title": "Autumn round",
        "community": "Metsälammen koulu",
        "codes": CODES,
        "closes_at": datetime(2026, 12, 4, 21, 59, tzinfo=UTC),
        "base_url": "https://kysely.example",
    }
    return SlipBatch(**{**plain, **chosen})


def pages(made):
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


def letters(text):
    return "".join(text.split())


@pytest.fixture(scope="module")
def printed():
    return slips_pdf(batch(), zone=HELSINKI, now=NOON)


def test_every_code_is_printed_once_in_the_order_of_its_letters(printed):
    text = letters("".join(pages(printed)[1:]))
    places = [text.index(code) for code in sorted(CODES)]
    assert places == sorted(places)
    assert all(text.count(code) == 1 for code in CODES)


def test_six_slips_stand_on_a_page_after_the_cover(printed):
    assert len(pages(printed)) == 1 + -(-len(CODES) // SLIPS_PER_PAGE)


def test_a_slip_says_what_to_do_in_three_languages(printed):
    text = letters(pages(printed)[1])
    until = {Language.FI: "pe 4.12.2026", Language.SV: "fre 4.12.2026", Language.EN: "Fri 4 December 2026"}
    for language in Language:
        told = INSTRUCTIONS.in_language(language).format(until=until[language])
        assert text.count(letters(told)) == SLIPS_PER_PAGE


def scanned(made, page):
    """What a telephone's camera would read on a printed page, with the slip's column and row."""
    picture = pypdfium2.PdfDocument(made)[page].render(scale=150 / 72).to_pil().convert("L")
    wide = picture.width / 2
    high = picture.height / 3
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return {(int(one.position.top_left.y // high), int(one.position.top_left.x // wide)): one.text for one in found}


def test_a_camera_reads_from_each_square_the_code_that_is_printed_beside_it(printed):
    read = scanned(printed, 1)
    assert read == {
        (place // 2, place % 2): f"https://kysely.example/#{code}"
        for place, code in enumerate(sorted(CODES)[:SLIPS_PER_PAGE])
    }
    text = letters(pages(printed)[1])
    assert all(address.partition("#")[2] in text for address in read.values())


def test_the_code_is_printed_big(printed):
    text = pypdfium2.PdfDocument(printed)[1].get_textpage()
    start, _count = text.search(min(CODES)[:4]).get_next()
    _left, bottom, _right, top = text.get_charbox(start)
    assert top - bottom >= 4.5 * 72 / 25.4  # a capital of 4.5 mm, read at arm's length without glasses


def test_lines_to_cut_along_stand_between_the_slips(printed):
    picture = pypdfium2.PdfDocument(printed)[1].render(scale=150 / 72).to_pil().convert("L")
    third = picture.height / 3
    for across in (third, 2 * third):
        rows = [picture.crop((0, round(across) + d, picture.width, round(across) + d + 1)) for d in (-2, -1, 0, 1)]
        assert max(sum(row.histogram()[:200]) for row in rows) > picture.width * 0.3
    middle = picture.width // 2
    columns = [picture.crop((middle + d, 0, middle + d + 1, picture.height)) for d in (-2, -1, 0, 1)]
    assert max(sum(column.histogram()[:200]) for column in columns) > picture.height * 0.3


def test_finnish_letters_come_out_without_fonts_of_the_host(printed):
    assert "Metsälammen koulu" in pages(printed)[1]
    names = {
        str(font["/BaseFont"])
        for page in PdfReader(io.BytesIO(printed)).pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    }
    assert all("DejaVu" in name for name in names)


def test_the_document_says_that_it_is_accessible(printed):
    reader = PdfReader(io.BytesIO(printed))
    assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert reader.trailer["/Root"]["/Lang"] == "fi"


@pytest.mark.parametrize("name", ['#panic("x")', "*bold* $x^2$", '"}],{"', "<script>", '#read("/etc/passwd")'])
def test_a_name_is_printed_as_it_is_and_never_read_as_markup(name):
    assert letters(name) in letters(pages(slips_pdf(batch(community=name), zone=HELSINKI, now=NOON))[1])


def test_the_longest_names_still_fit_on_their_slip():
    long = batch(
        community="Pitkänimisen kylän yhtenäiskoulu " * 4,
        round_title="Työhyvinvointikysely " * 5,
        base_url="https://tyohyvinvointikysely.pitkanimisenkunnanpalvelut.example",
        codes=["ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345"] * 6,
    )
    made = pages(slips_pdf(long, zone=HELSINKI, now=NOON))
    assert len(made) == 2
    assert letters(made[1]).count("ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345") == 6


def test_the_code_stands_in_the_fragment_which_is_never_sent():
    path, _, fragment = answer_link("https://kysely.example/", "ABCD-EFGH").partition("#")
    assert (path, fragment) == ("https://kysely.example/", "ABCD-EFGH")


def test_the_same_slips_are_the_same_file(printed):
    assert slips_pdf(batch(codes=CODES[::-1]), zone=HELSINKI, now=NOON) == printed
