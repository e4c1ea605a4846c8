"""Matching weights as named numbers: export, parse, validate and compare."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

from app.core.catalogue import ChangeTarget, EvidenceGrade
from app.core.matching.weights import WEIGHTS, Weights

PLAIN = (
    "reach_share", "impact_trust", "served_by_course", "uptake", "other_language", "short_notice", "far_away",
    "alone_for_team",
)  # fmt: skip
DAYS = ("notice_days", "far_days")
EVIDENCE = "evidence_"
TARGET = "target_"
NAMES: tuple[str, ...] = (
    *PLAIN,
    *DAYS,
    *(f"{EVIDENCE}{grade.value}" for grade in EvidenceGrade),
    *(f"{TARGET}{target.value}" for target in ChangeTarget),
)
MOST_DAYS = 730


class WeightErrorCode(StrEnum):
    """What is wrong with one number of the weights."""

    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_WHOLE = "not_whole"
    BETTER_THAN_STRONGER = "better_than_stronger"
    PERSON_NOT_LAST = "person_not_last"
    NOT_AFTER_NOTICE = "not_after_notice"


class InvalidWeights(Exception):
    """Some weights are invalid; `faults` says which and why."""

    def __init__(self, faults: Mapping[str, WeightErrorCode]) -> None:
        super().__init__(", ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class WeightDifference:
    """One number that differs between two versions."""

    name: str
    before: float
    after: float


def weight_numbers(weights: Weights) -> dict[str, float]:
    """Return every number of the weights by its name, in the order of `NAMES`."""
    result: dict[str, float] = {name: float(getattr(weights, name)) for name in (*PLAIN, *DAYS)}
    result |= {f"{EVIDENCE}{grade.value}": weights.evidence[grade] for grade in EvidenceGrade}
    result |= {f"{TARGET}{target.value}": weights.demands_target[target] for target in ChangeTarget}
    return result


def read_number(cell: str) -> float:
    """Read a number as people write it, with a comma or a point; ValueError for anything else.

    >>> read_number(" 0,25 ")
    0.25
    """
    text = cell.strip().replace(",", ".")
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        raise ValueError(cell)
    return float(text)


def weights_from_form(cells: Mapping[str, str], *, version: str) -> Weights:
    """Read every number from what a form sent; raises InvalidWeights with every fault."""
    result: dict[str, float] = {}
    faults: dict[str, WeightErrorCode] = {}
    for name in NAMES:
        try:
            result[name] = read_number(cells.get(name, ""))
        except ValueError:
            faults[name] = WeightErrorCode.NOT_A_NUMBER
    faults |= {name: fault for name, fault in _faults(result) if name not in faults}
    if faults:
        raise InvalidWeights(faults)
    return weights_from_numbers(result, version=version)


def weights_from_numbers(numbers: Mapping[str, float], *, version: str) -> Weights:
    """Put weights together from numbers by name.

    A version that was stored before a number existed has its default; a number that the rule no longer has is left out.
    """
    result = weight_numbers(WEIGHTS) | {name: number for name, number in numbers.items() if name in NAMES}
    return replace(
        WEIGHTS,
        version=version,
        **_plain(result),
        evidence={grade: result[f"{EVIDENCE}{grade.value}"] for grade in EvidenceGrade},
        demands_target={target: result[f"{TARGET}{target.value}"] for target in ChangeTarget},
    )


def _plain(result: Mapping[str, float]) -> dict[str, Any]:
    return {name: result[name] for name in PLAIN} | {name: int(result[name]) for name in DAYS}


def weight_differences(before: Weights, after: Weights) -> tuple[WeightDifference, ...]:
    """Return the numbers that differ, in the order of `NAMES`."""
    old = weight_numbers(before)
    new = weight_numbers(after)
    return tuple(WeightDifference(name, old[name], new[name]) for name in NAMES if old[name] != new[name])


def _faults(result: Mapping[str, float]) -> Iterator[tuple[str, WeightErrorCode]]:
    for name, number in result.items():
        if name in DAYS:
            if number != int(number):
                yield name, WeightErrorCode.NOT_WHOLE
            elif not 0 <= number <= MOST_DAYS:
                yield name, WeightErrorCode.OUT_OF_RANGE
        elif not 0 <= number <= 1:
            yield name, WeightErrorCode.OUT_OF_RANGE
    if set(result) == set(NAMES):
        yield from _contradictions(result)


def _contradictions(result: Mapping[str, float]) -> Iterator[tuple[str, WeightErrorCode]]:
    if result["far_days"] <= result["notice_days"]:
        yield "far_days", WeightErrorCode.NOT_AFTER_NOTICE
    for stronger, weaker in pairwise(EvidenceGrade):
        if result[f"{EVIDENCE}{weaker.value}"] > result[f"{EVIDENCE}{stronger.value}"]:
            yield f"{EVIDENCE}{weaker.value}", WeightErrorCode.BETTER_THAN_STRONGER
    person = result[f"{TARGET}{ChangeTarget.PERSON.value}"]
    if any(person > result[f"{TARGET}{target.value}"] for target in ChangeTarget):
        yield f"{TARGET}{ChangeTarget.PERSON.value}", WeightErrorCode.PERSON_NOT_LAST
