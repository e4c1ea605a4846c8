"""A questionnaire file is read whole, or refused with every fault and its line."""

import pytest

from app.core.instruments import InvalidQuestionnaire, Polarity, Scoring, parse
from app.core.languages import Language
from tests.core.small_questionnaire import SMALL, changed, line_of


def refused(source):
    with pytest.raises(InvalidQuestionnaire) as caught:
        parse(source, name="small.toml")
    return caught.value.problems


def test_a_questionnaire_is_read_with_all_its_parts():
    instrument = parse(SMALL, name="small.toml")
    assert instrument.item_ids == ("pace", "haste")
    assert [option.value for option in instrument.item("pace").options] == [1, 2, 3]
    assert instrument.item("pace").text.in_language(Language.SV) == "Takten är bra."
    assert instrument.item("pace").anchor == "small/pace"
    scale = instrument.scale("control")
    assert (scale.polarity, scale.scoring) == (Polarity.HIGH_IS_GOOD, Scoring.PERCENT)
    assert (scale.reversed, scale.min_answered, scale.dimension) == ({"haste"}, 1, "control")
    assert instrument.themes[0].items == ("pace", "haste")
    assert [group.id for group in instrument.groups] == ["teachers"]
    assert instrument.has_all_texts


def test_broken_toml_is_refused_with_file_line_and_reason():
    (problem,) = refused(changed(('id = "pace"', "id = pace")))
    assert (problem.file, problem.line) == ("small.toml", line_of('id = "pace"'))
    assert "not valid TOML" in problem.english_message
    assert str(problem).startswith(f"small.toml:{problem.line}: ")


def test_an_unfinished_file_is_refused_at_its_end():
    (problem,) = refused(SMALL + "title")
    assert problem.line == len(SMALL.splitlines()) + 1


def test_every_fault_is_named_at_once():
    source = changed(
        ('version = "1"\n', ""),
        ('reversed = ["haste"]', 'reversed = ["hurry"]'),
        ('sv = "Lärare", ', ""),
        ('options = "agreement"\ntext = { fi = "On', 'options = "frequency"\ntext = { fi = "On'),
    )
    problems = refused(source)
    assert len(problems) == 4
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "where", "why"),
    [
        ('id = "haste"', 'id = "pace"', 'id = "pace"', "used twice"),
        ('id = "haste"', 'id = "käsi"', 'id = "käsi"', "letter"),
        ('polarity = "high_is_good"', 'polarity = "good"', "polarity", "one of high_is_good, high_is_bad"),
        ('polarity = "high_is_good"\n', "", 'id = "control"', "does not say its polarity"),
        ('items = ["pace", "haste"]', 'items = ["pace", "hurry", "haste"]', "items = [", "no item 'hurry'"),
        ('items = ["pace", "haste"]', 'items = ["pace", "haste", "pace"]', "items = [", "appears twice"),
        ('reversed = ["haste"]', 'reversed = ["hurry"]', "reversed", "not among"),
        ("first = 1", 'first = "one"', "first =", "whole number"),
        ("first = 1", "first = true", "first =", "whole number"),
        (', en = "Small"', "", "title = {", "'en'"),
        (', en = "Small"', ', en = "Small", de = "Klein"', "title = {", "'de'"),
        ("licence =", "license =", "license =", "is not known here"),
        ('"fi", "sv", "en"', '"fi", "fi"', "languages", "each language once"),
        ('reversed = ["haste"]', "min_answered = 3", "min_answered", "from 1 to 2"),
        ('reversed = ["haste"]', "min_answered = 0", "min_answered", "from 1 to 2"),
        ('reversed = ["haste"]', 'sensitive = "yes"', "sensitive", "true or false"),
        ('reversed = ["haste"]', 'scoring = "sum"', 'id = "control"', "needs every item"),
        ('id = "control"', 'id = "pace"', 'id = "pace"', "name of an item"),
        ('text = { fi = "On kiire.", sv = "Det är bråttom.", en = "I am in a hurry." }', "", 'id = "haste"', "'text'"),
    ],
)
def test_a_fault_is_named_with_its_line(old, new, where, why):
    source = changed((old, new))
    problems = refused(source)
    lines = source.splitlines()
    assert any(
        why in problem.english_message and (where in lines[problem.line - 1] or where in lines[problem.line])
        for problem in problems
    ), [str(problem) for problem in problems]


def test_a_theme_of_seven_items_is_refused():
    more = "".join(
        f'[[themes.items]]\nid = "more{n}"\noptions = "agreement"\ntext = {{ fi = "a", sv = "b", en = "c" }}\n'
        for n in range(5)
    )
    (problem,) = refused(changed(("[[scales]]", more + "[[scales]]")))
    assert "at most 6 items" in problem.english_message
    assert problem.line == line_of('id = "work"')


def test_a_file_without_items_and_scales_is_refused():
    reasons = " ".join(problem.english_message for problem in refused('id = "empty"\n'))
    assert "[[themes]]" in reasons
    assert "[[scales]]" in reasons


def test_a_key_named_within_a_long_text_does_not_confuse_the_lines():
    source = changed(
        ('source = "own"', 'source = """own\nversion = 3\n[[scales]]\n"""'),
        ('reversed = ["haste"]', 'reversed = ["x"]'),
    )
    (problem,) = refused(source)
    assert problem.line == line_of('reversed = ["x"]', source)


def test_the_digest_changes_with_a_word_and_not_with_a_comment():
    instrument = parse(SMALL, name="a")
    assert len(instrument.digest) == 64
    assert parse("# a remark\n" + SMALL.replace(" = ", "="), name="b").digest == instrument.digest
    swapped = changed(('licence = "own"\n', ""), ('source = "own"\n', 'source = "own"\nlicence = "own"\n'))
    assert parse(swapped, name="c").digest == instrument.digest
    assert parse(changed(("On kiire.", "On kova kiire.")), name="a").digest != instrument.digest


def test_a_file_in_one_language_reads_in_every_language():
    english = "\n".join(
        line if "fi =" not in line else line[: line.index("{")] + '{ en = "Words" }' + line[line.index("}") + 1 :]
        for line in SMALL.splitlines()
    ).replace('["fi", "sv", "en"]', '["en"]')
    instrument = parse(english, name="small.toml")
    assert instrument.languages == (Language.EN,)
    assert instrument.title.in_language(Language.FI) == "Words"


def test_a_published_key_may_come_without_sentences_and_cannot_be_answered_then():
    source = changed(
        ('version = "1"', 'version = "1"\nkey = "known"'),
        ('\ntext = { fi = "On kiire.", sv = "Det är bråttom.", en = "I am in a hurry." }', ""),
    )
    instrument = parse(source, name="small.toml")
    assert not instrument.has_all_texts
    assert instrument.parts_with_missing_texts == ("item haste",)


def test_the_marks_of_other_editors_do_not_matter():
    windows = "\ufeff" + SMALL.replace("\n", "\r\n")
    assert parse(windows, name="a").digest == parse(SMALL, name="b").digest
    (problem,) = refused(windows.replace('"high_is_good"', '"good"'))
    assert problem.line == line_of("polarity")
