"""The keys of published instruments score as their owners say, and known wrong keys are refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from pytest import approx

from app.core.instruments import InvalidQuestionnaire, Polarity, parse, scale_scores
from app.store.instruments import load_questionnaires, read_questionnaire_file

KEYS = Path(__file__).parents[2] / "surveys" / "keys"
CHECKED = Path(__file__).parents[1] / "reference" / "published_keys.json"  # read from the publications by hand
NAMES = ("bat_12", "bat_23", "hse_msit", "tswq", "who_5")


def scores(key, numbers):
    """The scores of one person who chose these option numbers."""
    instrument = read_questionnaire_file(KEYS / f"{key}.toml")
    first = [item.options[0].value for item in instrument.items]
    ratings = (np.array([numbers]) - first).astype(np.uint8)
    return {scale.id: scale_scores(instrument, scale, ratings)[0] for scale in instrument.scales}


def altered(tmp_path, key, *changes):
    """A copy of a key in a folder of questionnaires, with words replaced."""
    source = (KEYS / f"{key}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    (tmp_path / "keys").mkdir(exist_ok=True)
    (tmp_path / "keys" / f"{key}.toml").write_bytes((KEYS / f"{key}.toml").read_bytes())
    path = tmp_path / "ours.toml"
    path.write_text(source, encoding="utf-8")
    return path


def items(*numbers):
    return "[" + ", ".join(f'"q{number}"' for number in numbers) + "]"


def test_every_key_is_there_without_sentences():
    keys = load_questionnaires(KEYS)
    assert tuple(key.id for key in keys) == NAMES
    assert all(key.key == key.id and not key.has_all_texts for key in keys)
    assert not any(item.text.en for key in keys for item in key.items)


def test_hse_turns_demands_and_relationships():
    turned = ("demands", "relationships")
    straight = ("control", "manager_support", "peer_support", "role", "change")
    lowest = scores("hse_msit", [1] * 35)
    highest = scores("hse_msit", [5] * 35)
    assert lowest == {**dict.fromkeys(turned, 5), **dict.fromkeys(straight, 1)}
    assert highest == {**dict.fromkeys(turned, 1), **dict.fromkeys(straight, 5)}


def test_hse_scores_a_mixed_sheet():
    expected = {
        "demands": 3.0,
        "control": 2.0,
        "manager_support": 3.6,
        "peer_support": 3.25,
        "relationships": 2.75,
        "role": 3.2,
        "change": 3.0,
    }
    assert scores("hse_msit", [number % 5 + 1 for number in range(1, 36)]) == approx(expected)


def test_hse_needs_every_item_of_a_scale():
    sheet = [3] * 35
    sheet[0] = 256  # becomes 255, a skipped item
    found = scores("hse_msit", sheet)
    assert np.isnan(found["role"])
    assert found["control"] == 3


@pytest.mark.parametrize(
    ("numbers", "index"), [([5, 5, 5, 5, 5], 100), ([0, 0, 0, 0, 0], 0), ([3, 2, 3, 2, 2], 48), ([1, 1, 1, 1, 1], 20)]
)
def test_who_5_is_the_sum_times_four(numbers, index):
    assert scores("who_5", numbers) == {"wellbeing": approx(index)}


def test_bat_totals_are_means_of_all_items():
    sheet = [5] * 8 + [1] * 15
    found = scores("bat_23", sheet)
    assert found["exhaustion"] == 5
    assert found["core"] == approx((8 * 5 + 15) / 23)
    assert found["core"] != approx((5 + 1 + 1 + 1) / 4)
    assert scores("bat_12", [5] * 3 + [1] * 9)["core"] == 2


def test_more_burnout_is_worse_and_asked_with_care():
    for key in ("bat_12", "bat_23"):
        for scale in read_questionnaire_file(KEYS / f"{key}.toml").scales:
            assert scale.polarity is Polarity.HIGH_IS_BAD
            assert scale.sensitive


def test_the_short_bat_takes_its_items_from_the_long_one():
    long, short = (read_questionnaire_file(KEYS / f"{key}.toml") for key in ("bat_23", "bat_12"))
    anchors = {item.anchor: item.id for item in long.items}
    taken = [anchors[item.anchor] for item in short.items]
    assert taken == [f"q{number}" for number in (1, 3, 4, 9, 11, 13, 14, 17, 18, 19, 20, 23)]
    for scale in short.scales[:-1]:
        of_long = set(long.scale(scale.id).items)
        assert {anchors[short.item(name).anchor] for name in scale.items} <= of_long


def test_tswq_sums_odd_and_even_items():
    found = scores("tswq", [4, 1] * 4)
    assert found == {"school_connectedness": 16, "teaching_efficacy": 4, "composite": 20}


@pytest.mark.parametrize("key", NAMES)
def test_a_key_is_the_checked_one(key):
    checked = json.loads(CHECKED.read_text(encoding="utf-8"))[key]
    instrument = read_questionnaire_file(KEYS / f"{key}.toml")
    assert len(instrument.items) == checked["n_items"]
    wanted = {scale["id"]: scale for scale in checked["scales"] + checked["totals"]}
    assert {scale.id for scale in instrument.scales} == set(wanted)
    for scale in instrument.scales:
        assert list(scale.items) == [f"q{number}" for number in wanted[scale.id]["items"]]
        assert scale.reversed == {f"q{number}" for number in wanted[scale.id].get("reverse", [])}
    values = {tuple(option.value for option in item.options) for item in instrument.items}
    response = checked["response"]
    assert values == {tuple(range(response["min"], response["max"] + 1))}


def test_a_file_with_the_sentences_filled_in_keeps_its_key(tmp_path):
    path = altered(
        tmp_path,
        "who_5",
        ('options = "time"', 'options = "time"\ntext = { fi = "Oma", sv = "Egen", en = "Own" }'),
        ("count = 6", "labels = [\n" + '  { fi = "a", sv = "b", en = "c" },\n' * 6 + "]"),
    )
    assert read_questionnaire_file(path).has_all_texts


@pytest.mark.parametrize(("key", "scale"), [("hse_msit", "demands"), ("bat_12", None), ("bat_23", None)])
def test_a_key_takes_reference_values_with_their_source_and_stays_the_key(tmp_path, key, scale):
    path = altered(tmp_path, key)
    own = read_questionnaire_file(path)
    norm = f'''
[[norms]]
scale = "{scale or own.scales[0].id}"
mean = 3.1
deviation = 0.7
n = 1200
year = 2023
population = {{ fi = "Opettajat", sv = "Lärare", en = "Teachers" }}
source = "Author (2024), Journal 1, 2-3, table 4"
licence = "Open Government Licence v3.0"
'''
    path.write_text(path.read_text(encoding="utf-8") + norm, encoding="utf-8")
    with_norms = read_questionnaire_file(path)
    (found,) = with_norms.norms
    assert (found.scale, found.mean, found.year) == (scale or own.scales[0].id, 3.1, 2023)
    assert with_norms.key == key and with_norms.scales == own.scales and own.norms == ()


@pytest.mark.parametrize(
    ("key", "changes", "why"),
    [
        (
            "hse_msit",  # control with 16 and 33, as a consultancy prints it
            [(items(2, 10, 15, 19, 25, 30), items(2, 10, 15, 16, 19, 25, 30, 33))],
            "'control' has the items",
        ),
        (
            "hse_msit",  # relationships with 27 and 29, from the same page
            [("items = " + items(5, 14, 21, 34), "items = " + items(5, 14, 21, 27, 29, 34))],
            "'relationships' has the items",
        ),
        (
            "hse_msit",  # relationships with 28 and 33 and few reversed items, as a public program has it
            [
                ("items = " + items(5, 14, 21, 34), "items = " + items(5, 14, 21, 28, 33)),
                ("reversed = " + items(5, 14, 21, 34), "reversed = " + items(28, 33)),
            ],
            "'relationships' reverses q28, q33",
        ),
        (
            "hse_msit",  # demands left as answered
            [("reversed = " + items(3, 6, 9, 12, 16, 18, 20, 22) + "\n", "")],
            "'demands' reverses –",
        ),
        ("who_5", [("first = 0", "first = 1")], "numbered 1, 2, 3, 4, 5, 6"),  # as (sum - 5) x 4 takes it
        ("who_5", [('scoring = "percent"', 'scoring = "sum"')], "scored as sum"),
        ("who_5", [('min_answered = "all"', 'min_answered = "half"')], "needs 5 answered items, not 3"),
        (
            "bat_12",  # two scales changed places
            [(items(4, 5, 6), "ONE"), (items(10, 11, 12), items(4, 5, 6)), ("ONE", items(10, 11, 12))],
            "'mental_distance' has the items q10, q11, q12, in the instrument q4, q5, q6",
        ),
        ("bat_23", [('id = "core"', 'id = "total"')], "the scale 'core' of the instrument 'bat_23' is missing"),
        ("tswq", [('high_is_good"\nitems = ["q1"', 'high_is_bad"\nitems = ["q1"')], "high_is_bad"),
    ],
)
def test_a_wrong_key_is_refused(tmp_path, key, changes, why):
    with pytest.raises(InvalidQuestionnaire) as caught:
        read_questionnaire_file(altered(tmp_path, key, *changes))
    assert any(why in problem.english_message for problem in caught.value.problems), str(caught.value)


def test_an_item_that_is_not_in_the_key_is_refused(tmp_path):
    path = altered(
        tmp_path, "tswq", ('id = "page_5"', 'id = "page_5"\n# more\n'), ('id = "q8"\noptions = "frequency"\n',
        'id = "q8"\noptions = "frequency"\n\n[[themes.items]]\nid = "q9"\noptions = "frequency"\n')
    )  # fmt: skip
    with pytest.raises(InvalidQuestionnaire, match="has no item 'q9'"):
        read_questionnaire_file(path)


def test_a_key_without_its_claim_is_refused_for_its_missing_sentences():
    source = (KEYS / "who_5.toml").read_text(encoding="utf-8").replace('key = "who_5"\n', "")
    with pytest.raises(InvalidQuestionnaire) as caught:
        parse(source, name="who_5.toml")
    assert sum("'text'" in problem.english_message for problem in caught.value.problems) == 5
