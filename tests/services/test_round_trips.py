"""What is exported comes in again unchanged, whatever texts it holds."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.cli.demo import round_loader
from app.config import ROOT, load_settings
from app.core.catalogue import DIMENSIONS, Area, ChangeTarget, Course, CourseStatus, EvidenceGrade, Relevance
from app.core.catalogue.table_reader import ReadOptions, read_courses
from app.core.catalogue.table_writer import courses_to_rows
from app.core.languages import Language, PartlyTranslatedText, TranslatedText
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.tables.row_reader import escape_formula, unescape_formula
from app.core.text import normal_line, without_bad_characters
from app.factory import create_app
from app.render.tabular_files import table_file
from app.services import catalogue, organisations
from app.store import organisations as store
from app.store.database import Base, database
from app.store.tabular_reader import read_table
from tests.conftest import NOON

ZONE = ZoneInfo("Europe/Helsinki")
KINDS = pytest.mark.parametrize("kind", ["csv", "xlsx"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(without_bad_characters)
ODD = [
    "_x000D_",
    "_x005F_x000A_",
    "'=1",
    "''",
    "=1+1",
    "\ta",
    "1,5",
    "0123",
    "1E5",
    "3.1.2027",
    '"',
    ";",
    "a\n\nb",
    "😀",
]


def through_file(kind, texts):
    rows = [[f"c{place}" for place in range(len(texts))], [escape_formula(text) for text in texts]]
    read = read_table(table_file(kind, "sheet", rows)).rows
    return [unescape_formula(cell) for cell in read[0].cells.values()] if read else ["" for _ in texts]


@KINDS
@example(texts=ODD)
@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
def test_any_text_comes_back_from_a_file_as_it_was(kind, texts):
    expected = ["" if not text or escape_formula(text).isspace() else text for text in texts]
    assert through_file(kind, texts) == expected


@KINDS
@given(number=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_any_number_comes_back_with_the_digits_that_a_spreadsheet_keeps(kind, number):
    (cell,) = read_table(table_file(kind, "sheet", [["a"], [number]])).rows[0].cells.values()
    assert float(cell.replace(",", ".")) == pytest.approx(number, rel=1e-14, abs=1e-300)


UNWRITTEN = PartlyTranslatedText("")
LINES = TEXTS.map(normal_line)
COURSE = Course(
    external_id="K1", title=TranslatedText("a", "a", "a"), description=TranslatedText("", "", ""), area=Area.WELLBEING,
    dimensions=(Relevance(next(iter(DIMENSIONS)), 2),), target=ChangeTarget.WORK, audience=("everyone",),
    evidence_grade=EvidenceGrade.B, evidence_note=UNWRITTEN, evidence_url="", hours=1.5, ects=0.1,
    languages=(Language.FI,),
    prerequisites=UNWRITTEN, provider="X", status=CourseStatus.ACTIVE, updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    offerings=(),
)  # fmt: skip


@KINDS
@given(title=LINES.filter(bool), text=TEXTS, provider=LINES.filter(bool))
def test_a_course_of_any_texts_comes_back_as_it_was(kind, title, text, provider):
    plain = text.strip()
    course = replace(
        COURSE, title=TranslatedText(title, title, title), description=TranslatedText(plain, plain, plain),
        provider=provider,
    )  # fmt: skip
    table = read_table(table_file(kind, "catalogue", courses_to_rows([course], zone=ZONE)))
    setting = ReadOptions(zone=ZONE, now=NOON, columns=frozenset(table.columns))
    checked = read_courses(table.rows, setting=setting, known={"K1": course})
    assert (checked.problems, checked.unchanged) == ((), ("K1",))


@KINDS
@pytest.mark.parametrize("name", [text for text in map(normal_line, ODD) if text])
def test_a_community_of_any_name_comes_back_as_it_was(session, kind, name):
    groups = {"teachers": (), "assistants": ()}
    one = Community("091", name, "m1", CommunityKind.SCHOOL, {"teachers": 12}, contact="")
    store.upsert(session, municipalities=[Municipality("m1", name)], communities=[one], region=("region", name))
    checked = organisations.check_import(
        session, organisations.export_organisations(session, groups, kind=kind), groups=groups
    )
    assert (checked.problems, checked.unchanged, checked.changed) == ((), ("091",), ())


GROUPS = {"teachers": (), "early_childhood": (), "assistants": (), "other_staff": ()}


def exports(session):
    files = {
        f"communities.{kind}": organisations.export_organisations(session, GROUPS, kind=kind)
        for kind in ("csv", "xlsx")
    }
    for kind in ("csv", "xlsx", "jsonld"):
        files[f"catalogue.{kind}"] = catalogue.export(session, kind, zone=ZONE, address=str)
    return files


def comparable(files):
    """Files as they are; of a workbook its cells, for it also holds the moment at which it was made."""
    return {
        name: [dict(row.cells) for row in read_table(content).rows] if name.endswith("xlsx") else content
        for name, content in files.items()
    }


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonld"])
def test_the_demo_fills_an_empty_installation_and_is_exported_identically(session, tmp_path, kind):
    demo = round_loader.DemoContext(ROOT / "surveys" / "wellbeing.toml", tmp_path, bytes(32), NOON)
    round_loader.load_organisations_and_support(session, demo)
    round_loader.load_catalogue(session, demo, ZONE)
    session.commit()
    first = exports(session)
    assert len(organisations.communities(session)) > 50 and len(catalogue.courses(session)) > 20
    empty = create_app(load_settings({}, instance=tmp_path / "second"), clock=lambda: NOON)
    with empty.app_context():
        Base.metadata.create_all(database.engine)
        other = database.session()
        tables = "csv" if kind == "jsonld" else kind
        organisations.import_organisations(other, first[f"communities.{tables}"], groups=GROUPS, by=None, now=NOON)
        catalogue.import_courses(other, first[f"catalogue.{kind}"], zone=ZONE, now=NOON)
        second = exports(other)
        database.session.remove()
        database.engine.dispose()
    assert comparable(second) == comparable(first)
