"""The questionnaires that come with the service: both versions of its own, and their pulses."""

import re
from pathlib import Path

import pytest

from app.core.instruments import (
    Polarity,
    comparable_scales,
    continued_items,
    items_with_changed_lead_in,
    same_question,
)
from app.core.languages import Language
from app.store.instruments import load_questionnaires

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "surveys"
DIMENSIONS = {"control", "demands", "resources", "practices", "leadership", "wellbeing", "followup"}
OLD = "wellbeing"
NEW = "wellbeing_2026_2"
# What rounds were asked with stays as it is: a changed word would begin every line anew.
DIGESTS = {
    "wellbeing": "4ebd70300c58ad1a97b5403af2e9679d06194b45e8a7c9b3c5c4a6a118938c9f",
    "pulse": "fe89e913c9f244e4f09a0842927459f3c8bcea53553f964233715db8af7eedc7",
}
CONTINUED = (
    *("control_order", "control_methods", "control_heard", "control_breaks", "demands_time"),
    *("resources_skills", "resources_use", "resources_help", "resources_alone"),
    *("practices_duties", "practices_kept", "practices_open", "practices_valued", "practices_chance"),
    *("wellbeing_energy", "wellbeing_glad", "wellbeing_worn"),
)
MOST_ITEMS = 34
LONGEST_SECONDS = 6 * 60
SECONDS_A_QUESTION = 10
SECONDS_TO_CHOOSE = 3
SECONDS_TO_TURN = 3
SECONDS_A_CHARACTER = 0.068
NEGATIONS = {
    Language.FI: r"\b(en|et|ei|emme|ette|eivät|ilman)\b|\w+ton\b|\w+tön\b",
    Language.SV: r"\b(inte|ingen|inget|inga|aldrig|utan)\b",
    Language.EN: r"\b(not|no|nobody|never|without|none)\b|n't\b",
}
# "sad, frightened or angry" names one thing, people with strong feelings, by three examples.
CONJUNCTIONS = {Language.FI: r"\b(ja|tai|sekä)\b", Language.SV: r"\b(och|eller|samt)\b", Language.EN: r"\b(and|or)\b"}
EXAMPLES = {"demands_emotions"}


@pytest.fixture(scope="module")
def own():
    return {instrument.id: instrument for instrument in load_questionnaires(FOLDER)}


@pytest.fixture(params=[OLD, NEW])
def wellbeing(own, request):
    return own[request.param]


@pytest.fixture(params=[("pulse", OLD, 6), ("pulse_2026_2", NEW, 7)])
def pulse(own, request):
    name, survey, repeated = request.param
    return own[name], own[survey], repeated


def all_texts(instrument, language):
    """Return every sentence that a respondent reads, the options once on each page."""
    items = {item.id: item for item in instrument.items}
    texts = [instrument.title.in_language(language), instrument.introduction.in_language(language)]
    for theme in instrument.themes:
        texts += [theme.title.in_language(language), theme.introduction.in_language(language)]
        texts += [items[name].text.in_language(language) for name in theme.items]
        texts += [option.label.in_language(language) for option in items[theme.items[0]].options]
    return texts


def test_no_version_that_rounds_were_asked_with_has_changed(own):
    assert {name: own[name].digest for name in DIGESTS} == DIGESTS


def test_the_first_version_asks_28_things_and_the_second_at_most_34(own):
    assert len(own[OLD].items) == 28
    assert len(own[NEW].items) == MOST_ITEMS


def test_every_dimension_is_asked_and_every_item_counts(wellbeing):
    expected = DIMENSIONS | {"safety"} if wellbeing.id == NEW else DIMENSIONS
    assert {scale.dimension for scale in wellbeing.scales} == expected
    assert {name for scale in wellbeing.scales for name in scale.items} == set(wellbeing.item_ids)
    assert wellbeing.has_all_texts


def test_no_item_counts_in_two_scales(wellbeing):
    names = [name for scale in wellbeing.scales for name in scale.items]
    assert len(names) == len(set(names))


def test_only_high_demands_are_bad(wellbeing):
    bad = {scale.id for scale in wellbeing.scales if scale.polarity is Polarity.HIGH_IS_BAD}
    assert bad == {"demands"}


def test_every_dimension_of_several_items_but_no_whole_one_is_reversed_in_the_first_version(own):
    for scale in own[OLD].scales:
        assert len(scale.reversed) == (1 if len(scale.items) > 1 else 0)


def test_in_the_second_version_threats_alone_are_reversed_as_a_whole(own):
    turned = {scale.id: scale.reversed for scale in own[NEW].scales if scale.reversed}
    assert turned.pop("safety") == {"safety_threats", "safety_degrading"}
    assert turned == {
        "support": {"resources_alone"},
        "practices": {"practices_chance"},
        "wellbeing": {"wellbeing_worn"},
    }


def test_every_scale_but_the_last_has_two_items_or_more_and_only_safety_is_sensitive(own):
    sizes = {scale.id: len(scale.items) for scale in own[NEW].scales}
    assert sizes.pop("followup") == 1
    assert min(sizes.values()) >= 2
    assert sum(size >= 3 for size in sizes.values()) == len(sizes) - 2
    assert [scale.id for scale in own[NEW].scales if scale.sensitive] == ["safety"]


