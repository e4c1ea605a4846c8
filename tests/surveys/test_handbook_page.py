"""The page for coordinators shows a questionnaire that really works."""

import re
from pathlib import Path

import pytest

from app.core.instruments import InvalidQuestionnaire, parse

PAGE = (Path(__file__).parents[2] / "docs" / "questionnaires.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_example_on_the_page_is_a_questionnaire():
    instrument = parse(EXAMPLE, name="breaks.toml")
    assert instrument.has_all_texts
    assert [scale.id for scale in instrument.scales] == ["rest"]


def test_the_faults_on_the_page_are_those_that_are_told():
    faulty = (
        EXAMPLE.replace(' sv = "Pauserna nu",', "")
        .replace('options = "agreement"', 'options = "agreemnt"', 1)
        .replace('reversed = ["break_disturbed"]', 'reversed = ["break_disturbd"]')
    )
    with pytest.raises(InvalidQuestionnaire) as caught:
        parse(faulty, name="surveys/breaks.toml")
    assert [str(problem) for problem in caught.value.problems] == re.findall(r"^surveys/breaks.*$", PAGE, re.MULTILINE)
