import pytest

from app.core.matching.weight_numbers import (
    NAMES,
    InvalidWeights,
    WeightErrorCode,
    weight_differences,
    weight_numbers,
    weights_from_form,
    weights_from_numbers,
)
from app.core.matching.weights import WEIGHTS

CELLS = {name: f"{number:g}" for name, number in weight_numbers(WEIGHTS).items()}


def faults(**changed):
    with pytest.raises(InvalidWeights) as refused:
        weights_from_form(CELLS | changed, version="2026-2")
    return refused.value.faults


def test_every_number_comes_back_as_it_was():
    assert weights_from_numbers(weight_numbers(WEIGHTS), version=WEIGHTS.version) == WEIGHTS
    assert weights_from_form(CELLS, version=WEIGHTS.version) == WEIGHTS
    assert set(weight_numbers(WEIGHTS)) == set(NAMES)


def test_a_comma_is_read_as_a_point():
    changed = weights_from_form(CELLS | {"acceptable": "0,7"}, version="2026-2")
    assert [(one.name, one.before, one.after) for one in weight_differences(WEIGHTS, changed)] == [
        ("acceptable", 0.6, 0.7)
    ]
    assert changed.number == 2


@pytest.mark.parametrize(
    ("name", "cell", "fault"),
    [
        ("acceptable", "much", WeightErrorCode.NOT_A_NUMBER),
        ("acceptable", "", WeightErrorCode.NOT_A_NUMBER),
        ("acceptable", "nan", WeightErrorCode.NOT_A_NUMBER),
        ("acceptable", "-0.2", WeightErrorCode.NOT_A_NUMBER),
        ("acceptable", "1.2", WeightErrorCode.OUT_OF_RANGE),
        ("acceptable", "0.3", WeightErrorCode.NOT_ABOVE_POOR),
        ("region_span", "0", WeightErrorCode.OUT_OF_RANGE),
        ("notice_days", "1.5", WeightErrorCode.NOT_WHOLE),
        ("far_days", "9999", WeightErrorCode.OUT_OF_RANGE),
        ("far_days", "10", WeightErrorCode.NOT_AFTER_NOTICE),
        ("evidence_B", "1", None),
        ("evidence_D", "0.7", WeightErrorCode.BETTER_THAN_STRONGER),
        ("target_person", "0.9", WeightErrorCode.PERSON_NOT_LAST),
    ],
)
def test_a_number_that_cannot_stand_is_named_with_its_reason(name, cell, fault):
    if fault is None:
        assert weights_from_form(CELLS | {name: cell}, version="2026-2").version == "2026-2"
    else:
        assert faults(**{name: cell}) == {name: fault}


def test_every_fault_is_told_at_once():
    assert set(faults(acceptable="x", far_days="y")) == {"acceptable", "far_days"}
