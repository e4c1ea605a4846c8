"""The table of security requirements: whole, and every test and place that it names is there."""

import ast
import re
from functools import cache

import pytest

from app.config import ROOT

# Levels of the requirements of OWASP ASVS 5.0.0, section by section, in the order of their numbers.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
WANTED = {
    f"{section}.{number}": level
    for section, levels in LEVELS.items()
    for number, level in enumerate(levels, start=1)
    if level in "12"
}
ROW = re.compile(r"^\| ([0-9.]+) \| ([123]) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = {number: (level, how) for number, level, _short, how in ROW.findall(PAGE)}


@cache
def known_tests():
    """The names of all tests, and how often each stands."""
    names = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_")}


def named(text):
    """What a text names in code type: tests, and places."""
    words = re.findall(r"`([^`]+)`", text)
    return [one for one in words if one.startswith("test_")], [one for one in words if "/" in one and one[0].isalpha()]


def test_every_requirement_of_levels_one_and_two_stands_in_the_table_once():
    assert len(WANTED) == 253  # 70 of level 1 and 183 of level 2
    assert sum(level == "1" for level in WANTED.values()) == 70
    assert len(ROW.findall(PAGE)) == len(ROWS)
    assert {number: level for number, (level, _) in ROWS.items()} == WANTED


def test_every_test_that_the_page_names_exists():
    tests, _places = named(PAGE)
    assert len(set(tests)) > 80
    assert set(tests) - known_tests() == set()


def test_every_place_that_the_page_names_exists():
    _tests, places = named(PAGE)
    looked_for = [one for one in places if one.split("/")[0] in ("app", "docs", "deploy", "tests")]
    assert len(looked_for) > 40
    assert [one for one in looked_for if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("number", sorted(ROWS))
def test_every_row_says_how_it_is_met_or_why_not(number):
    how = ROWS[number][1]
    tests, places = named(how)
    said = how.startswith("Does not apply") or "**Not met" in how or "above" in how or len(how.split()) >= 4
    assert tests or places or said, how


def test_a_row_that_names_what_is_not_there_would_be_noticed():
    tests, places = named("`test_nobody_wrote_this`, `app/no/such/place.py`")
    assert not set(tests) & known_tests()
    assert not (ROOT / places[0]).exists()
