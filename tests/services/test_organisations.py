import csv
import io

import openpyxl
import pytest

from app.core.organisations import Community, CommunityKind, JoinErrorCode
from app.core.tables.errors import TableErrorCode, TableImportError
from app.services import organisations
from app.store import organisations as store
from tests.conftest import NOON

GROUPS = {"teachers": (), "assistants": ()}
HEADER = ["region", *organisations.NEEDED, *GROUPS, "joined_to", "contact"]
ROWS = [
    ["Lakeland", "m1", "Järvelä", "c1", "Järvelän koulu", "school", "12", "3", "", "aino@example.test"],
    ["Lakeland", "m1", "Järvelä", "c2", "Pikku-Äijälä", "early_childhood", "4", "", "c1", ""],
    ["Lakeland", "m2", "Mäkelä", "c3", "Mäkelän lukio", "upper_secondary", "9", "1", "", ""],
]


def as_csv(rows=ROWS, header=HEADER, *, separator=",", encoding="utf-8"):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows([header, *rows])
    return file.getvalue().encode(encoding)


def as_xlsx(rows=ROWS):
    book = openpyxl.Workbook()
    for row in [HEADER, *rows]:
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def put(session, content):
    return organisations.import_organisations(session, content, groups=GROUPS, by=None, now=NOON)


def with_cell(row, column, value):
    rows = [list(one) for one in ROWS]
    rows[row - 2][HEADER.index(column)] = value
    return rows


@pytest.mark.parametrize(
    "content",
    [
        as_csv(),
        as_csv(separator=";"),
        as_csv(encoding="utf-8-sig"),
        as_csv(separator=";", encoding="utf-8-sig"),
        as_xlsx(),
    ],
    ids=["comma", "semicolon", "bom", "semicolon-bom", "xlsx"],
)
def test_every_shape_of_the_table_gives_the_same_region(session, content):
    put(session, content)
    region = organisations.region(session)
    assert region.name == "Lakeland"
    assert [(unit.id, unit.name, unit.invited_count) for unit in region.units] == [
        ("c1", "Järvelän koulu + Pikku-Äijälä", 19),
        ("c3", "Mäkelän lukio", 10),
    ]
    assert region.units[0].invited == {"teachers": 16, "assistants": 3}


def test_importing_again_changes_nothing_and_says_so(session):
    assert put(session, as_csv()).added == ("c1", "c2", "c3")
    before = organisations.communities(session)
    again = put(session, as_csv())
    assert (again.added, again.changed, again.unchanged) == ((), (), ("c1", "c2", "c3"))
    assert organisations.communities(session) == before


def test_a_community_is_changed_by_its_id_and_others_stay(session):
    put(session, as_csv())
    checked = put(session, as_csv(with_cell(2, "community", "Järvelän yhtenäiskoulu")[:1]))
    assert (checked.changed, checked.untouched) == (("c1",), ("c3", "c2"))
    assert {one.name for one in organisations.communities(session)} == {
        "Järvelän yhtenäiskoulu",
        "Pikku-Äijälä",
        "Mäkelän lukio",
    }


def test_a_column_that_is_absent_changes_nothing(session):
    put(session, as_csv())
    short = [[*ROWS[1][:6], "5"]]
    put(session, as_csv(short, [*HEADER[:6], "teachers"]))
    changed = {one.id: one for one in organisations.communities(session)}["c2"]
    assert (changed.joined_to, changed.head_counts) == ("c1", {"teachers": 5})
    assert {one.id: one for one in organisations.communities(session)}["c1"].contact == "aino@example.test"


def test_what_was_exported_imports_without_a_change(session):
    put(session, as_csv())
    for kind in ("csv", "xlsx"):
        checked = organisations.check_import(
            session, organisations.export_organisations(session, GROUPS, kind=kind), groups=GROUPS
        )
        assert (checked.problems, checked.added, checked.changed) == ((), (), ())


def test_the_template_is_a_table_that_can_be_read(session):
    for kind in ("csv", "xlsx"):
        checked = organisations.check_import(session, organisations.empty_import_file(GROUPS, kind=kind), groups=GROUPS)
        assert (checked.problems, checked.communities) == ((), ())


