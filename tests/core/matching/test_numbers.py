import pytest

from app.core.catalogue import EvidenceGrade
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
    changed = weights_from_form(CELLS | {"impact_trust": "0,7"}, version="2026-2")
    assert [(one.name, one.before, one.after) for one in weight_differences(WEIGHTS, changed)] == [
        ("impact_trust", 1.0, 0.7)
    ]
    assert changed.version_number == 2


@pytest.mark.parametrize(
    ("name", "cell", "fault"),
    [
        ("impact_trust", "much", WeightErrorCode.NOT_A_NUMBER),
        ("impact_trust", "", WeightErrorCode.NOT_A_NUMBER),
        ("impact_trust", "nan", WeightErrorCode.NOT_A_NUMBER),
        ("impact_trust", "-0.2", WeightErrorCode.NOT_A_NUMBER),
        ("impact_trust", "1.2", WeightErrorCode.OUT_OF_RANGE),
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
    assert set(faults(impact_trust="x", far_days="y")) == {"impact_trust", "far_days"}


def test_a_version_that_was_stored_under_the_former_rule_is_read():
    former = {"acceptable": 0.6, "influence_demands": 0.7, "evidence_D": 0.3}
    found = weights_from_numbers(former, version="2026-2")
    assert found.evidence[EvidenceGrade.D] == 0.3
    assert found.impact_trust == WEIGHTS.impact_trust
