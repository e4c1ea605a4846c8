"""Weights of the course ranking; each version has a name, so that every list states which one it used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.catalogue import ChangeTarget, EvidenceGrade


class ResponsibleParty(StrEnum):
    """Who can mostly change a matter."""

    COMMUNITY = "community"
    LEADER = "leader"
    MUNICIPALITY = "municipality"
    OUTCOME = "outcome"


RESPONSIBLE_PARTIES: Mapping[str, ResponsibleParty] = {
    "practices": ResponsibleParty.COMMUNITY,
    "control": ResponsibleParty.COMMUNITY,
    "resources": ResponsibleParty.COMMUNITY,
    "leadership": ResponsibleParty.LEADER,
    "demands": ResponsibleParty.MUNICIPALITY,
    "safety": ResponsibleParty.MUNICIPALITY,  # to prevent threats and harassment is the duty of the employer
    "wellbeing": ResponsibleParty.OUTCOME,
}


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the recommendation rule, 0-1 unless stated otherwise.

    `reach_share` is the weight of the shortfall to what others reach, beside the share of staff in the adverse third.
    `impact_trust` is how far measured impact weights count: 1 as they are, 0 all dimensions alike. A course that
    answers a need perfectly takes away the share `served_by_course` of it. `uptake` is the share of its staff that a
    community takes seats for.
    """

    version: str = "2026-1"
    reach_share: float = 0.35
    impact_trust: float = 1.0
    served_by_course: float = 0.70
    uptake: float = 0.20
    evidence: Mapping[EvidenceGrade, float] = field(
        default_factory=lambda: {EvidenceGrade.A: 1.0, EvidenceGrade.B: 0.8, EvidenceGrade.C: 0.6, EvidenceGrade.D: 0.4}
    )
    demands_target: Mapping[ChangeTarget, float] = field(
        default_factory=lambda: {
            ChangeTarget.WORK: 1.0,
            ChangeTarget.TEAM: 0.8,
            ChangeTarget.LEADER: 0.8,
            ChangeTarget.PERSON: 0.25,
        }
    )
    other_language: float = 0.5
    short_notice: float = 0.9
    far_away: float = 0.8
    alone_for_team: float = 0.7
    notice_days: int = 14
    far_days: int = 180
    decimals: int = 2

    @property
    def version_number(self) -> int:
        """The running number of the version, the same from year to year."""
        return int(self.version.rpartition("-")[2])


WEIGHTS = Weights()