@pytest.mark.parametrize(
    ("row", "column", "value", "fault"),
    [
        (3, "community_id", "c1", TableErrorCode.REPEATED),
        (3, "community_id", "", TableErrorCode.MISSING),
        (3, "community_id", "c 2", TableErrorCode.NOT_A_NAME),
        (3, "community_id", "c" * 41, TableErrorCode.TOO_LONG),
        (3, "municipality", "Toinen", TableErrorCode.NAMED_OTHERWISE),
        (3, "region", "Elsewhere", TableErrorCode.NAMED_OTHERWISE),
        (4, "kind", "factory", TableErrorCode.UNKNOWN_WORD),
        (4, "teachers", "many", TableErrorCode.NOT_A_NUMBER),
        (4, "teachers", "2.5", TableErrorCode.NOT_A_NUMBER),
        (4, "teachers", "-1", TableErrorCode.OUT_OF_RANGE),
        (4, "joined_to", "c9", TableErrorCode.JOINED_TO_UNKNOWN),
        (4, "joined_to", "c3", TableErrorCode.JOINED_TO_ITSELF),
        (4, "joined_to", "c1", TableErrorCode.JOINED_ELSEWHERE),
        (2, "joined_to", "c2", TableErrorCode.JOINED_IN_A_CHAIN),
    ],
)
def test_a_bad_cell_is_named_with_row_and_column_and_nothing_is_stored(session, row, column, value, fault):
    with pytest.raises(TableImportError) as refused:
        put(session, as_csv(with_cell(row, column, value)))
    assert (row, column, fault) in {(one.row, one.column, one.fault) for one in refused.value.problems}
    assert organisations.communities(session) == ()
    assert organisations.municipalities(session) == ()


def test_all_bad_rows_are_named_at_once(session):
    rows = with_cell(2, "kind", "factory")
    rows[2][HEADER.index("teachers")] = "many"
    checked = organisations.check_import(session, as_csv(rows), groups=GROUPS)
    assert [(one.row, one.column) for one in checked.problems] == [(2, "kind"), (4, "teachers")]


@pytest.mark.parametrize(
    ("header", "column", "fault"),
    [
        (HEADER[:5] + HEADER[6:], "kind", TableErrorCode.MISSING_COLUMN),
        ([*HEADER[:6], "techers", *HEADER[7:]], "techers", TableErrorCode.UNKNOWN_COLUMN),
        ([*HEADER[:-1], "joined_to"], "joined_to", TableErrorCode.REPEATED_COLUMN),
    ],
)
def test_a_wrong_header_is_told_before_any_row(session, header, column, fault):
    with pytest.raises(TableImportError) as refused:
        put(session, as_csv([], header))
    assert (1, column, fault) in {(one.row, one.column, one.fault) for one in refused.value.problems}


def test_a_table_that_joins_onwards_what_others_are_joined_to_is_refused(session):
    put(session, as_csv())
    onwards = [
        ["Lakeland", "m1", "Järvelä", "c1", "Järvelän koulu", "school", "12", "3", "c4", ""],
        ["Lakeland", "m1", "Järvelä", "c4", "Uusi", "school", "2", "", "", ""],
    ]
    checked = organisations.check_import(session, as_csv(onwards), groups=GROUPS)
    assert [(one.row, one.column, one.fault) for one in checked.problems] == [
        (2, "joined_to", TableErrorCode.JOINED_IN_A_CHAIN)
    ]


@pytest.mark.parametrize(
    ("joined_to", "fault"),
    [
        ("c3", JoinErrorCode.ELSEWHERE),
        ("c9", JoinErrorCode.UNKNOWN),
        ("c2", JoinErrorCode.CHAIN),
        ("c1", JoinErrorCode.ITSELF),
    ],
)
def test_one_community_is_not_joined_where_it_cannot_be(session, joined_to, fault):
    put(session, as_csv())
    with pytest.raises(organisations.JoinRefused) as refused:
        changed = Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 3}, joined_to)
        organisations.save_community(session, changed, by=None, now=NOON)
    assert refused.value.fault is fault
    assert {one.id: one.joined_to for one in store.communities(session)} == {"c1": None, "c2": "c1", "c3": None}
