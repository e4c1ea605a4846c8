"""A line of results goes on only while the very same thing is asked."""

from app.core.instruments import (
    QuestionnaireError,
    comparable_scales,
    items_with_changed_lead_in,
    parse,
    same_question,
    scoring_key_deviations,
)
from tests.core.small_questionnaire import SMALL, changed


def small(*changes):
    return parse(changed(*changes), name="small.toml")


def test_a_new_version_with_the_same_questions_goes_on():
    assert comparable_scales(small(), small(('version = "1"', 'version = "2"'))) == ("control",)


def test_a_changed_word_breaks_the_line():
    assert comparable_scales(small(), small(("On kiire.", "On kova kiire."))) == ()


THEME = 'title = { fi = "Työ", sv = "Arbete", en = "Work" }'
MONTH = f'{THEME}\nintroduction = {{ fi = "Ajattele kuukautta.", sv = "Tänk på månaden.", en = "Think of the month." }}'


def test_another_lead_in_breaks_the_line_and_is_named():
    month = small((THEME, MONTH))
    assert comparable_scales(small(), month) == ()
    assert comparable_scales(month, small((THEME, MONTH), ('version = "1"', 'version = "2"'))) == ("control",)
    assert items_with_changed_lead_in(small(), month) == ("pace", "haste")
    assert items_with_changed_lead_in(month, month) == ()


def test_another_title_of_a_page_does_not_break_the_line():
    other = small((THEME, 'title = { fi = "Arki", sv = "Vardag", en = "Days" }'))
    assert comparable_scales(small(), other) == ("control",)


def test_a_changed_option_breaks_the_line():
    assert comparable_scales(small(), small(("En osaa sanoa", "Siltä väliltä"))) == ()


def test_a_changed_way_of_scoring_breaks_the_line():
    assert comparable_scales(small(), small(('reversed = ["haste"]', "reversed = []"))) == ()


def test_an_anchor_in_another_questionnaire_is_the_same_question():
    other = small(
        ('id = "small"', 'id = "short"'),
        ('id = "pace"', 'id = "tempo"\nanchor = "small/pace"'),
        ('["pace"', '["tempo"'),
    )
    assert same_question(small().item("pace"), other.item("tempo"))
    assert not same_question(small().item("haste"), other.item("haste"))


def test_a_file_that_follows_its_key_departs_in_nothing():
    assert scoring_key_deviations(small(("On kiire.", "Own words")), parse(SMALL, name="key")) == ()


def test_every_departure_from_a_key_is_told():
    found = scoring_key_deviations(
        small(('reversed = ["haste"]', "reversed = []"), ("first = 1", "first = 0")), small()
    )
    told = " ".join(QuestionnaireError("", 1, *departure).english_message for departure in found)
    assert "reverses –, in the instrument haste" in told
    assert "numbered 0, 1, 2, in the instrument 1, 2, 3" in told


def test_a_changed_rule_for_skipped_items_or_a_changed_polarity_breaks_the_line():
    assert comparable_scales(small(), small(('reversed = ["haste"]', 'reversed = ["haste"]\nmin_answered = 2'))) == ()
    assert comparable_scales(small(), small(("high_is_good", "high_is_bad"))) == ()
