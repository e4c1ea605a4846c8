import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import xlsxwriter

from app.core.catalogue import ChangeTarget, CourseStatus, EvidenceGrade, Relevance
from app.core.catalogue.table_reader import HEADER
from app.core.languages import Language
from app.core.tables.errors import TableErrorCode, TableImportError
from app.render.tabular_files import xlsx_bytes
from app.services import catalogue
from app.store import courses

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CELLS = {
    "external_id": "K1",
    "title_fi": "Työ rullaa",
    "description_fi": "Kaksi\nriviä; ja, merkkejä",
    "area": "hyvinvointi",
    "dimensions": "control:3|demands:1",
    "target": "work",
    "evidence_grade": "B",
    "hours": "2.5",
    "languages": "fi",
    "provider": "Keksitty koulutus",
    "offering_id": "K1-a",
    "mode": "self-paced",
    "start": "2027-01-31T14:00",
    "end": "2027-01-31T16:00",
    "capacity": "20",
}


def csv_of(*rows, separator=",", header=HEADER):
    def quote(text):
        return '"' + text.replace('"', '""') + '"'

    lines = [separator.join(header)]
    lines += [separator.join(quote({**CELLS, **row}.get(column, "")) for column in header) for row in rows]
    return "\r\n".join(lines).encode()


def xlsx_of(rows):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.close()
    return file.getvalue()


def bring(session, content):
    return catalogue.import_courses(session, content, zone=ZONE, now=NOW)


def refusal(session, content):
    with pytest.raises(TableImportError) as refused:
        bring(session, content)
    return refused.value.problems


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_csv_is_read_whatever_its_separator_and_mark(session, separator, mark):
    bring(session, mark + csv_of({}, separator=separator))
    (course,) = catalogue.courses(session)
    assert course.description.fi == "Kaksi\nriviä; ja, merkkejä"
    assert course.offerings[0].sessions[0].start == datetime(2027, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonld"])
def test_an_export_imported_again_changes_nothing(session, kind):
    bring(session, csv_of({}, {"external_id": "K2", "offering_id": "K2-a", "title_fi": "'=1+1"}))
    before = catalogue.courses(session)
    checked = bring(session, catalogue.export(session, kind, zone=ZONE, address=str))
    assert checked.unchanged == ("K2", "K1")
    assert catalogue.courses(session) == before


def test_an_export_fills_an_empty_catalogue_with_the_same(session):
    bring(session, csv_of({}))
    before = catalogue.courses(session)
    content = catalogue.export(session, "jsonld", zone=ZONE, address=str)
    catalogue.remove_course(session, "K1", by=None, now=NOW)
    assert catalogue.courses(session) == ()
    bring(session, content)
    assert catalogue.courses(session) == before


def test_one_bad_row_keeps_everything_out(session):
    problems = refusal(session, csv_of({}, {"external_id": "K2", "offering_id": "K2-a", "capacity": "many"}))
    assert [(one.row, one.column) for one in problems] == [(3, "capacity")]
    assert catalogue.courses(session) == ()


def test_a_second_import_changes_by_identifier_and_keeps_other_offerings(session):
    bring(session, csv_of({}))
    checked = bring(session, csv_of({"title_fi": "Uusi nimi", "offering_id": "K1-b"}))
    (course,) = catalogue.courses(session)
    assert checked.changed == ("K1",)
    assert course.title.fi == "Uusi nimi"
    assert {one.external_id for one in course.offerings} == {"K1-a", "K1-b"}


def test_a_dry_run_stores_nothing(session):
    checked = catalogue.check_import(session, csv_of({}), zone=ZONE, now=NOW)
    assert checked.added == ("K1",)
    assert catalogue.courses(session) == ()


def test_a_formula_in_a_sheet_is_named(session):
    content = xlsx_of([list(HEADER), [CELLS.get(one, "") if one != "capacity" else "=10+10" for one in HEADER]])
    assert (2, "capacity", TableErrorCode.FORMULA) in [
        (one.row, one.column, one.fault) for one in refusal(session, content)
    ]


def test_numbers_and_dates_of_a_sheet_are_understood(session):
    row = [20 if one == "capacity" else CELLS.get(one, "") for one in HEADER]
    bring(session, xlsx_of([list(HEADER), row]))
    assert catalogue.courses(session)[0].offerings[0].capacity == 20


def test_columns_that_are_missing_strange_or_double_are_named(session):
    header = (*HEADER[1:], "colour", "area")
    found = {(one.column, one.fault) for one in refusal(session, csv_of({}, header=header))}
    assert found == {
        ("external_id", TableErrorCode.MISSING_COLUMN),
        ("colour", TableErrorCode.UNKNOWN_COLUMN),
        ("area", TableErrorCode.REPEATED_COLUMN),
    }


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", TableErrorCode.EMPTY_FILE),
        (b"\xff\xfe\x00", TableErrorCode.UNREADABLE),
        (b"PK\x03\x04 but no sheet", TableErrorCode.UNREADABLE),
        (b"a,b\0", TableErrorCode.UNREADABLE),
        (b"x" * 5_000_001, TableErrorCode.TOO_BIG),
        (b"{not json", TableErrorCode.UNREADABLE),
        (b"[" * 100_000, TableErrorCode.UNREADABLE),
        (b"{}", TableErrorCode.EMPTY_FILE),
        (b"external_id\n" + b"a\n" * 10_001, TableErrorCode.TOO_MANY_ROWS),
    ],
)
def test_what_is_no_table_is_refused_whole(session, content, fault):
    assert refusal(session, content)[0].fault == fault


