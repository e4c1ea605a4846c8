"""PDF documents are compiled in a process of their own."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from app.config import ROOT
from app.render import typst_pdf
from app.render.typst_pdf import DocumentError, render_pdf

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_the_process_that_asks_loads_no_compiler_and_gets_a_document():
    code = """
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from app.render.slips import SlipBatch, slips_pdf
now = datetime(2026, 9, 1, tzinfo=UTC)
batch = SlipBatch("Voimavara", "Autumn", "Mäntylän koulu", ["Z00K-PQ2R-ST3V-XWYZ"], now, "https://kysely.example")
assert slips_pdf(batch, zone=ZoneInfo("Europe/Helsinki"), now=now).startswith(b"%PDF")
assert not {"typst", "matplotlib"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=True)


def test_a_document_that_cannot_be_compiled_is_an_error_that_names_its_file():
    with pytest.raises(DocumentError, match=r"^slips\.typ: "):
        render_pdf("slips", data={"secret": "words of a key sheet"}, at=NOON)


def test_the_error_does_not_quote_the_content():
    with pytest.raises(DocumentError) as error:
        render_pdf("slips", data={"secret": "words of a key sheet"}, at=NOON)
    assert "key sheet" not in str(error.value)


def test_fonts_come_with_matplotlib():
    assert "DejaVuSans.ttf" in {path.name for path in typst_pdf.Path(typst_pdf._font_folder()).iterdir()}
