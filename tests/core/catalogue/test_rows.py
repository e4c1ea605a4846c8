from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.catalogue import (
    Area,
    ChangeTarget,
    Course,
    CourseSession,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
)
from app.core.catalogue.table_reader import FURTHER, HEADER, ReadOptions, read_courses
from app.core.catalogue.table_writer import courses_to_rows
from app.core.languages import Language, PartlyTranslatedText, TranslatedText, Translations
from app.core.tables.cells import TableRow
from app.core.tables.errors import TableErrorCode
from app.core.tables.row_reader import escape_formula, unescape_formula

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTING = ReadOptions(zone=ZONE, now=NOW)
GOOD = {
    "external_id": "K1",
    "title_fi": "Työ rullaa",
    "area": "wellbeing",
    "dimensions": "control:3|demands:1",
    "target": "work",
    "audience": "everyone",
    "evidence_grade": "B",
    "languages": "fi|sv",
    "provider": "Keksitty koulutus",
    "offering_id": "K1-a",
    "mode": "onsite",
    "start": "2027-01-31T14:00",
    "end": "2027-01-31T16:00",
    "capacity": "20",
}


def read(*rows, setting=SETTING, known=None):
    return read_courses(
        [TableRow(number, {**GOOD, **row}) for number, row in enumerate(rows, start=2)], setting=setting, known=known
    )


def a_course(**changes):
    offering = Offering(
        external_id="K1-a",
        mode=DeliveryMode.BLENDED,
        place="Kirjasto",
        accessibility=PartlyTranslatedText("Hissi"),
        capacity=20,
        min_participants=6,
        sessions=(
            CourseSession(datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2027, 3, 1, 14, tzinfo=UTC)),
            CourseSession(datetime(2027, 4, 1, 11, tzinfo=UTC), datetime(2027, 4, 1, 13, tzinfo=UTC)),
        ),
        member_quota=15,
        registration_url="https://ilmo.example/1",
        registration_opens=date(2027, 1, 1),
        registration_closes=date(2027, 2, 1),
        price_eur=12345.67,
        payer="Kunta",
        status=CourseStatus.ACTIVE,
        quotas={"m1": 5},
    )
    course = Course(
        external_id="K1",
        title=TranslatedText("=1+1", "Två", "Two"),
        description=TranslatedText("'=x", "-y", "line\nline"),
        area=Area.WELLBEING,
        dimensions=(Relevance("control", 3, 2), Relevance("demands", 1)),
        target=ChangeTarget.WORK,
        audience=("everyone", "teams"),
        evidence_grade=EvidenceGrade.B,
        evidence_note=PartlyTranslatedText("@note"),
        evidence_url="https://doi.example/1",
        hours=2.5,
        ects=None,
        languages=(Language.FI, Language.SV),
        prerequisites=PartlyTranslatedText("+none"),
        provider="Keksitty",
        status=CourseStatus.ACTIVE,
        updated_at=NOW,
        offerings=(offering,),
    )
    return replace(course, **changes)


def faults(checked):
    return [(problem.row, problem.column, problem.fault) for problem in checked.problems]


def test_a_good_row_becomes_a_course_with_an_offering():
    checked = read({})
    assert checked.problems == ()
    (course,) = checked.courses
    assert course.dimensions == (Relevance("control", 3), Relevance("demands", 1))
    assert course.offerings[0].sessions == (
        CourseSession(datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2027, 1, 31, 14, tzinfo=UTC)),
    )
    assert course.title.sv == "Työ rullaa"


def test_what_is_written_is_read_back_the_same():
    table = courses_to_rows([a_course(), a_course(external_id="K2", offerings=())], zone=ZONE)
    rows = [TableRow(n, dict(zip(table[0], line, strict=True))) for n, line in enumerate(table[1:], start=2)]
    checked = read_courses(rows, setting=SETTING)
    assert checked.problems == ()
    assert checked.courses == (a_course(), a_course(external_id="K2", offerings=()))


