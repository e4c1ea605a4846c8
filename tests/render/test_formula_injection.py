"""No text in a table file is taken for a formula: titles, headers, cells and names of sheets, CSV and XLSX."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.languages import Language
from app.render.tabular_files import LONGEST_NAME, csv_bytes, valid_sheet_names, xlsx_bytes
from app.reports.exports import scale_figure_table
from app.reports.workbooks import PublicationWorkbook
from app.services import audit
from app.services.seats.provider_lists import provider_file
from tests.publications import NOON, WELLBEING, made

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def texts_of(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    return [*book.sheetnames, *(cell.value for cell in cells if isinstance(cell.value, str))]


def fields_of(text):
    return [field for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for field in row]


def is_number(text):
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_no_text_begins_a_formula_and_numbers_stay_numbers(beginning):
    name = f"{beginning}1+1"
    rows = [[name, "plain"], [name, -3.5], ["plain", -2]]
    texts = texts_of(xlsx_bytes([(name, rows)]))
    assert not [text for text in texts if text.startswith(BEGINNINGS)]
    fields = fields_of(csv_bytes(rows).decode("utf-8-sig"))
    assert [field for field in fields if field.startswith(BEGINNINGS)] == ["-3,5", "-2"]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([(name, rows)])))
    assert [book.worksheets[0].cell(row, 2).value for row in (2, 3)] == [-3.5, -2]


@example(["0" * 22 + "\U00010000" * 5, "History", "a" * 40, "A" * 40])
@given(st.lists(st.text(max_size=40), max_size=6))
def test_every_name_of_a_sheet_can_be_borne(names):
    found = valid_sheet_names(names)
    assert len({name.lower() for name in found}) == len(names)
    assert all(
        0 < len(name.encode("utf-16-le")) <= 2 * LONGEST_NAME and not name.startswith((*BEGINNINGS, "'"))
        for name in found
    )
    xlsx_bytes([(name, [["x"]]) for name in names])


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@"])
def test_the_title_of_a_round_begins_no_formula_in_any_file(app, beginning):
    found = made(title=f"{beginning}SUM(A1)")
    with app.test_request_context("/"):
        cells = [one.cell for one in found.participation]
        workbook = PublicationWorkbook(found, cells, WELLBEING, Language.EN, {1: f"{beginning}1"}, with_quality=True)
        texts = texts_of(workbook.content())
        assert f"'{beginning}SUM(A1)" in texts
        assert not [text for text in texts if text.startswith(BEGINNINGS)]
    fields = fields_of(csv_bytes(scale_figure_table(found)).decode("utf-8-sig"))
    assert not [one for one in fields if one.startswith(BEGINNINGS) and not is_number(one)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_for_providers_holds_no_formula(kind):
    row = ("=provider", "+course", "-", "@place", "=town", "=school", 4)
    content = provider_file(kind, "=list", ("=a", "b", "c", "d", "e", "f", "g"), (row,))
    texts = texts_of(content) if kind == "xlsx" else fields_of(content.decode("utf-8-sig"))
    assert "'=provider" in texts and not [text for text in texts if text.startswith(BEGINNINGS)]


def test_the_audit_log_holds_no_formula():
    entry = AuditEntry(NOON, AccountId(1), AuditEvent.ROUND_PLANNED, "=subject")
    fields = fields_of(csv_bytes(audit.entries_table((entry,), {AccountId(1): "@name"})).decode("utf-8-sig"))
    assert "'=subject" in fields and "'@name" in fields


def test_nothing_but_the_one_writer_writes_tables():
    app_folder = Path(__file__).parents[2] / "app"
    marks = ("csv.writer(", "xlsxwriter.Workbook", "DictWriter")
    writers = {
        path.relative_to(app_folder).as_posix()
        for path in app_folder.rglob("*.py")
        if any(mark in path.read_text(encoding="utf-8") for mark in marks)
    }
    assert writers == {"render/tabular_files.py"}
    assert csv_bytes([[None, 1.5, "ä"]]) == b"\xef\xbb\xbf;1,5;\xc3\xa4\r\n"
