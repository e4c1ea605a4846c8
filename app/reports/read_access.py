"""Which cells of a publication an account may read, for pages, files and the API."""

from app.core.accounts import Account, Permission
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Level, Publication


def may_read(account: Account, unit: ReportingUnit) -> bool:
    """Tell whether an account may read a unit's own results, through any of its joined communities."""
    community_ids = (unit.id, *unit.communities)
    return any(
        account.may(Permission.READ_COMMUNITY, municipality=unit.municipality, community=item) for item in community_ids
    )


def fully_readable_municipalities(account: Account, publication: Publication) -> frozenset[str]:
    """Return the municipalities of which an account may read everything published."""
    municipalities = publication.region.municipalities
    return frozenset(
        municipality.id
        for municipality in municipalities
        if account.may(Permission.READ_REGION, municipality=municipality.id)
    )


def readable_cells(account: Account, publication: Publication) -> frozenset[Cell]:
    """Return all cells that an account may read.

    Readers of a municipality may read its units, their staff groups, and the region with its groups;
    readers of a unit may read it, its municipality and the region, without staff groups of these two.
    """
    wide = fully_readable_municipalities(account, publication)
    units = {unit.id: unit for unit in publication.region.units}
    own = {unit.id for unit in units.values() if unit.municipality in wide or may_read(account, unit)}
    if not own and not wide:
        return frozenset()
    municipalities = {units[item].municipality for item in own}
    return frozenset(
        cell for cell in publication.cells if _is_readable(cell, own=own, wide=wide, municipalities=municipalities)
    )


def _is_readable(cell: Cell, *, own: set[str], wide: frozenset[str], municipalities: set[str]) -> bool:
    if cell.level is Level.COMMUNITY:
        return cell.unit in own
    if cell.level is Level.MUNICIPALITY:
        return cell.unit in wide or (cell.unit in municipalities and cell.group is None)
    return bool(wide) or cell.group is None
