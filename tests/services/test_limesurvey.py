"""Structures of LimeSurvey: every question is accounted for, and nothing that is no step of a scale is scored."""

import io
import zipfile
from xml.sax.saxutils import escape

import pytest

from app.core.instruments import parse
from app.core.languages import Language
from app.core.tables.errors import TableErrorCode, TableImportError
from app.services.imports.limesurvey_questionnaire import (
    OmissionReason,
    conversion_report,
    convertible_items,
    no_longer_convertible_questions,
    questionnaire_toml,
)
from app.services.imports.limesurvey_responses import LimeRespondentQuestions, answers_table_from_responses
from app.services.imports.limesurvey_structure import mark_options_as_not_answered, read_structure
from app.store.tabular_reader import read_table

AGREE = ("Disagree", "Neither", "Agree")


def structure(*questions, kind="Survey"):
    """A structure file; a question is (code, type, text, options), an array has one row of that text."""
    tables = {name: "" for name in ("questions", "question_l10ns", "subquestions", "answers", "answer_l10ns")}
    for number, (code, sort, text, options) in enumerate(questions, start=1):
        qid = number * 100
        tables["questions"] += _row(qid=qid, gid=1, parent_qid=0, type=sort, title=code, question_order=number)
        tables["question_l10ns"] += _row(qid=qid, question=text, language="en")
        if sort in "F1":
            tables["subquestions"] += _row(qid=qid + 1, parent_qid=qid, title="1", question_order=1, scale_id=0)
            tables["question_l10ns"] += _row(qid=qid + 1, question=text, language="en")
        for place, label in enumerate(options, start=1):
            aid = qid + place
            tables["answers"] += _row(aid=aid, qid=qid, code=f"A{place}", sortorder=place, scale_id=0)
            tables["answer_l10ns"] += _row(aid=aid, answer=label, language="en")
    tables["groups"] = _row(gid=1, group_order=1)
    tables["surveys_languagesettings"] = _row(surveyls_language="en", surveyls_title="Own survey")
    body = "".join(f"<{name}><rows>{rows}</rows></{name}>" for name, rows in tables.items())
    languages = "<languages><language>en</language></languages>"
    head = f"<LimeSurveyDocType>{kind}</LimeSurveyDocType><DBVersion>623</DBVersion>{languages}"
    return f"<document>{head}{body}</document>".encode()


def _row(**cells):
    return "<row>" + "".join(f"<{name}>{escape(str(cell))}</{name}>" for name, cell in cells.items()) + "</row>"


def survey_of(*questions):
    return read_structure(structure(*questions), name="survey.lss")


def made(survey):
    return parse(questionnaire_toml(survey, name="survey.lss"), name="made")


def labels(survey, item="W_1"):
    return [option.label.en for option in made(survey).item(item).options]


