"""What had better be seen before a round opens: its boundaries freeze then."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.disclosure.policy import DEFAULT_K, MIN_K
from app.core.instruments import Instrument
from app.core.organisations import Community, Municipality, Region, ReportingUnit


@dataclass(frozen=True, slots=True)
class Readiness:
    """The boundaries as they would freeze, and what is small, empty or unknown in them.

    `placed` units have five to nine people and get a placement only; `silent` ones have fewer and get
    nothing of their own. `strangers` are staff groups that the questionnaire does not know.
    """

    municipalities: tuple[tuple[Municipality, tuple[ReportingUnit, ...]], ...]
    placed: tuple[ReportingUnit, ...]
    silent: tuple[ReportingUnit, ...]
    empty: tuple[Community, ...]
    strangers: tuple[str, ...]
    joined: int

    @property
    def units(self) -> int:
        """How many reporting units there are with people in them."""
        return sum(len(units) for _municipality, units in self.municipalities)

    @property
    def invited(self) -> int:
        """How many people are invited in all."""
        return sum(unit.size for _municipality, units in self.municipalities for unit in units)


def readiness(region: Region, communities: Sequence[Community], instrument: Instrument) -> Readiness:
    """Return what a coordinator should know before opening a round with these boundaries."""
    manned = [unit for unit in region.units if unit.size]
    known = {group.id for group in instrument.groups}
    return Readiness(
        municipalities=tuple(
            (municipality, tuple(unit for unit in manned if unit.municipality == municipality.id))
            for municipality in region.municipalities
        ),
        placed=tuple(unit for unit in manned if MIN_K <= unit.size < DEFAULT_K),
        silent=tuple(unit for unit in manned if unit.size < MIN_K),
        empty=tuple(community for community in communities if community.staff == 0),
        strangers=tuple(sorted({name for unit in manned for name, number in unit.invited.items() if number} - known)),
        joined=sum(community.joined_to is not None for community in communities),
    )
