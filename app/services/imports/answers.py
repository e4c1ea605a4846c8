"""Convert one row per respondent into ratings for the count; every invalid cell is reported."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from app.core.counting import OpenedBallots
from app.core.instruments import SKIPPED, Instrument, Item
from app.core.languages import Language
from app.core.organisations import Region
from app.core.tables.cells import InputTable, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.headers import ANSWERS, column_name_resolver, header_key
from app.core.tables.names import NameIndex
from app.core.tables.row_reader import errors_of_marked_cells
from app.core.text import normal_line
from app.store.tabular_reader import require_columns

COMMUNITY = "community"
GROUP = "group"
NO_GROUP = 255


def heading_to_column_mapper(instrument: Instrument) -> Callable[[str], str]:
    """Return the function from a heading to its column: ids of items as they are, then the words for the others."""
    items = {item: item for item in instrument.item_ids}
    keys = Counter(map(header_key, items))
    by_key = {header_key(item): item for item in items if keys[header_key(item)] == 1}
    others = column_name_resolver(ANSWERS)

    def rename(heading: str) -> str:
        line = normal_line(heading)
        return items.get(line) or by_key.get(header_key(line)) or others(line)

    return rename


def parse_answers(
    table: InputTable, *, instrument: Instrument, region: Region, names: NameIndex[int], invited: str
) -> OpenedBallots:
    """Read `community,group,<item ids>`, empty for what was not answered.

    `names` finds the place of a unit in `region` by what its communities are called; `invited` is the file
    that says how many were invited there. Raises TableImportError with every bad row, its column and a remedy.
    """
    faults = answer_errors(table, instrument=instrument, names=names)
    if faults:
        raise TableImportError(faults)
    groups = _group_places(table, staff_group_index(instrument))
    meanings = _meanings(instrument)
    places = {text: names.unambiguous_match(text) for text in {row.cells[COMMUNITY] for row in table.rows}}
    units = [place for place in (places[row.cells[COMMUNITY]] for row in table.rows) if place is not None]
    too_many = list(_too_many(units, region, invited))
    if too_many:
        raise TableImportError(too_many)
    staff = [groups.get(row.cells.get(GROUP, ""), NO_GROUP) for row in table.rows]
    rows = [[meaning.get(_number(row.cells[item.id]), SKIPPED) for item, meaning in meanings] for row in table.rows]
    return OpenedBallots(np.array(units, np.int32), np.array(staff, np.uint8), np.array(rows, np.uint8))


def answer_errors(table: InputTable, *, instrument: Instrument, names: NameIndex[int] | None) -> list[TableError]:
    """Return everything that is wrong with the rows; TableImportError if the columns are.

    Without `names` (the list of the invited has faults of its own) communities are not looked for.
    """
    require_columns(table, (COMMUNITY, *instrument.item_ids), allowed=(GROUP,))
    if not table.rows:
        return [TableError(0, "", TableErrorCode.NO_ANSWERS, file=table.name)]
    groups = _group_places(table, staff_group_index(instrument))
    meanings = _meanings(instrument)
    found = {text: _community_fault(text, names) for text in {row.cells[COMMUNITY] for row in table.rows}}
    return [
        fault.with_file_name(table.name)
        for row in table.rows
        for fault in (*errors_of_marked_cells(row), *_faults(row, instrument, found, groups, meanings))
    ]


def staff_group_index(instrument: Instrument) -> NameIndex[int]:
    """Return an index from the id and the translated names of each staff group to its position."""
    return NameIndex(
        (group.id, group.name.in_language(language), place)
        for place, group in enumerate(instrument.groups)
        for language in Language
    )


def _group_places(table: InputTable, groups: NameIndex[int]) -> dict[str, int]:
    """Return the place of each staff group that a table names; what is no group, or several, is not in it."""
    named = {row.cells.get(GROUP, "") for row in table.rows}
    places = {text: groups.unambiguous_match(text) if text.strip() else NO_GROUP for text in named}
    return {text: place for text, place in places.items() if place is not None}


def _meanings(instrument: Instrument) -> list[tuple[Item, dict[str, int]]]:
    """Return the places of each item's options by their numbers as written."""
    return [
        (item, {str(option.value): place for place, option in enumerate(item.options)}) for item in instrument.items
    ]


def _number(text: str) -> str:
    """Return an answer as a whole number; other programs write 3 as `3.0`."""
    value = text.strip()
    whole, point, fraction = value.replace(",", ".").partition(".")
    return whole if point and fraction and not fraction.strip("0") else value


def _community_fault(text: str, names: NameIndex[int] | None) -> TableErrorCode | None:
    if names is None:
        return None
    found = names.all_matches(text)
    if not found:
        return TableErrorCode.NOT_INVITED
    return TableErrorCode.SEVERAL_COMMUNITIES if len(found) > 1 else None


def _faults(
    row: TableRow,
    instrument: Instrument,
    found: dict[str, TableErrorCode | None],
    groups: dict[str, int],
    meanings: Iterable[tuple[Item, dict[str, int]]],
) -> Iterator[TableError]:
    community = row.cells[COMMUNITY]
    group = row.cells.get(GROUP, "")
    fault = found[community]
    if fault is not None:
        yield TableError(row.number, COMMUNITY, fault, normal_line(community)[:80])
    if group not in groups:
        allowed = ", ".join(each_group.id for each_group in instrument.groups)
        yield TableError(row.number, GROUP, TableErrorCode.NO_STAFF_GROUP, normal_line(group)[:80], allowed)
    for item, meaning in meanings:
        value = _number(row.cells[item.id])
        if value and value not in meaning:
            yield TableError(row.number, item.id, TableErrorCode.NO_OPTION, value[:80], ", ".join(meaning))


def _too_many(units: list[int], region: Region, invited: str) -> Iterator[TableError]:
    for place, answered in sorted(Counter(units).items()):
        unit = region.units[place]
        if answered > unit.invited_count:
            fault = TableErrorCode.MORE_ANSWERED
            yield TableError(0, "invited", fault, str(answered), str(unit.invited_count), unit.name, file=invited)
