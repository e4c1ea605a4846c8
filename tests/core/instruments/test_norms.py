"""Reference values of a questionnaire file: whole or not at all, and within what the scale can be."""

import pytest

from app.core.instruments import InvalidQuestionnaire, QuestionnaireErrorCode, parse
from app.core.languages import Language
from tests.core.small_questionnaire import SMALL

NORM = {
    "scale": '"rest"',
    "mean": "61.5",
    "deviation": "18",
    "n": "1200",
    "year": "2023",
    "population": '{ fi = "Opettajat", sv = "Lärare", en = "Teachers" }',
    "source": '"Author (2024)"',
    "licence": '"CC BY 4.0"',
}


def source(*norms):
    return SMALL + "".join(
        "\n[[norms]]\n" + "".join(f"{key} = {value}\n" for key, value in norm.items()) for norm in norms
    )


def faults(*norms):
    with pytest.raises(InvalidQuestionnaire) as caught:
        parse(source(*norms), name="a.toml")
    return {problem.fault for problem in caught.value.problems}


def test_a_reference_value_is_read_with_its_source(scale):
    norm = parse(source(NORM | {"scale": f'"{scale}"'}), name="a.toml").find_norm(scale)
    assert (norm.mean, norm.deviation, norm.n, norm.year) == (61.5, 18.0, 1200, 2023)
    assert norm.population.in_language(Language.SV) == "Lärare" and norm.licence.main == "CC BY 4.0"


def test_a_licence_is_written_once_or_by_language(scale):
    written = '{ fi = "Vapaa", en = "Free" }'
    norm = parse(source(NORM | {"scale": f'"{scale}"', "licence": written}), name="a.toml").find_norm(scale)
    assert norm.licence.in_language(Language.EN) == "Free" and norm.licence.in_language(Language.SV) == "Vapaa"
    assert norm.licence.language_for(Language.SV) is Language.FI


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('{ fi = "", sv = "" }', QuestionnaireErrorCode.NOT_A_TEXT),
        ("{ fi = 3 }", QuestionnaireErrorCode.NOT_A_TEXT),
        ('{ de = "Frei", fi = "Vapaa" }', QuestionnaireErrorCode.OTHER_LANGUAGE),
    ],
)
def test_a_licence_in_no_language_or_in_another_is_named(scale, written, fault):
    assert faults(NORM | {"scale": f'"{scale}"', "licence": written}) == {fault}


def test_a_file_without_any_has_none(scale):
    instrument = parse(SMALL, name="a.toml")
    assert instrument.norms == () and instrument.find_norm(scale) is None


@pytest.mark.parametrize("missing", sorted(NORM))
def test_no_part_may_be_left_out(scale, missing):
    norm = NORM | {"scale": f'"{scale}"'}
    del norm[missing]
    assert faults(norm)


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("mean", '"61"', QuestionnaireErrorCode.NOT_A_DECIMAL),
        ("mean", "nan", QuestionnaireErrorCode.NOT_A_DECIMAL),
        ("mean", "101", QuestionnaireErrorCode.NORM_OUT_OF_RANGE),
        ("deviation", "0", QuestionnaireErrorCode.NORM_OUT_OF_RANGE),
        ("deviation", "150", QuestionnaireErrorCode.NORM_OUT_OF_RANGE),
        ("n", "1", QuestionnaireErrorCode.NORM_OF_NOBODY),
        ("year", "23", QuestionnaireErrorCode.NORM_YEAR),
        ("scale", '"other"', QuestionnaireErrorCode.NORM_WITHOUT_SCALE),
        ("average", "3", QuestionnaireErrorCode.UNKNOWN_KEY),
    ],
)
def test_a_value_that_cannot_be_is_named(scale, key, value, fault):
    assert fault in faults(NORM | {"scale": f'"{scale}"', key: value})


def test_a_scale_has_one_reference_value_at_most(scale):
    norm = NORM | {"scale": f'"{scale}"'}
    assert faults(norm, norm) == {QuestionnaireErrorCode.USED_TWICE}


@pytest.fixture
def scale():
    return parse(SMALL, name="a.toml").scales[0].id
