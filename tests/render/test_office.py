"""Files opened by an office program: skipped where LibreOffice is not installed."""

import os
import re
import shutil
import subprocess

import pytest

from app.core.languages import Language
from app.core.tables.row_reader import escape_formula
from app.render.tabular_files import csv_bytes, table_file, xlsx_bytes
from app.reports import exports
from app.store.tabular_reader import read_table
from tests.publications import made, store
from tests.web.test_meeting_papers import fetch, slides

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed"),
]
# Semicolons, quotation marks, UTF-8, from the first row, as a Finnish office program reads numbers.
FINNISH_CSV = "CSV:59,34,76,1,,1035,false,true"
TEXTS = ["Mäki", "=1+1", "'tis", "a\nb", "_x000D_", "0123", "1E5", "3.1.2027", "'+358 40", "😀 ja ☕", '"“”;']


@pytest.fixture(scope="module")
def convert(tmp_path_factory):
    """Return the function that lets LibreOffice write a file in another format."""
    profile = tmp_path_factory.mktemp("profile")

    def run(content, name, ending, *, reader=None):
        folder = tmp_path_factory.mktemp("office")
        (folder / name).write_bytes(content)
        command = [OFFICE, "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", ending]
        command += [f"--infilter={reader}"] if reader else []
        environment = os.environ | {"HOME": str(profile), "SAL_USE_VCLPLUGIN": "svp"}
        command += ["--outdir", str(folder / "out"), str(folder / name)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=170, check=False)
        kind = ending.partition(":")[0]
        result = folder / "out" / f"{name.rpartition('.')[0]}.{kind}"
        assert result.exists(), done.stderr + done.stdout
        return result

    return run


def pages(pdf):
    """Return the text of every page of a PDF."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return text.split("\f")[:-1]


def test_a_workbook_shows_the_texts_and_numbers_that_were_written(convert):
    rows = [["text", "number"], *([escape_formula(text), place / 8] for place, text in enumerate(TEXTS))]
    written = convert(table_file("xlsx", "sheet", rows), "texts.xlsx", "xlsx")
    cells = [row.cells for row in read_table(written.read_bytes()).rows]
    assert [cell["text"] for cell in cells] == [escape_formula(text) for text in TEXTS]
    assert [float(cell["number"].replace(",", ".")) for cell in cells] == [place / 8 for place in range(len(TEXTS))]


def test_a_csv_file_opens_with_letters_and_decimals_right(convert):
    rows = [["text", "number"], *([escape_formula(text), place / 8] for place, text in enumerate(TEXTS))]
    opened = convert(csv_bytes(rows), "texts.csv", "xlsx", reader=FINNISH_CSV)
    cells = [row.cells for row in read_table(opened.read_bytes()).rows]
    assert [cell["number"].replace(",", ".") for cell in cells[:4]] == ["0", "0.125", "0.25", "0.375"]
    # What looks like a number is one there; in XLSX it stays text, which is why each CSV has one beside it.
    plain = {text for text in TEXTS if not re.fullmatch(r"[0-9E.]+", text)}
    assert {escape_formula(text) for text in plain} <= {cell["text"] for cell in cells}


def test_the_figures_of_a_region_print_on_few_pages_with_their_headers(convert):
    table = exports.scale_figure_table(made(1))
    rows = [table[0], *(table[1:] * (1_000 // len(table) + 1))[:1_000]]
    printed = pages(convert(xlsx_bytes([("Figures", rows)]), "figures.xlsx", "pdf"))
    assert len(printed) <= 60
    for number, page in enumerate(printed, start=1):
        header = page.split("\n", 4)[:4]
        assert all(any(name in line for line in header) for name in ("level", "unit", "group", "scale")), number
        assert re.search(rf"\b{number}\s*/\s*{len(printed)}\b", page)
    assert all(any(column in page for page in printed) for column in table[0]), "no column is cut off"


def test_a_table_that_fits_is_as_wide_as_one_page(convert):
    rows = [[f"column{place}" for place in range(12)], *([[place] * 12 for place in range(150)])]
    printed = pages(convert(table_file("xlsx", "Counts", rows), "counts.xlsx", "pdf"))
    assert len(printed) <= 5
    assert all("column0" in page and "column11" in page for page in printed)


def test_a_long_text_wraps_within_the_width_of_a_page(convert):
    words = "Yhteinen suunnittelu vähentää kiirettä. " * 12
    printed = pages(convert(table_file("xlsx", "Toimet", [["toimi", "kuvaus"], ["1", words]]), "toimet.xlsx", "pdf"))
    assert len(printed) == 1
    assert " ".join(printed[0].split()).count("Yhteinen") == 12
    assert "Toimet" in printed[0]


@pytest.mark.parametrize("language", list(Language))
def test_the_slides_of_a_meeting_open_with_every_title(convert, app, session, language):
    round_id = store(session, made(1)).round
    data = fetch(app, round_id, "pine", "slides.pptx", language.value)
    titles = [slide.shapes.title.text_frame.text for slide in slides(data)]
    shown = [" ".join(page.split()) for page in pages(convert(data, "slides.pptx", "pdf"))]
    assert len(shown) == len(titles) == 6
    assert [title for title, page in zip(titles, shown, strict=True) if " ".join(title.split()) not in page] == []
