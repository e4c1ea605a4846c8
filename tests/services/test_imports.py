import pytest

from app.core.instruments import parse
from app.core.languages import Language
from app.core.tables.errors import TableImportError
from app.core.tables.headers import ANSWERS, column_name_resolver
from app.services.imports.limesurvey_questionnaire import questionnaire_toml
from app.services.imports.limesurvey_responses import LimeRespondentQuestions, answers_table_from_responses
from app.services.imports.limesurvey_structure import read_structure
from app.services.imports.long_format import is_long, pivot_to_wide
from app.store.tabular_reader import read_table, require_columns
from app.web.shared.table_error_words import error_sentences
from tests.core.synthetic_region import questionnaire
from tests.services import limesurvey

STRUCTURES = pytest.mark.parametrize("content", [limesurvey.old(), limesurvey.new()], ids=["version 3", "version 6"])


def reasons(refusal):
    return error_sentences(refusal.value.problems)


def sheet(*lines, name="answers.csv", rename=None):
    return read_table("\n".join(lines).encode(), name=name, rename=rename or column_name_resolver(ANSWERS))


@STRUCTURES
def test_a_limesurvey_structure_becomes_a_questionnaire(content):
    survey = read_structure(content, name="survey.lss")
    made = parse(questionnaire_toml(survey, name="survey.lss", group="where"), name="made")
    assert list(made.item_ids) == ["control_SQ001", "control_SQ002", "mood"]
    assert made.languages == (Language.FI, Language.EN)
    assert made.item("control_SQ001").text.fi == "Voin päättää tauoista"
    assert [option.label.en for option in made.item("control_SQ002").options] == ["Disagree", "Cannot say", "Agree"]
    assert [len(option) for option in (made.item("control_SQ001").options, made.item("mood").options)] == [3, 5]
    assert [(scale.title.en, scale.items) for scale in made.scales] == [
        ("I have a say", ("control_SQ001", "control_SQ002")),
        ("How are you?", ("mood",)),
    ]
    assert [group.id for group in made.groups] == ["pine", "fir"]


def responses(content, *lines, community="where"):
    survey = read_structure(content, name="survey.lss")
    made = parse(questionnaire_toml(survey, name="survey.lss"), name="made")
    head = "id,submitdate,control[SQ001],control[SQ002],mood,where"
    return answers_table_from_responses(
        sheet(head, *lines, rename=str), survey, made, columns=LimeRespondentQuestions(community)
    )


@STRUCTURES
@pytest.mark.parametrize("answers", ["A1,A3,5,pine", "Eri mieltä,Agree,5,Männikön koulu"], ids=["codes", "in full"])
def test_responses_are_understood_as_codes_and_in_full(content, answers):
    (line,) = responses(content, f"1,1980-01-01 00:00:00,{answers}").rows
    assert line.cells == {
        "community": "Männikön koulu",
        "group": "",
        "control_SQ001": "1",
        "control_SQ002": "3",
        "mood": "5",
    }


def test_responses_that_were_not_submitted_are_left_out():
    read = responses(limesurvey.new(), "1,,A1,A1,1,pine", "2,1980-01-01,,A1,N/A,pine")
    assert [(line.number, line.cells["control_SQ001"], line.cells["mood"]) for line in read.rows] == [(3, "", "")]


def test_a_response_that_fits_no_option_is_named():
    with pytest.raises(TableImportError) as refusal:
        responses(limesurvey.new(), "1,1980,A1,A7,1,pine", "2,1980,A1,A1,9,pine")
    assert reasons(refusal) == [
        "answers.csv, row 2, column control[SQ002]: “A7” is not an answer to this question; its answers are A1, A2, A3",
        "answers.csv, row 3, column mood: “9” is not an answer to this question; its answers are 1, 2, 3, 4, 5",
    ]


def test_a_question_that_is_not_there_is_named():
    with pytest.raises(TableImportError) as refusal:
        responses(limesurvey.new(), "1,1980,A1,A1,1,pine", community="school")
    assert reasons(refusal) == ["answers.csv, row 1, column school: there is no such column"]


BOMB = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><document>&b;</document>'


@pytest.mark.parametrize("content", [b"nothing", b"<document/>", BOMB], ids=["text", "other XML", "entities"])
def test_what_is_no_structure_is_refused(content):
    with pytest.raises(TableImportError):
        read_structure(content, name="survey.lss")


LONG = "respondent,community,group,item,value"


def test_the_long_form_becomes_one_row_for_each_respondent():
    read = sheet(LONG, "1,pine,teacher,c1,4", "2,fir,,d2,1", "1,pine,teacher,d1,", "3,fir,,,")
    assert is_long(read)
    wide = pivot_to_wide(read, questionnaire())
    assert [(line.number, line.cells["community"], line.cells["c1"], line.cells["d2"]) for line in wide.rows] == [
        (2, "pine", "4", ""),
        (3, "fir", "", "1"),
        (5, "fir", "", ""),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,pine,,c1,5", "row 3, column item: respondent “1” has already answered “c1”"),
        (
            "1,fir,,c2,5",
            "row 3, column community: respondent “1” had “pine” on an earlier row; "
            "a respondent can have only one community",
        ),
        ("1,pine,,c9,5", "row 3, column item: the questionnaire has no item “c9”"),
        ("1,pine,,c2,9", "row 3, column value: “9” is not an option of “c2”; use 1, 2, 3, 4, 5 or leave it empty"),
        (
            ",pine,,c2,4",
            "row 3, column respondent: each respondent needs an identifier of their own (a number or a word)",
        ),
    ],
)
def test_a_bad_row_of_the_long_form_is_named(line, reason):
    with pytest.raises(TableImportError) as refusal:
        pivot_to_wide(sheet(LONG, "1,pine,,c1,4", line), questionnaire())
    assert reasons(refusal) == [f"answers.csv, {reason}"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "answers.csv: The file is empty. Start from the template."),
        (b"a,a\n1,2\n", "answers.csv, row 1, column a: This column appears twice. Keep one of them."),
        (
            b"a,b\n1,2,3\n",
            "answers.csv, row 2: 3 cells, but only 2 fit. Put quotation marks around texts that contain the separator.",
        ),
        (
            b"a,,b\n1,x,2\n",
            "answers.csv, row 2: Column B contains “x” but has no name. Write its name in the first row, or empty the "
            "column.",
        ),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_place(content, reason):
    with pytest.raises(TableImportError) as refusal:
        require_columns(read_table(content, name="answers.csv"), ["a"], allowed=["b"])
    assert reasons(refusal) == [reason]


@pytest.mark.parametrize("content", ["a;b\n1;2\n", "a\tb\n1\t2\n", "\ufeffa,b\r\n1,2\r\n\r\n"])
def test_the_usual_kinds_of_csv_are_read(content):
    read = read_table(content.encode(), name="x.csv")
    assert [dict(line.cells) for line in read.rows] == [{"a": "1", "b": "2"}]
