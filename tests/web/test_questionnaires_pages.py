"""Published keys get their sentences in the browser, from those who may use them, and keep their scoring."""

import pytest

from app.config import ROOT
from app.core.accounts import Grant, Role
from app.core.instruments import parse, scoring_key_deviations
from app.core.instruments.key_completion import (
    option_sets,
    questionnaire_source_from_scoring_key,
    read_completed_key_texts,
)
from app.core.languages import Language
from app.services import questionnaires
from app.store.database import database
from app.store.questionnaires import QuestionnaireRow
from tests.web.staff_client import signed_in

SURVEYS = ROOT / "surveys"
NAMES = ("bat_12", "bat_23", "hse_msit", "tswq", "who_5")


@pytest.fixture
def coordinator(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def source_of(name):
    return (SURVEYS / "keys" / f"{name}.toml").read_text(encoding="utf-8")


def lines(word, count):
    return "\n".join(f'{word} “{n}” = "\\{n}"' for n in range(1, count + 1))


def texts(name, *languages, items=None):
    """A form's fields with made-up sentences."""
    key = parse(source_of(name), name=name)
    fields = {"may": "y"}
    for language in languages:
        fields[f"sentences_{language}"] = lines(f"{language} sentence", items or len(key.items))
        for one, numbers in option_sets(source_of(name)).items():
            fields[f"labels_{one}_{language}"] = lines(f"{language} label", len(numbers))
    return fields


def kept(name):
    return questionnaires.completed_scoring_keys_by_id(database.session(), SURVEYS).get(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("languages", [("fi", "sv", "en"), ("fi",), ("sv", "en")])
def test_a_key_with_its_sentences_is_a_whole_questionnaire_that_scores_as_the_key(name, languages):
    spoken = [Language(one) for one in languages]
    key = parse(source_of(name), name=name)
    sentences = {one: [f"{one} {item.id}" for item in key.items] for one in spoken}
    labels = {
        part: {one: [f"{one} {n}" for n in numbers] for one in spoken}
        for part, numbers in option_sets(source_of(name)).items()
    }
    made = questionnaire_source_from_scoring_key(source_of(name), sentences=sentences, labels=labels)
    instrument = parse(made, name=name)
    assert instrument.has_all_texts and scoring_key_deviations(instrument, key) == ()
    assert instrument.languages == tuple(spoken)
    assert instrument.items[0].text.in_language(spoken[-1]) == f"{spoken[-1]} {key.items[0].id}"
    assert read_completed_key_texts(made) == (sentences, labels)
    assert [scale.sensitive for scale in instrument.scales] == [scale.sensitive for scale in key.scales]


def test_sentences_that_are_pasted_make_a_round_possible(coordinator):
    assert "who_5" not in questionnaires.askable_questionnaires_by_id(database.session(), SURVEYS)
    done = coordinator.post("/staff/questionnaires/keys/who_5", data=texts("who_5", "fi", "sv", "en"))
    assert done.status_code == 302, done.text
    page = coordinator.get(done.location)
    assert "fi sentence “3” = &#34;\\3&#34;" in page.text
    assert "WHO-5" in coordinator.get("/staff/rounds/plan").text
    instrument, _source = kept("who_5")
    assert [option.value for option in instrument.items[0].options] == [0, 1, 2, 3, 4, 5]
    again = coordinator.get("/staff/questionnaires/keys/who_5").text
    assert "sv sentence “5”" in again


def test_one_language_is_enough_and_is_the_only_one(coordinator):
    coordinator.post("/staff/questionnaires/keys/tswq", data=texts("tswq", "sv"))
    instrument, _source = kept("tswq")
    assert instrument.languages == (Language.SV,)


def test_a_line_too_few_is_named_and_nothing_is_kept(coordinator):
    page = coordinator.post("/staff/questionnaires/keys/bat_12", data=texts("bat_12", "en", items=11))
    assert page.status_code == 422 and "12 lines are needed; you entered 11." in page.text
    assert kept("bat_12") is None


def test_without_the_right_to_use_them_or_without_any_nothing_is_kept(coordinator):
    for fields in (texts("who_5", "en") | {"may": ""}, {"may": "y"}):
        page = coordinator.post("/staff/questionnaires/keys/who_5", data=fields)
        assert page.status_code == 422
    assert kept("who_5") is None


def test_removed_sentences_leave_the_list(coordinator):
    coordinator.post("/staff/questionnaires/keys/who_5", data=texts("who_5", "en"))
    coordinator.post("/staff/questionnaires/keys/who_5/remove")
    assert kept("who_5") is None
    assert "who_5" not in questionnaires.askable_questionnaires_by_id(database.session(), SURVEYS)


def test_a_kept_text_that_departs_from_the_key_is_not_offered(coordinator, app):
    coordinator.post("/staff/questionnaires/keys/who_5", data=texts("who_5", "en"))
    source = kept("who_5")[1]
    database.session().get(QuestionnaireRow, "who_5").source = source.replace("first = 0", "first = 1")
    database.session().commit()
    assert "first = 1" not in source
    assert "who_5" not in questionnaires.askable_questionnaires_by_id(database.session(), SURVEYS)


def test_an_unknown_key_is_not_found_and_principals_have_no_business_here(app, coordinator):
    assert coordinator.get("/staff/questionnaires/keys/none").status_code == 404
    principal = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"), email="p@example.test")
    assert principal.get("/staff/questionnaires/").status_code == 403
    assert principal.post("/staff/questionnaires/keys/who_5", data=texts("who_5", "en")).status_code == 403


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_key_has_its_page_in_every_language(app, language):
    client = signed_in(app, Grant(Role.COORDINATOR), language=language)
    for name in NAMES:
        page = client.get(f"/staff/questionnaires/keys/{name}")
        assert page.status_code == 200 and f'<html lang="{language}">' in page.text