def test_notes_have_a_column_for_each_language_and_the_one_of_earlier_tables_is_read():
    notes = {"evidence_note_sv": "Forskning", "evidence_note_en": "Research", "evidence_note": "Jotakin"}
    (course,) = read({**notes, "prerequisites": "Lue ensin", "accessibility_fi": "Hissi"}).courses
    assert course.evidence_note == PartlyTranslatedText("Forskning", Translations("", "Forskning", "Research"))
    assert (
        course.evidence_note.in_language(Language.EN) == "Research"
        and course.evidence_note.in_language(Language.FI) == "Forskning"
    )
    assert course.prerequisites == PartlyTranslatedText("Lue ensin")
    assert course.prerequisites.language_for(Language.SV) is None
    assert course.offerings[0].accessibility.language_for(Language.SV) is Language.FI


def test_notes_in_several_languages_are_written_and_read_back():
    note = PartlyTranslatedText("Työ", Translations("Työ", "", "=Work"))
    course = a_course(evidence_note=note, prerequisites=note)
    course = replace(course, offerings=(replace(course.offerings[0], accessibility=note),))
    table = courses_to_rows([course], zone=ZONE)
    rows = [TableRow(n, dict(zip(table[0], line, strict=True))) for n, line in enumerate(table[1:], start=2)]
    assert read_courses(rows, setting=SETTING).courses == (course,)


def test_a_table_without_notes_leaves_them_and_an_empty_column_clears_one():
    known = a_course()
    setting = replace(SETTING, columns=frozenset((*HEADER, "evidence_note_sv")))
    (course,) = read({}, setting=setting, known={"K1": known}).courses
    assert course.evidence_note == PartlyTranslatedText("")
    assert course.prerequisites == known.prerequisites


def test_no_written_cell_begins_like_a_formula():
    for line in courses_to_rows([a_course()], zone=ZONE):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in line)


@given(st.text(max_size=20))
def test_neutralising_is_undone_by_understanding(text):
    assert unescape_formula(escape_formula(text)) == text


def test_several_rows_of_one_course_are_several_offerings_and_sessions():
    checked = read(
        {},
        {"start": "2027-02-07T14:00", "end": "2027-02-07T16:00"},
        {"offering_id": "K1-b", "start": "2027-05-01", "end": "2027-05-02", "title_fi": "", "capacity": "8"},
    )
    assert checked.problems == ()
    first, second = checked.courses[0].offerings
    assert len(first.sessions) == 2
    assert (second.external_id, second.capacity) == ("K1-b", 8)


