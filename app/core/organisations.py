"""Organisations: region, municipalities, communities, and reporting units of joined communities."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.core.text import sort_key


class CommunityKind(StrEnum):
    """Kind of working community."""

    EARLY_CHILDHOOD = "early_childhood"
    SCHOOL = "school"
    UPPER_SECONDARY = "upper_secondary"
    OTHER = "other"


class SharedService(StrEnum):
    """A service whose staff often work in several communities, with a supervisor elsewhere."""

    KITCHEN = "kitchen"
    CLEANING = "cleaning"
    SPECIAL_EDUCATION = "special_education"


LONGEST_RESPONSIBLE = 120


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality or another participating organisation; `member` is false for a paying one."""

    id: str
    name: str
    member: bool = True


@dataclass(frozen=True, slots=True)
class Community:
    """A school, a daycare centre or another unit with its own staff.

    `head_counts` maps a staff group's id to the number of people; `joined_to` is the community under which a small
    one is reported; `contact` is the address of the person who hands out the codes.
    """

    id: str
    name: str
    municipality: str
    kind: CommunityKind
    head_counts: Mapping[str, int] = field(default_factory=dict)
    joined_to: str | None = None
    contact: str = ""

    @property
    def staff_count(self) -> int:
        """The number of people who work here."""
        return sum(self.head_counts.values())


@dataclass(frozen=True, slots=True)
class ReportingUnit:
    """A reporting unit, frozen when a round opens: one community or several joined ones.

    `invited` maps a staff group's id to the number of invited people. `surveyed_before`: one of its communities took
    part in a survey whose results were released before this round opened. `kind` is the kind of all its communities;
    None where they differ, and in rounds that were opened before the kind was stored.
    """

    id: str
    name: str
    municipality: str
    communities: tuple[str, ...]
    invited: Mapping[str, int]
    surveyed_before: bool = True
    kind: CommunityKind | None = None

    @property
    def invited_count(self) -> int:
        """The total number of invited people."""
        return sum(self.invited.values())


@dataclass(frozen=True, slots=True)
class Region:
    """A region: participating municipalities and their reporting units."""

    id: str
    name: str
    municipalities: tuple[Municipality, ...]
    units: tuple[ReportingUnit, ...]

    def units_of(self, municipality: str) -> tuple[ReportingUnit, ...]:
        """Return the units of one municipality, in order."""
        return tuple(unit for unit in self.units if unit.municipality == municipality)

    def restricted_to(self, units: Container[str] | None) -> "Region":
        """Return the region with only these units and their municipalities; unchanged if `units` is None."""
        if units is None:
            return self
        remaining = tuple(unit for unit in self.units if unit.id in units)
        municipality_ids = {unit.municipality for unit in remaining}
        return replace(
            self,
            units=remaining,
            municipalities=tuple(
                municipality for municipality in self.municipalities if municipality.id in municipality_ids
            ),
        )


def mark_surveyed_units(region: Region, surveyed: Container[str]) -> Region:
    """Return the region with `surveyed_before` set for units with a community in `surveyed`."""
    units = (
        replace(unit, surveyed_before=any(community in surveyed for community in unit.communities))
        for unit in region.units
    )
    return replace(region, units=tuple(units))


class JoinErrorCode(StrEnum):
    """Why a community cannot be reported under another."""

    UNKNOWN = "unknown"
    ITSELF = "itself"
    CHAIN = "chain"
    ELSEWHERE = "elsewhere"


def join_errors_by_community(communities: Iterable[Community]) -> dict[str, JoinErrorCode]:
    """Return the error of each invalid join, by the id of the joined community.

    A join is one step long and stays within a municipality, so that published sets of people stay nested.
    """
    by_id = {community.id: community for community in communities}
    faults = {
        community.id: _join_error(community, by_id) for community in by_id.values() if community.joined_to is not None
    }
    return {name: fault for name, fault in faults.items() if fault is not None}


def _join_error(community: Community, by_id: Mapping[str, Community]) -> JoinErrorCode | None:
    target = by_id.get(community.joined_to or "")
    if community.joined_to == community.id:
        return JoinErrorCode.ITSELF
    if target is None:
        return JoinErrorCode.UNKNOWN
    if target.joined_to is not None:
        return JoinErrorCode.CHAIN
    return JoinErrorCode.ELSEWHERE if target.municipality != community.municipality else None


def build_region(
    region_id: str, name: str, *, municipalities: Sequence[Municipality], communities: Sequence[Community]
) -> Region:
    """Build reporting units from communities; joined communities are counted under their target.

    Raises ValueError for an invalid join. Units are ordered by municipality, then by name.
    """
    faults = join_errors_by_community(communities)
    if faults:
        message = f"These communities cannot be joined as asked: {', '.join(sorted(faults))}"
        raise ValueError(message)
    municipality_order = {
        municipality.id: (position, municipality.name) for position, municipality in enumerate(municipalities)
    }
    heads = sorted(
        (community for community in communities if community.joined_to is None),
        key=lambda head: (municipality_order[head.municipality][0], sort_key(head.name), head.id),
    )
    units = tuple(
        _unit(community, [member for member in communities if member.joined_to == community.id]) for community in heads
    )
    return Region(region_id, name, tuple(municipalities), units)


def sort_ids_by_name(ids: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return ids in the alphabetical order of what they are called; an id without a name is its own name.

    >>> sort_ids_by_name(["a", "b", "c"], {"a": "Öja", "b": "Åbo", "c": "alfa"})
    ('c', 'b', 'a')
    """
    return tuple(sorted(ids, key=lambda each_id: (sort_key(names.get(each_id, each_id)), each_id)))


def common_kind(communities: Iterable[Community]) -> CommunityKind | None:
    """Return the kind that all communities share, or None.

    >>> common_kind([Community("a", "A", "m", CommunityKind.SCHOOL), Community("b", "B", "m", CommunityKind.OTHER)])
    """
    kinds = {community.kind for community in communities}
    return kinds.pop() if len(kinds) == 1 else None


def _unit(community: Community, joined: Sequence[Community]) -> ReportingUnit:
    members = (community, *sorted(joined, key=lambda member: (sort_key(member.name), member.id)))
    invited = Counter[str]()
    for member in members:
        invited.update(member.head_counts)
    return ReportingUnit(
        id=community.id,
        name=" + ".join(member.name for member in members),
        municipality=community.municipality,
        communities=tuple(member.id for member in members),
        invited=dict(invited),
        kind=common_kind(members),
    )