@pytest.mark.parametrize(
    "words",
    ["Cannot say", "I don’t know", "N/A", "Not applicable", "Prefer not to say", "En osaa sanoa", "Ei koske minua",
     "EOS", "Vet ej", "Kan inte säga", "Gäller inte mig"],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_an_answer_that_is_no_step_of_the_scale_is_not_scored(words, first):
    options = (words, *AGREE) if first else (*AGREE, words)
    survey = survey_of(("W", "F", "I can plan my day", options))
    assert labels(survey) == list(AGREE)
    assert conversion_report(survey).no_answer == (("W", words),)
    assert f"“{words}” counts as not answered" in questionnaire_toml(survey, name="survey.lss")
    code = "A1" if first else "A4"
    table = read_table(f"id,W[1],where\n1,{code},x\n2,{words},x\n3,Agree,x\n".encode(), name="r.csv", rename=str)
    rows = answers_table_from_responses(table, survey, made(survey), columns=LimeRespondentQuestions("where")).rows
    assert [row.cells["W_1"] for row in rows] == ["", "", "3"]


def test_cannot_say_between_the_others_is_the_middle_and_is_named():
    survey = survey_of(("W", "F", "I can plan my day", ("Disagree", "Cannot say", "Agree")))
    assert labels(survey) == ["Disagree", "Cannot say", "Agree"]
    assert conversion_report(survey).middle == (("W", "Cannot say"),)


def test_a_person_decides_which_options_are_no_step():
    survey = survey_of(("W", "F", "a", ("Low", "Depends", "High", "Cannot say")), ("V", "F", "b", (*AGREE, "N/A")))
    chosen = mark_options_as_not_answered(survey, {"W": ["A2"]})
    assert labels(chosen) == ["Low", "High", "Cannot say"]
    assert labels(chosen, "V_1") == list(AGREE)
    assert conversion_report(chosen).no_answer == (("W", "Depends"), ("V", "N/A"))
    assert no_longer_convertible_questions(survey, mark_options_as_not_answered(survey, {"V": ["A1", "A2", "A3"]})) == (
        "V",
    )
    middle = survey_of(("W", "F", "a", ("Disagree", "Cannot say", "Agree")))
    assert conversion_report(mark_options_as_not_answered(middle, {"W": []})).middle == ()


def test_labels_that_were_edited_are_found_by_place_or_their_answers_are_named():
    survey = survey_of(("W", "F", "a", ("Low", "Depends", "High", "Top", "Cannot say")))
    table = read_table(b"id,W[1],where\n1,A1,x\n2,A4,x\n", name="r.csv", rename=str)

    def numbers(source):
        for number, label in enumerate(("Low", "Depends", "High", "Top", "Cannot say")):
            source = source.replace(f'"{label}"', f'"edited {number}"')
        instrument = parse(source, name="made")
        rows = answers_table_from_responses(table, survey, instrument, columns=LimeRespondentQuestions("where")).rows
        return [row.cells["W_1"] for row in rows]

    assert numbers(questionnaire_toml(survey, name="s")) == ["1", "4"]
    by_hand = questionnaire_toml(mark_options_as_not_answered(survey, {"W": ["A2", "A5"]}), name="s")
    with pytest.raises(TableImportError) as refused:
        numbers(by_hand)
    assert {problem.fault for problem in refused.value.problems} == {TableErrorCode.NO_ANSWER_OF_QUESTION}


def test_ordinary_words_are_steps():
    options = ("Cannot", "Does not know me", "No", "Say nothing")
    assert labels(survey_of(("W", "F", "a", options))) == list(options)


def test_of_questions_with_one_code_the_first_is_taken_and_the_others_are_named():
    """Versions before 2 allowed it; the later questions must neither vanish nor mix with the first."""
    survey = read_structure(
        structure(
            ("Q-1", "F", "How often?", AGREE), ("Q-1", "F", "How much?", AGREE[:2]), ("Q_1", "T", "Why?", ()),
            ("Q2", "F", "And then?", AGREE),
        ),
        name="file",
    )  # fmt: skip
    assert [item.texts[Language.EN] for item in convertible_items(survey)] == ["How often?", "And then?"]
    assert conversion_report(survey).left_out == (
        ("Q-1", OmissionReason.REPEATED_CODE),
        ("Q_1", OmissionReason.REPEATED_CODE),
    )
    text = questionnaire_toml(survey, name="file")
    assert [len(item.options) for item in parse(text, name="made").items] == [3, 3]
    assert text.count("# Left out: ") == 2


def test_every_question_is_taken_or_left_out_with_its_reason():
    kinds = "1CDEGHIKLMNOPQRSTUXY!:;|*"
    asked = [(f"Q{number}", kind, "Text", AGREE) for number, kind in enumerate(kinds)]
    survey = survey_of(("W", "F", "Text", AGREE), ("BIG", "F", "Text", range(12)), ("ONE", "F", "Text", ("a",)), *asked)
    left_out = dict(conversion_report(survey).left_out)
    taken = {item.question.code for item in convertible_items(survey)}
    assert taken | set(left_out) == {question.code for question in survey.questions} and not taken & set(left_out)
    assert (left_out["BIG"], left_out["ONE"]) == (OmissionReason.TOO_MANY_OPTIONS, OmissionReason.TOO_FEW_OPTIONS)
    assert left_out[f"Q{kinds.index('1')}"] is OmissionReason.TWO_SCALES
    assert left_out[f"Q{kinds.index('L')}"] is OmissionReason.LIST
    assert left_out[f"Q{kinds.index('K')}"] is OmissionReason.NO_SCALE
    text = questionnaire_toml(survey, name="survey.lss")
    assert all(f"# Left out: {code}: " in text for code in left_out)
    parse(text, name="made")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<style>.x{color:red}</style><p>My <b>w</b>ork</p><script>hideRow(1);</script>", "My work"),
        ("Hours: if < 1 pick the first, if > 10 the last", "Hours: if < 1 pick the first, if > 10 the last"),
        ("Children <5 years & >2", "Children <5 years & >2"),
        ("choose <name> here", "choose <name> here"),
        ("One<br/>two&nbsp;three &lt;b&gt;", "One two three <b>"),
        ("<!-- hidden -->Seen", "Seen"),
    ],
)
def test_markup_is_taken_away_and_text_stays(written, read):
    assert made(survey_of(("W", "F", written, AGREE))).item("W_1").text.en == read


def test_placeholders_and_two_ends_are_named():
    survey = survey_of(("W", "F", "I can, {TOKEN:FIRSTNAME}", AGREE), ("V", "F", "Calm|Hurried", AGREE))
    assert conversion_report(survey).placeholders == (("W_1", "{TOKEN:FIRSTNAME}"),)
    assert conversion_report(survey).two_sided == ("V_1",)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (structure(kind="Group"), ".lsg"),
        (structure(kind="Question"), ".lsq"),
        (b"PK\x03\x04 an archive", ".lsa"),
        (b"<other/>", "other"),
    ],
)
def test_other_files_of_limesurvey_are_named(content, named):
    with pytest.raises(TableImportError) as refused:
        read_structure(content, name="x")
    (problem,) = refused.value.problems
    assert (problem.fault, problem.value) == (TableErrorCode.OTHER_STRUCTURE, named)


def test_codes_or_labels_are_decided_for_the_whole_file():
    survey = survey_of(("W", "F", "a", ("A3", "A2", "A1")), ("V", "F", "b", AGREE))
    instrument = made(survey)

    def answers(*lines):
        table = read_table("\n".join(["id,W[1],V[1],where", *lines]).encode(), name="r.csv", rename=str)
        return [
            row.cells["W_1"]
            for row in answers_table_from_responses(
                table, survey, instrument, columns=LimeRespondentQuestions("where")
            ).rows
        ]

    assert answers("1,A1,A1,x", "2,A3,A2,x") == ["1", "3"]
    assert answers("1,A1,Agree,x", "2,A3,Neither,x") == ["3", "1"]


def test_a_label_of_two_options_is_no_answer_of_either():
    survey = survey_of(("W", "F", "a", ("Yes", "No", "Yes")))
    table = read_table(b"id,W[1],where\n1,Yes,x\n", name="r.csv", rename=str)
    with pytest.raises(TableImportError):
        answers_table_from_responses(table, survey, made(survey), columns=LimeRespondentQuestions("where"))


def test_an_archive_that_is_a_real_zip_is_named_too():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as whole:
        whole.writestr("survey.lss", structure())
    with pytest.raises(TableImportError):
        read_structure(packed.getvalue(), name="x.lsa")