@pytest.mark.parametrize(
    ("cells", "column", "fault"),
    [
        ({"external_id": ""}, "external_id", TableErrorCode.MISSING),
        ({"external_id": "K 1"}, "external_id", TableErrorCode.NOT_A_NAME),
        ({"title_fi": ""}, "title_fi", TableErrorCode.MISSING),
        ({"title_fi": "x" * 201}, "title_fi", TableErrorCode.TOO_LONG),
        ({"title_fi": "a\x07b"}, "title_fi", TableErrorCode.UNPRINTABLE),
        ({"area": "sport"}, "area", TableErrorCode.UNKNOWN_WORD),
        ({"dimensions": "control"}, "dimensions", TableErrorCode.NOT_PAIRS),
        ({"dimensions": "control:4"}, "dimensions", TableErrorCode.OUT_OF_RANGE),
        ({"dimensions": "contrl:3"}, "dimensions", TableErrorCode.UNKNOWN_WORD),
        ({"dimensions": "control:3|control:2"}, "dimensions", TableErrorCode.REPEATED),
        ({"target": ""}, "target", TableErrorCode.MISSING),
        ({"audience": "nobody"}, "audience", TableErrorCode.UNKNOWN_WORD),
        ({"evidence_grade": "E"}, "evidence_grade", TableErrorCode.UNKNOWN_WORD),
        ({"evidence_url": "javascript:alert(1)"}, "evidence_url", TableErrorCode.NOT_AN_ADDRESS),
        ({"hours": "two"}, "hours", TableErrorCode.NOT_A_NUMBER),
        ({"ects": "inf"}, "ects", TableErrorCode.NOT_A_NUMBER),
        ({"languages": "fi|de"}, "languages", TableErrorCode.UNKNOWN_WORD),
        ({"provider": ""}, "provider", TableErrorCode.MISSING),
        ({"mode": "post"}, "mode", TableErrorCode.UNKNOWN_WORD),
        ({"start": "31.2.2027"}, "start", TableErrorCode.NOT_A_MOMENT),
        ({"end": ""}, "end", TableErrorCode.NEEDS_BOTH_ENDS),
        ({"end": "2027-01-31T13:00"}, "end", TableErrorCode.ENDS_FIRST),
        ({"capacity": "-1"}, "capacity", TableErrorCode.OUT_OF_RANGE),
        ({"capacity": "2.5"}, "capacity", TableErrorCode.NOT_A_NUMBER),
        ({"capacity": ""}, "capacity", TableErrorCode.MISSING),
        ({"min_participants": "21"}, "min_participants", TableErrorCode.OUT_OF_RANGE),
        ({"member_quota": "21"}, "member_quota", TableErrorCode.OUT_OF_RANGE),
        ({"reg_opens": "soon"}, "reg_opens", TableErrorCode.NOT_A_DATE),
        ({"reg_opens": "2027-02-01", "reg_closes": "2027-01-01"}, "reg_closes", TableErrorCode.ENDS_FIRST),
        ({"price_eur": "-3"}, "price_eur", TableErrorCode.OUT_OF_RANGE),
        ({"status": "gone"}, "status", TableErrorCode.UNKNOWN_WORD),
        ({"updated_at": "yesterday"}, "updated_at", TableErrorCode.NOT_A_MOMENT),
        ({"offering_id": ""}, "mode", TableErrorCode.NO_OFFERING),
        ({"quotas": "m1"}, "quotas", TableErrorCode.NOT_PAIRS),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(cells, column, fault):
    assert (3, column, fault) in faults(read({"external_id": "K0", "offering_id": "K0-a"}, cells))


def test_every_fault_is_told_at_once():
    assert len(read({"area": "x", "target": "y", "hours": "z"}).problems) == 3


def test_rows_of_one_course_must_agree():
    checked = read({}, {"offering_id": "K1-b", "title_fi": "Muu"})
    assert faults(checked) == [(3, "title_fi", TableErrorCode.DISAGREES)]


def test_an_offering_belongs_to_one_course():
    checked = read({}, {"external_id": "K2"})
    assert faults(checked) == [(3, "offering_id", TableErrorCode.OTHER_COURSE)]


def test_an_offering_of_a_stored_course_is_not_taken_away():
    assert faults(read({"external_id": "K2"}, known={"K1": a_course()})) == [
        (2, "offering_id", TableErrorCode.OTHER_COURSE)
    ]


def test_what_the_table_does_not_speak_of_stays():
    setting = replace(SETTING, columns=frozenset(HEADER))
    (course,) = read({"offering_id": "K1-z"}, setting=setting, known={"K1": a_course()}).courses
    assert course.evidence_note == PartlyTranslatedText("@note")
    assert course.dimensions[0].second == 2
    assert [one.external_id for one in course.offerings] == ["K1-z", "K1-a"]


def test_a_cancelled_time_does_not_cancel_the_course():
    (course,) = read({"status": "cancelled"}).courses
    assert (course.status, course.offerings[0].status) == (CourseStatus.ACTIVE, CourseStatus.CANCELLED)


def test_the_same_table_again_changes_nothing():
    table = courses_to_rows([a_course()], zone=ZONE)
    rows = [TableRow(n, dict(zip(table[0], line, strict=True))) for n, line in enumerate(table[1:], start=2)]
    checked = read_courses(rows, setting=SETTING, known={"K1": a_course()})
    assert (checked.added, checked.changed, checked.unchanged) == ((), (), ("K1",))


def test_the_header_is_the_fixed_one():
    assert ",".join(HEADER) == (
        "external_id,title_fi,title_sv,title_en,description_fi,description_sv,description_en,area,dimensions,target,"
        "audience,evidence_grade,evidence_url,hours,ects,languages,provider,offering_id,mode,start,end,place,capacity,"
        "min_participants,member_quota,registration_url,reg_opens,reg_closes,price_eur,status,updated_at"
    )
    assert not {*HEADER} & {*FURTHER}
