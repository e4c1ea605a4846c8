"""Head counts of invited staff by community, for a round whose answers were collected elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.organisations import Community, CommunityKind, Municipality, Region, ReportingUnit, common_kind
from app.core.tables.cells import InputTable, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.identifiers import find_look_alikes
from app.core.tables.names import NameIndex
from app.core.tables.row_reader import errors_of_marked_cells
from app.core.text import bad_characters_with_positions, match_key, normal_line
from app.store import organisations
from app.store.tabular_reader import require_columns

COLUMNS = ("community", "municipality", "invited")
LONGEST_NAME = 120
LONGEST_NEW = 40  # the name of what is registered here becomes its identifier as well
EVERYBODY = "everybody"  # head counts by staff group are not known here
REGION = ("region", "Region")


@dataclass(frozen=True, slots=True)
class ImportedRegion:
    """The region as it was asked, and what must be added to the register for it."""

    region: Region
    new_municipalities: tuple[Municipality, ...]
    new_communities: tuple[Community, ...]


@dataclass(frozen=True, slots=True)
class _Register:
    """What is registered, found by id or by name."""

    municipalities: NameIndex[Municipality]
    communities: NameIndex[Community]
    heads: dict[str, Community]

    def home(self, text: str) -> Municipality | None:
        """Return the municipality that a text means, if only one."""
        return self.municipalities.unambiguous_match(text)

    def find(self, row: "_InvitedRow") -> tuple[Community, ...]:
        """Return the communities that a row may mean; of several of one name, those of the municipality it names."""
        found = self.communities.all_matches(row.community)
        home = self.home(row.municipality)
        if len(found) < 2 or home is None:
            return found
        return tuple(community for community in found if community.municipality == home.id) or found


@dataclass(frozen=True, slots=True)
class _InvitedRow:
    """One row in its normal form."""

    number: int
    community: str
    municipality: str
    invited: str


def region_from_invited_table(session: Session, table: InputTable, *, create: bool) -> ImportedRegion:
    """Read `community,municipality,invited`; TableImportError names every bad row.

    Communities and municipalities are known by id, or by name. With `create` unknown ones are added;
    otherwise they are faults.
    """
    require_columns(table, COLUMNS)
    register = _register(session)
    rows = [_normal(row) for row in table.rows]
    faults = [fault for row in table.rows for fault in errors_of_marked_cells(row)]
    faults += [fault for row in rows for fault in _faults(row, register, create=create)]
    faults += _repeated(rows, register)
    faults += _look_alikes(rows, register)
    if not rows:
        faults.append(TableError(0, "", TableErrorCode.NO_COMMUNITIES))
    if faults:
        raise TableImportError(fault.with_file_name(table.name) for fault in faults)
    return _laid_out(session, rows, register)


def unit_name_index(session: Session, bounds: ImportedRegion) -> NameIndex[int]:
    """Return an index from the ids and names of communities to the position of their invited unit.

    A name that another community of the register bears as well finds both, so that it is not matched silently;
    those that were not invited stand for a place of their own below zero.
    """
    places = {community: place for place, unit in enumerate(bounds.region.units) for community in unit.communities}
    communities = [*organisations.communities(session), *bounds.new_communities]
    invited_names = {match_key(community.name) for community in communities if community.id in places}
    return NameIndex(
        (community.id, community.name, places.get(community.id, -1 - number))
        for number, community in enumerate(communities)
        if community.id in places or match_key(community.name) in invited_names
    )


def community_name_index(table: InputTable) -> NameIndex[int]:
    """Return an index from the community names of a table to row numbers, used while the table itself has errors."""
    return NameIndex((row.cells["community"], row.cells["community"], row.number) for row in table.rows)


def _register(session: Session) -> _Register:
    municipalities = organisations.municipalities(session)
    communities = organisations.communities(session)
    return _Register(
        NameIndex((municipality.id, municipality.name, municipality) for municipality in municipalities),
        NameIndex((community.id, community.name, community) for community in communities),
        {community.id: community for community in communities},
    )


def _normal(row: TableRow) -> _InvitedRow:
    community, municipality, invited = (normal_line(row.cells[column]) for column in COLUMNS)
    return _InvitedRow(row.number, community, municipality, invited.removesuffix(".0"))


def _faults(row: _InvitedRow, register: _Register, *, create: bool) -> Iterator[TableError]:
    yield from _name_faults(row.number, "community", row.community, known=bool(register.find(row)))
    yield from _name_faults(
        row.number, "municipality", row.municipality, known=register.home(row.municipality) is not None
    )
    if not row.invited.isascii() or not row.invited.isdigit() or int(row.invited) < 1:
        yield TableError(row.number, "invited", TableErrorCode.NOT_A_COUNT, row.invited[:80])
    yield from _unregistered(row, register, create=create)


def _name_faults(number: int, column: str, value: str, *, known: bool) -> Iterator[TableError]:
    longest = LONGEST_NAME if known else LONGEST_NEW
    if not value or len(value) > longest or ("/" in value and not known):
        yield TableError(number, column, TableErrorCode.NOT_A_PLACE_NAME, "", str(longest))
    for place, character in bad_characters_with_positions(value)[:1]:
        yield TableError(number, column, TableErrorCode.UNPRINTABLE, character, str(place))


def _unregistered(row: _InvitedRow, register: _Register, *, create: bool) -> Iterator[TableError]:
    found = register.find(row)
    homes = register.municipalities.all_matches(row.municipality)
    for column, value, known in (("community", row.community, found), ("municipality", row.municipality, homes)):
        if len(known) > 1:
            yield TableError(row.number, column, TableErrorCode.SEVERAL_PLACES, value)
        elif not known and not create:
            yield TableError(row.number, column, TableErrorCode.NOT_REGISTERED, value)
    if len(found) == 1 and found[0].municipality != (homes[0].id if homes else row.municipality):
        elsewhere = found[0].municipality
        yield TableError(row.number, "municipality", TableErrorCode.REGISTERED_ELSEWHERE, row.community, elsewhere)


def _repeated(rows: Iterable[_InvitedRow], register: _Register) -> Iterator[TableError]:
    seen: dict[str, int] = {}
    for row in rows:
        found = register.find(row)
        key = found[0].id if len(found) == 1 else match_key(row.community)
        if key in seen:
            yield TableError(row.number, "community", TableErrorCode.STANDS_ON_ROW, row.community, str(seen[key]))
        seen.setdefault(key, row.number)


def _look_alikes(rows: Iterable[_InvitedRow], register: _Register) -> Iterator[TableError]:
    """Return new communities whose name, which becomes their identifier, looks like another identifier."""
    new = {row.community: row.number for row in rows if not register.find(row)}
    for name, other in find_look_alikes(new, register.heads).items():
        yield TableError(new[name], "community", TableErrorCode.LOOKS_LIKE, name, other)


def _laid_out(session: Session, rows: Iterable[_InvitedRow], register: _Register) -> ImportedRegion:
    municipalities: dict[str, Municipality] = {}
    members: dict[str, list[tuple[Community, int]]] = {}
    new: list[Community] = []
    new_homes: dict[str, Municipality] = {}
    for row in rows:
        home = register.home(row.municipality) or new_homes.setdefault(
            match_key(row.municipality), Municipality(row.municipality, row.municipality)
        )
        municipalities[home.id] = home
        found = register.find(row)
        if found:
            community = found[0]
        else:
            counts = {EVERYBODY: int(row.invited)}
            community = Community(row.community, row.community, home.id, CommunityKind.OTHER, counts)
            new.append(community)
        members.setdefault(community.joined_to or community.id, []).append((community, int(row.invited)))
    whole = organisations.load_region(session)
    known = {municipality.id for municipality in whole.municipalities}
    ident, name = (whole.id, whole.name) if whole.name else REGION
    units = tuple(_unit(key, listed, register) for key, listed in members.items())
    added = tuple(municipality for municipality in municipalities.values() if municipality.id not in known)
    return ImportedRegion(Region(ident, name, tuple(municipalities.values()), units), added, tuple(new))


def _unit(key: str, listed: list[tuple[Community, int]], register: _Register) -> ReportingUnit:
    """Put together what is reported together."""
    head = register.heads.get(key) or listed[0][0]
    invited = {EVERYBODY: sum(number for _community, number in listed)}
    return ReportingUnit(
        head.id,
        head.name,
        head.municipality,
        tuple(community.id for community, _number in listed),
        invited,
        kind=common_kind(community for community, _number in listed),
    )
