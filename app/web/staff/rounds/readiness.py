"""Checks before a round opens, because its units and head counts are frozen then."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.disclosure.policy import DEFAULT_K, MIN_K
from app.core.instruments import Instrument
from app.core.organisations import Community, Municipality, Region, ReportingUnit


@dataclass(frozen=True, slots=True)
class OpeningPreview:
    """The boundaries that opening would freeze, with small, empty and unknown units.

    `placement_only` units have five to nine people and get a placement only; `without_results` have fewer and get no
    results. `unknown_groups` are staff groups that the questionnaire lacks.
    """

    municipalities: tuple[tuple[Municipality, tuple[ReportingUnit, ...]], ...]
    placement_only: tuple[ReportingUnit, ...]
    without_results: tuple[ReportingUnit, ...]
    without_staff: tuple[Community, ...]
    unknown_groups: tuple[str, ...]
    joined: int

    @property
    def unit_count(self) -> int:
        """Number of reporting units with people in them."""
        return sum(len(units) for _municipality, units in self.municipalities)

    @property
    def invited_count(self) -> int:
        """Number of people invited."""
        return sum(unit.invited_count for _municipality, units in self.municipalities for unit in units)


def opening_preview(region: Region, communities: Sequence[Community], instrument: Instrument) -> OpeningPreview:
    """Return what a coordinator should know before opening a round with these boundaries."""
    manned = [unit for unit in region.units if unit.invited_count]
    group_ids = {group.id for group in instrument.groups}
    return OpeningPreview(
        municipalities=tuple(
            (municipality, tuple(unit for unit in manned if unit.municipality == municipality.id))
            for municipality in region.municipalities
        ),
        placement_only=tuple(unit for unit in manned if MIN_K <= unit.invited_count < DEFAULT_K),
        without_results=tuple(unit for unit in manned if unit.invited_count < MIN_K),
        without_staff=tuple(community for community in communities if community.staff_count == 0),
        unknown_groups=tuple(
            sorted({name for unit in manned for name, number in unit.invited.items() if number} - group_ids)
        ),
        joined=sum(community.joined_to is not None for community in communities),
    )
