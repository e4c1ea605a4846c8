"""Region, municipality, community and what is joined for reporting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class CommunityKind(StrEnum):
    """What sort of working community it is."""

    EARLY_CHILDHOOD = "early_childhood"
    SCHOOL = "school"
    UPPER_SECONDARY = "upper_secondary"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality, or another organisation that takes part; `member` is false for a paying one."""

    id: str
    name: str
    member: bool = True


@dataclass(frozen=True, slots=True)
class Community:
    """A school, a daycare centre or another unit with staff of its own.

    `head_counts` maps a staff group's id to the number of people; `joined_to` names the community
    under which a small one is reported.
    """

    id: str
    name: str
    municipality: str
    kind: CommunityKind
    head_counts: Mapping[str, int] = field(default_factory=dict)
    joined_to: str | None = None

    @property
    def staff(self) -> int:
        """How many people work here."""
        return sum(self.head_counts.values())


@dataclass(frozen=True, slots=True)
class Unit:
    """A reporting community, frozen when a round opens: one community or several joined.

    `invited` maps a staff group's id to the number of people invited.
    """

    id: str
    name: str
    municipality: str
    communities: tuple[str, ...]
    invited: Mapping[str, int]

    @property
    def size(self) -> int:
        """How many people are invited in all."""
        return sum(self.invited.values())


@dataclass(frozen=True, slots=True)
class Region:
    """The whole that takes part: municipalities and their reporting units."""

    id: str
    name: str
    municipalities: tuple[Municipality, ...]
    units: tuple[Unit, ...]

    def units_of(self, municipality: str) -> tuple[Unit, ...]:
        """Return the units of one municipality, in their own order."""
        return tuple(unit for unit in self.units if unit.municipality == municipality)
