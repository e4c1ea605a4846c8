"""The numbers that a ranking rests on, with a version, so that every list can say which it used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.catalogue import EvidenceGrade, Target


class InfluenceLevel(StrEnum):
    """In whose power a matter mostly is."""

    COMMUNITY = "community"
    LEADER = "leader"
    MUNICIPALITY = "municipality"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Influence:
    """How far a community can move a dimension itself, 0-1, and whose power it is in."""

    share: float
    power: InfluenceLevel


INFLUENCES: Mapping[str, Influence] = {
    "practices": Influence(1.0, InfluenceLevel.COMMUNITY),
    "control": Influence(0.9, InfluenceLevel.COMMUNITY),
    "resources": Influence(0.9, InfluenceLevel.COMMUNITY),
    "leadership": Influence(0.9, InfluenceLevel.LEADER),
    "demands": Influence(0.7, InfluenceLevel.MUNICIPALITY),
    "wellbeing": Influence(0.7, InfluenceLevel.OUTCOME),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Every number of the rule; shares of a scale's range where nothing else is said.

    A level is acceptable from `acceptable` on (1 is the good end) and the need is full at `poor`;
    a gap to the region of `region_span` and a decline of `decline_span` are full needs too.
    """

    version: str = "2026-1"
    acceptable: float = 0.60
    poor: float = 0.30
    region_span: float = 0.20
    decline_span: float = 0.15
    placement_need: float = 0.50
    impact_trust: float = 1.0
    served_by_course: float = 0.70
    evidence: Mapping[EvidenceGrade, float] = field(
        default_factory=lambda: {EvidenceGrade.A: 1.0, EvidenceGrade.B: 0.8, EvidenceGrade.C: 0.6, EvidenceGrade.D: 0.4}
    )
    influence: Mapping[str, Influence] = field(default_factory=lambda: dict(INFLUENCES))
    demands_target: Mapping[Target, float] = field(
        default_factory=lambda: {Target.WORK: 1.0, Target.TEAM: 0.8, Target.LEADER: 0.8, Target.PERSON: 0.25}
    )
    other_language: float = 0.5
    short_notice: float = 0.9
    far_away: float = 0.8
    alone_for_team: float = 0.7
    notice_days: int = 14
    far_days: int = 180
    facilitation_from: float = 0.25
    decimals: int = 2

    @property
    def number(self) -> int:
        """The running number of the version, the same from year to year."""
        return int(self.version.rpartition("-")[2])


WEIGHTS = Weights()
