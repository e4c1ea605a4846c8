"""Which cells of a publication an account may read; pages, files and programs ask here."""

from app.core.accounts import Account, Permission
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Level, Publication


def may_read(account: Account, unit: ReportingUnit) -> bool:
    """Tell whether an account may read a unit's own results, by any of the communities joined in it."""
    here = (unit.id, *unit.communities)
    return any(account.may(Permission.READ_COMMUNITY, municipality=unit.municipality, community=item) for item in here)


def readable_municipalities(account: Account, publication: Publication) -> frozenset[str]:
    """Return the municipalities of which an account may read everything that is printed."""
    places = publication.region.municipalities
    return frozenset(place.id for place in places if account.may(Permission.READ_REGION, municipality=place.id))


def readable_cells(account: Account, publication: Publication) -> frozenset[Cell]:
    """Return every cell that an account may read.

    Whoever reads a municipality reads its communities, their staff groups, and the region with its
    groups; whoever reads a community reads it, and beside it its municipality and the region as wholes.
    """
    wide = readable_municipalities(account, publication)
    units = {unit.id: unit for unit in publication.region.units}
    own = {unit.id for unit in units.values() if unit.municipality in wide or may_read(account, unit)}
    if not own and not wide:
        return frozenset()
    beside = {units[item].municipality for item in own}
    return frozenset(
        part.cell for part in publication.participation if _is_within(part.cell, own=own, wide=wide, beside=beside)
    )


def _is_within(cell: Cell, *, own: set[str], wide: frozenset[str], beside: set[str]) -> bool:
    if cell.level is Level.COMMUNITY:
        return cell.unit in own
    if cell.level is Level.MUNICIPALITY:
        return cell.unit in wide or (cell.unit in beside and cell.group is None)
    return bool(wide) or cell.group is None