def remade(edit):
    """A sheet whose table was edited as XML, packed again."""
    packed = io.BytesIO()
    whole = io.BytesIO(xlsx_bytes([("catalogue", [["external_id"], ["K1"]])]))
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            target.writestr(part.filename, edit(content) if part.filename.endswith("sheet1.xml") else content)
    return packed.getvalue()


def bomb(content):
    return content.replace(b"</worksheet>", b" " * 70_000_000 + b"</worksheet>")


def lying(packed):
    """The same file, with a size in its directory that is far too small."""
    told = bytearray(packed)
    place = -1
    while (place := packed.find(b"PK\x01\x02", place + 1)) >= 0:
        if int.from_bytes(packed[place + 24 : place + 28], "little") > 50_000_000:
            told[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(told)


def with_entities(content):
    return content.replace(b"?>", ENTITIES, 1).replace(b"</worksheet>", b"&b;</worksheet>")


ENTITIES = b'?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (remade(bomb), TableErrorCode.TOO_BIG),
        (lying(remade(bomb)), TableErrorCode.UNREADABLE),
        (
            remade(lambda xml: xml.replace(b"?>", ENTITIES, 1).replace(b"</worksheet>", b"&b;</worksheet>")),
            TableErrorCode.UNREADABLE,
        ),
        (remade(lambda xml: xml[: len(xml) // 2]), TableErrorCode.UNREADABLE),
        (
            remade(lambda xml: xml.replace(b't="s"', b't="s" s="??"').replace(b"<v>0</v>", b"<v>99</v>")),
            TableErrorCode.UNREADABLE,
        ),
        (remade(lambda xml: xml)[:-60], TableErrorCode.UNREADABLE),
    ],
    ids=["bomb", "lying bomb", "entities", "half", "no such text", "cut off"],
)
def test_a_sheet_that_was_made_to_harm_is_refused_whole(session, content, fault):
    assert refusal(session, content)[0].fault == fault


def test_a_row_longer_than_the_header_is_named(session):
    content = csv_of({}) + b',"too","much"'
    assert [(one.row, one.fault) for one in refusal(session, content)] == [(2, TableErrorCode.TOO_MANY_CELLS)]


def test_linked_data_of_others_comes_in_as_drafts(session):
    document = {
        "@context": "https://schema.org",
        "@type": "Course",
        "@id": "course-7",
        "name": "Palautuminen",
        "provider": {"@type": "Organization", "name": "Keksitty opisto"},
        "inLanguage": "fi-FI",
        "hasCourseInstance": {
            "@type": "CourseInstance",
            "courseMode": "Online",
            "startDate": "2027-02-01T12:00:00Z",
            "endDate": "2027-02-01T14:00:00Z",
            "maximumAttendeeCapacity": 12,
        },
    }
    bring(session, json.dumps(document).encode())
    (course,) = catalogue.courses(session)
    assert (course.title.fi, course.evidence_grade.value, course.offerings[0].capacity) == ("Palautuminen", "D", 12)
    assert course.status is CourseStatus.DRAFT
    judged = replace(
        course,
        status=CourseStatus.ACTIVE,
        evidence_grade=EvidenceGrade.B,
        target=ChangeTarget.TEAM,
        dimensions=(Relevance("control", 3),),
    )
    courses.upsert_courses_and_replace_offerings(session, [judged])
    bring(session, json.dumps(document | {"name": "Palautuminen työssä"}).encode())
    (again,) = catalogue.courses(session)
    assert again.title.fi == "Palautuminen työssä"
    assert (again.status, again.evidence_grade, again.target, again.dimensions) == (
        CourseStatus.ACTIVE,
        EvidenceGrade.B,
        ChangeTarget.TEAM,
        judged.dimensions,
    )


def test_the_template_holds_the_fixed_header_and_a_guide():
    assert catalogue.template_csv().decode("utf-8-sig").strip() == ";".join(HEADER)
    book = openpyxl.load_workbook(io.BytesIO(catalogue.template_xlsx(Language.SV)))
    assert [cell.value for cell in book["catalogue"][1]] == list(HEADER)
    assert book["guide"]["A2"].value == "external_id"
