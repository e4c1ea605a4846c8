"""Who was invited, community by community: the boundaries of a round whose answers came from elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.organisations import Community, CommunityKind, Municipality, Region, ReportingUnit
from app.services.imports.csv_reader import AnswerImportError, CellError, CsvRow, CsvTable, require_columns
from app.store import organisations

COLUMNS = ("community", "municipality", "invited")
LONGEST_NAME = 100
EVERYBODY = "everybody"  # head counts by staff group are not known here
REGION = ("region", "Region")
Named = TypeVar("Named", Municipality, Community)


@dataclass(frozen=True, slots=True)
class ImportBoundaries:
    """The region as it was asked, and what must be added to the register for it."""

    region: Region
    new_municipalities: tuple[Municipality, ...]
    new_communities: tuple[Community, ...]


@dataclass(frozen=True, slots=True)
class _Register:
    """What is registered, found by id or by name."""

    municipalities: dict[str, Municipality]
    communities: dict[str, Community]


def import_boundaries(session: Session, csv_table: CsvTable, *, create: bool) -> ImportBoundaries:
    """Read `community,municipality,invited`; AnswersRefused names every bad row.

    Communities and municipalities are known by id, or by name. With `create` unknown ones are added;
    otherwise they are faults.
    """
    require_columns(csv_table, COLUMNS)
    register = _Register(_known(organisations.municipalities(session)), _known(organisations.communities(session)))
    faults = [fault for line in csv_table.lines for fault in _faults(csv_table, line, register, create=create)]
    faults += _repeated(csv_table)
    if not csv_table.lines:
        faults.append(CellError(csv_table.name, 0, "", _("it names no community")))
    if faults:
        raise AnswerImportError(faults)
    return _laid_out(session, csv_table, register)


def names_of(session: Session, bounds: ImportBoundaries) -> dict[str, int]:
    """Map every id and every name of a community that was invited to the place of its unit."""
    places = {community: place for place, unit in enumerate(bounds.region.units) for community in unit.communities}
    communities = [*organisations.communities(session), *bounds.new_communities]
    return {community.name: places[community.id] for community in communities if community.id in places} | places


def _known(listed: Iterable[Named]) -> dict[str, Named]:
    """Return what is registered by name and by id; an id goes before a name."""
    return {item.name: item for item in listed} | {item.id: item for item in listed}


def _faults(csv_table: CsvTable, line: CsvRow, register: _Register, *, create: bool) -> Iterable[CellError]:
    community, municipality, invited = (line.cells[column] for column in COLUMNS)
    for column, value in (("community", community), ("municipality", municipality)):
        if not value or len(value) > LONGEST_NAME or "/" in value:
            yield CellError(
                csv_table.name,
                line.number,
                column,
                _("a name of 1 to %(most)s letters without “/” is needed", most=LONGEST_NAME),
            )
    if not invited.isascii() or not invited.isdigit() or int(invited) < 1:
        yield CellError(
            csv_table.name,
            line.number,
            "invited",
            _("“%(invited)s” is not a whole number of 1 or more", invited=invited),
        )
    yield from _unregistered(csv_table, line, register, create=create)


def _unregistered(csv_table: CsvTable, line: CsvRow, register: _Register, *, create: bool) -> Iterable[CellError]:
    community = line.cells["community"]
    municipality = line.cells["municipality"]
    known = register.communities.get(community)
    if not create and known is None:
        reason = _(
            "“%(community)s” is not registered; import it first, or let new ones be registered",
            community=community,
        )
        yield CellError(csv_table.name, line.number, "community", reason)
    home = register.municipalities.get(municipality)
    if not create and home is None:
        reason = _(
            "“%(municipality)s” is not registered; import it first, or let new ones be registered",
            municipality=municipality,
        )
        yield CellError(csv_table.name, line.number, "municipality", reason)
    if known is not None and known.municipality != (home.id if home else municipality):
        reason = _(
            "“%(community)s” is registered in “%(home)s”; correct one of the two",
            community=community,
            home=known.municipality,
        )
        yield CellError(csv_table.name, line.number, "municipality", reason)


def _repeated(csv_table: CsvTable) -> Iterable[CellError]:
    seen: dict[str, int] = {}
    for line in csv_table.lines:
        name = line.cells["community"]
        if name in seen:
            yield CellError(
                csv_table.name,
                line.number,
                "community",
                _("“%(name)s” stands on row %(row)s already", name=name, row=seen[name]),
            )
        seen.setdefault(name, line.number)


def _laid_out(session: Session, csv_table: CsvTable, register: _Register) -> ImportBoundaries:
    municipalities: dict[str, Municipality] = {}
    members: dict[str, list[tuple[Community, int]]] = {}
    new: list[Community] = []
    for line in csv_table.lines:
        community, municipality, invited = (line.cells[column] for column in COLUMNS)
        home = register.municipalities.get(municipality) or Municipality(municipality, municipality)
        municipalities[home.id] = home
        found_community = register.communities.get(community)
        if found_community is None:
            counts = {EVERYBODY: int(invited)}
            found_community = Community(community, community, home.id, CommunityKind.OTHER, counts)
            new.append(found_community)
        members.setdefault(found_community.joined_to or found_community.id, []).append((found_community, int(invited)))
    whole = organisations.load_region(session)
    known = {municipality.id for municipality in whole.municipalities}
    ident, name = (whole.id, whole.name) if whole.name else REGION
    units = tuple(_unit(key, listed, register) for key, listed in members.items())
    added = tuple(municipality for municipality in municipalities.values() if municipality.id not in known)
    return ImportBoundaries(Region(ident, name, tuple(municipalities.values()), units), added, tuple(new))


def _unit(key: str, listed: list[tuple[Community, int]], register: _Register) -> ReportingUnit:
    """Put together what is reported together."""
    head = register.communities.get(key) or listed[0][0]
    invited = {EVERYBODY: sum(number for _community, number in listed)}
    return ReportingUnit(
        head.id, head.name, head.municipality, tuple(community.id for community, _number in listed), invited
    )
