"""Faults of a questionnaire file, worded for its writer."""

import re

import pytest
from flask_babel import force_locale

from app.core.accounts import Grant, Role
from app.core.instruments import ENGLISH, InvalidQuestionnaire, QuestionnaireErrorCode, parse
from app.web.shared.questionnaire_error_words import REMEDIES, error_sentence
from tests.web.staff_client import signed_in
from tests.web.test_imports_pages import CLIMATE, try_files

NAMES = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("fault", QuestionnaireErrorCode)
@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_fault_is_worded_in_every_language_with_all_its_words(app, fault, language):
    with app.test_request_context("/"):
        with force_locale("en"):
            assert str(REMEDIES[fault]) == ENGLISH[fault]
        with force_locale(language):
            worded = str(REMEDIES[fault])
    assert worded != ENGLISH[fault]
    assert sorted(NAMES.findall(worded)) == sorted(NAMES.findall(ENGLISH[fault]))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fi", "questionnaire.file, rivi 1: ”license” ei ole tunnettu kohta."),
        ("sv", "questionnaire.file, rad 1: ”license” är inte känt här."),
        ("en", "questionnaire.file, line 1: 'license' is not known here;"),
    ],
)
def test_a_page_tells_the_faults_of_a_file_in_its_own_language(app, language, told):
    client = signed_in(app, Grant(Role.COORDINATOR), language=language)
    page = try_files(client, questionnaire='license = "CC"\n' + CLIMATE)
    assert page.status_code == 422
    said = page.text.replace("&#39;", "'")
    assert told in said
    if language != "en":
        assert "is not known here" not in said


def test_a_file_that_is_no_toml_is_told_with_its_place(app):
    with pytest.raises(InvalidQuestionnaire) as caught:
        parse("title = ]", name="a.toml")
    with app.test_request_context("/"), force_locale("fi"):
        assert error_sentence(caught.value.problems[0]).startswith("a.toml, rivi 1: tiedosto ei ole kelvollista TOMLia")
