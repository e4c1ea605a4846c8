"""Whatever stands in a file, it is read or refused with lines; it never breaks the reader."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.core.instruments import InvalidQuestionnaire, parse
from tests.core.small_questionnaire import SMALL

LINES = SMALL.splitlines()
JUNK = ["1", "-3", "2.5", "true", '""', '"x"', '"ä b"', "[]", "[1]", '["pace"]', "{}", "{ fi = 1 }", "[{}]",
        "1979-05-27", '{ fi = "a", sv = "b", en = "c" }', '[["a"]]', "nan", '"all"', "99999999999"]  # fmt: skip


def read_or_refused(source):
    try:
        return parse(source, name="any.toml")
    except InvalidQuestionnaire as refusal:
        assert refusal.problems
        assert all(1 <= problem.line <= source.count("\n") + 1 for problem in refusal.problems)
        assert all(problem.english_message and problem.file == "any.toml" for problem in refusal.problems)
        return None


@given(st.sets(st.integers(0, len(LINES) - 1), max_size=6))
def test_lines_may_be_missing(lost):
    read_or_refused("\n".join(line for number, line in enumerate(LINES) if number not in lost) + "\n")


@given(st.dictionaries(st.integers(0, len(LINES) - 1), st.sampled_from(JUNK), max_size=4))
def test_values_may_be_anything(junk):
    lines = [
        line.split(" = ")[0] + " = " + junk[number] if number in junk and " = " in line else line
        for number, line in enumerate(LINES)
    ]
    instrument = read_or_refused("\n".join(lines) + "\n")
    assert instrument is None or (instrument.items and instrument.scales)


@given(st.text(max_size=200))
@example("'\r0")
@example("a = " + "[" * 5000)
@example("a = " + "{a=" * 3000)
@example("a = 1" + "0" * 6000)
def test_the_file_may_be_no_questionnaire_at_all(text):
    assert read_or_refused(text) is None


@given(st.permutations(range(len(LINES))))
def test_the_lines_may_stand_in_any_order(order):
    read_or_refused("\n".join(LINES[number] for number in order) + "\n")
