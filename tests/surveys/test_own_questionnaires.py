"""The questionnaires that come with the house."""

from pathlib import Path

import pytest

from app.core.instruments import Polarity, items_with_changed_lead_in, same_question
from app.core.languages import Language
from app.store.instruments import load_questionnaires

FOLDER = Path(__file__).parents[2] / "surveys"
DIMENSIONS = {"control", "demands", "resources", "practices", "leadership", "wellbeing", "followup"}


@pytest.fixture(scope="module")
def own():
    return {instrument.id: instrument for instrument in load_questionnaires(FOLDER)}


def test_the_wellbeing_questionnaire_asks_28_things_on_every_dimension(own):
    wellbeing = own["wellbeing"]
    assert len(wellbeing.items) == 28
    assert {scale.dimension for scale in wellbeing.scales} == DIMENSIONS
    assert {name for scale in wellbeing.scales for name in scale.items} == set(wellbeing.item_ids)
    assert wellbeing.answerable


def test_only_high_demands_are_bad(own):
    bad = {scale.id for scale in own["wellbeing"].scales if scale.polarity is Polarity.HIGH_IS_BAD}
    assert bad == {"demands"}


def test_every_dimension_of_several_items_but_no_whole_one_is_reversed(own):
    for scale in own["wellbeing"].scales:
        assert len(scale.reversed) == (1 if len(scale.items) > 1 else 0)


def test_common_practices_speak_of_the_community(own):
    for name in own["wellbeing"].scale("practices").items:
        text = own["wellbeing"].item(name).text
        assert text.fi.startswith("Työyhteisössämme ")
        assert text.sv.startswith("I vår arbetsgemenskap ")
        assert text.en.startswith("In our community ")


def test_a_page_holds_at_most_six_items_and_only_the_last_fewer_than_three(own):
    sizes = [len(theme.items) for theme in own["wellbeing"].themes]
    assert 6 <= len(sizes) <= 7
    assert max(sizes) <= 6
    assert min(sizes[:-1]) >= 3


def test_every_sentence_ends_as_a_sentence_in_every_language(own):
    for instrument in own.values():
        for item in instrument.items:
            for language in Language:
                assert item.text.read(language).endswith(".")


def test_no_sentence_stands_twice(own):
    for language in Language:
        texts = [item.text.read(language) for item in own["wellbeing"].items]
        assert len(set(texts)) == len(texts)


def test_the_pulse_takes_six_anchor_items_word_for_word(own):
    anchors = {item.anchor: item for item in own["wellbeing"].items}
    shared = [item for item in own["pulse"].items if item.anchor in anchors]
    assert len(shared) == 6
    assert all(same_question(item, anchors[item.anchor]) for item in shared)
    assert items_with_changed_lead_in(own["pulse"], own["wellbeing"]) == ()
    dimensions = {scale.dimension for scale in own["pulse"].scales if set(scale.items) & {item.id for item in shared}}
    assert dimensions == DIMENSIONS - {"followup"}


def test_no_scale_of_the_pulse_is_mistaken_for_a_longer_one(own):
    assert not {scale.id for scale in own["pulse"].scales} & {scale.id for scale in own["wellbeing"].scales}


def test_both_questionnaires_know_the_same_staff_groups(own):
    assert own["pulse"].groups == own["wellbeing"].groups
    assert len(own["pulse"].groups) == 4