def test_resources_are_two_scales_of_one_dimension(own):
    assert [scale.id for scale in own[NEW].scales if scale.dimension == "resources"] == ["skills", "support"]


def test_the_first_scale_of_wellbeing_is_the_one_that_continues(own):
    """The weights of all other scales are measured by the first scale of wellbeing."""
    assert [scale.id for scale in own[NEW].scales if scale.dimension == "wellbeing"] == ["wellbeing", "recovery"]


def test_common_practices_speak_of_the_community(wellbeing):
    for name in wellbeing.scale("practices").items:
        text = wellbeing.item(name).text
        assert text.fi.startswith("Työyhteisössämme ")
        assert text.sv.startswith("I vår arbetsgemenskap ")
        assert text.en.startswith("In our community ")


def test_a_page_holds_at_most_six_items_and_only_the_last_fewer_than_three(wellbeing):
    sizes = [len(theme.items) for theme in wellbeing.themes]
    assert 6 <= len(sizes) <= 8
    assert max(sizes) <= 6
    assert min(sizes[:-1]) >= 3


def test_every_sentence_ends_as_a_sentence_in_every_language(own):
    for instrument in own.values():
        for item in instrument.items:
            for language in Language:
                assert item.text.in_language(language).endswith(".")


def test_no_sentence_stands_twice(wellbeing):
    for language in Language:
        texts = [item.text.in_language(language) for item in wellbeing.items]
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("language", list(Language))
def test_no_new_item_asks_two_things_or_by_a_negation(own, language):
    for item in own[NEW].items:
        text = item.text.in_language(language)
        assert not re.search(NEGATIONS[language], text, re.IGNORECASE), text
        if item.id not in EXAMPLES:
            assert not re.search(CONJUNCTIONS[language], text, re.IGNORECASE), text


def test_the_guard_against_double_questions_knows_those_of_the_first_version(own):
    found = own[OLD].item("control_changes").text
    assert all(re.search(NEGATIONS[language], found.in_language(language)) for language in (Language.SV, Language.EN))


@pytest.mark.parametrize("language", list(Language))
def test_answering_takes_less_than_six_minutes(own, language):
    reading = SECONDS_A_CHARACTER * sum(len(text) for text in all_texts(own[NEW], language))
    choosing = SECONDS_TO_CHOOSE * len(own[NEW].items) + SECONDS_TO_TURN * len(own[NEW].themes)
    assert reading + choosing < LONGEST_SECONDS
    assert SECONDS_A_QUESTION * len(own[NEW].items) < LONGEST_SECONDS


def test_seventeen_items_and_two_scales_of_the_first_version_continue(own):
    assert continued_items(own[OLD], own[NEW]) == CONTINUED
    assert comparable_scales(own[OLD], own[NEW]) == ("practices", "wellbeing")
    assert items_with_changed_lead_in(own[NEW], own[OLD]) == ("leadership_listens", "leadership_acts")


def test_an_item_has_the_anchor_of_the_first_version_only_if_its_words_are_the_same(own):
    before = {item.anchor: item for item in own[OLD].items}
    kept = [item for item in own[NEW].items if item.anchor in before]
    assert len(kept) == 19
    assert all(same_question(item, before[item.anchor]) and item.id == before[item.anchor].id for item in kept)
    assert not {item.id for item in own[NEW].items if item not in kept} & {item.id for item in own[OLD].items}


def test_the_pulse_repeats_anchor_items_word_for_word(pulse):
    short, survey, repeated = pulse
    anchors = {item.anchor: item for item in survey.items}
    shared = [item for item in short.items if item.anchor in anchors]
    assert len(shared) == repeated
    assert continued_items(survey, short) == tuple(item.id for item in shared)
    assert items_with_changed_lead_in(short, survey) == ()
    dimensions = {scale.dimension for scale in short.scales if set(scale.items) & {item.id for item in shared}}
    assert dimensions == DIMENSIONS - {"followup"}  # threats are a sensitive matter, which no pulse asks about
    assert not any(scale.sensitive for scale in short.scales)


def test_no_scale_of_a_pulse_is_mistaken_for_a_longer_one(pulse):
    short, survey, _repeated = pulse
    assert not {scale.id for scale in short.scales} & {scale.id for scale in survey.scales}


def test_all_questionnaires_know_the_same_staff_groups(own):
    groups = {own[name].groups for name in (OLD, NEW, "pulse", "pulse_2026_2")}
    assert len(groups) == 1
    assert len(groups.pop()) == 4


def test_the_page_about_the_items_explains_each_with_its_sentence(own):
    page = (ROOT / "docs" / "items.md").read_text(encoding="utf-8")
    rows = {cells[1].strip("` "): cells for line in page.splitlines() if len(cells := line.split("|")) == 6}
    sources = set(re.findall(r"^(\d+)\. ", page, re.MULTILINE))
    for item in own[NEW].items:
        _edge, _id, sentence, why, idea, _end = (cell.strip() for cell in rows[item.id])
        assert sentence == item.text.en
        assert len(why) > 20
        cited = {number for group in re.findall(r"\[([\d, ]+)\]", idea) for number in group.split(", ")}
        assert cited and cited <= sources
    assert {number for group in re.findall(r"\[([\d, ]+)\]", page) for number in group.split(", ")} == sources
    for name in set(own[OLD].item_ids) - set(own[NEW].item_ids):
        assert f"| `{name}` |" in page  # what became of it
