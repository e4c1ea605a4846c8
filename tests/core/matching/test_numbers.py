import pytest

from app.core.matching.numbers import (
    NAMES,
    NumberFault,
    NumbersRefused,
    differences,
    from_cells,
    from_numbers,
    numbers,
)
from app.core.matching.weights import WEIGHTS

CELLS = {name: f"{number:g}" for name, number in numbers(WEIGHTS).items()}


def faults(**changed):
    with pytest.raises(NumbersRefused) as refused:
        from_cells(CELLS | changed, version="2026-2")
    return refused.value.faults


def test_every_number_comes_back_as_it_was():
    assert from_numbers(numbers(WEIGHTS), version=WEIGHTS.version) == WEIGHTS
    assert from_cells(CELLS, version=WEIGHTS.version) == WEIGHTS
    assert set(numbers(WEIGHTS)) == set(NAMES)


def test_a_comma_is_read_as_a_point():
    changed = from_cells(CELLS | {"acceptable": "0,7"}, version="2026-2")
    assert [(one.name, one.before, one.after) for one in differences(WEIGHTS, changed)] == [("acceptable", 0.6, 0.7)]
    assert changed.number == 2


@pytest.mark.parametrize(
    ("name", "cell", "fault"),
    [
        ("acceptable", "much", NumberFault.NOT_A_NUMBER),
        ("acceptable", "", NumberFault.NOT_A_NUMBER),
        ("acceptable", "nan", NumberFault.NOT_A_NUMBER),
        ("acceptable", "-0.2", NumberFault.NOT_A_NUMBER),
        ("acceptable", "1.2", NumberFault.OUT_OF_RANGE),
        ("acceptable", "0.3", NumberFault.NOT_ABOVE_POOR),
        ("region_span", "0", NumberFault.OUT_OF_RANGE),
        ("notice_days", "1.5", NumberFault.NOT_WHOLE),
        ("far_days", "9999", NumberFault.OUT_OF_RANGE),
        ("far_days", "10", NumberFault.NOT_AFTER_NOTICE),
        ("evidence_B", "1", None),
        ("evidence_D", "0.7", NumberFault.BETTER_THAN_STRONGER),
        ("target_person", "0.9", NumberFault.PERSON_NOT_LAST),
    ],
)
def test_a_number_that_cannot_stand_is_named_with_its_reason(name, cell, fault):
    if fault is None:
        assert from_cells(CELLS | {name: cell}, version="2026-2").version == "2026-2"
    else:
        assert faults(**{name: cell}) == {name: fault}


def test_every_fault_is_told_at_once():
    assert set(faults(acceptable="x", far_days="y")) == {"acceptable", "far_days"}
