"""One row for each respondent becomes what the count takes; every bad cell is named."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np
from flask_babel import gettext as _

from app.core.counting import OpenedBallots
from app.core.instruments import SKIPPED, Instrument, Item
from app.core.organisations import Region
from app.services.imports.csv_reader import AnswerImportError, CellError, CsvRow, CsvTable, require_columns

COMMUNITY = "community"
GROUP = "group"
NO_GROUP = 255


def parse_answers(
    csv_table: CsvTable, *, instrument: Instrument, region: Region, names: Mapping[str, int], invited: str
) -> OpenedBallots:
    """Read `community,group,<item ids>`, empty for what was not answered.

    `names` maps what a community is called to the place of its unit in `region`; `invited` is the file
    that says how many were invited there. Raises AnswersRefused with every bad row, its column and a remedy.
    """
    faults = answer_errors(csv_table, instrument=instrument, names=names)
    if faults:
        raise AnswerImportError(faults)
    groups = _groups(instrument)
    meanings = _meanings(instrument)
    units = [names[line.cells[COMMUNITY]] for line in csv_table.lines]
    too_many = list(_too_many(units, region, invited))
    if too_many:
        raise AnswerImportError(too_many)
    staff = [groups.get(line.cells.get(GROUP, ""), NO_GROUP) for line in csv_table.lines]
    rows = [[meaning.get(line.cells[item.id], SKIPPED) for item, meaning in meanings] for line in csv_table.lines]
    return OpenedBallots(np.array(units, np.int32), np.array(staff, np.uint8), np.array(rows, np.uint8))


def answer_errors(csv_table: CsvTable, *, instrument: Instrument, names: Collection[str]) -> list[CellError]:
    """Return everything that is wrong with the rows; AnswersRefused if the columns are."""
    require_columns(csv_table, (COMMUNITY, *instrument.item_ids), allowed=(GROUP,))
    if not csv_table.lines:
        return [CellError(csv_table.name, 0, "", _("it holds no answers"))]
    groups = _groups(instrument)
    meanings = _meanings(instrument)
    return [fault for line in csv_table.lines for fault in _faults(csv_table, line, groups, names, meanings)]


def _groups(instrument: Instrument) -> dict[str, int]:
    return {group.id: place for place, group in enumerate(instrument.groups)}


def _meanings(instrument: Instrument) -> list[tuple[Item, dict[str, int]]]:
    """Return the places of each item's options by their numbers as written."""
    return [
        (item, {str(option.value): place for place, option in enumerate(item.options)}) for item in instrument.items
    ]


def _faults(
    csv_table: CsvTable,
    line: CsvRow,
    groups: dict[str, int],
    names: Collection[str],
    meanings: Iterable[tuple[Item, dict[str, int]]],
) -> Iterator[CellError]:
    community = line.cells[COMMUNITY]
    group = line.cells.get(GROUP, "")
    if community not in names:
        reason = _("“%(community)s” is not among the invited; correct the name or add a row there", community=community)
        yield CellError(csv_table.name, line.number, COMMUNITY, reason)
    if group and group not in groups:
        allowed = ", ".join(groups) or _("none: the questionnaire has no staff groups")
        yield CellError(
            csv_table.name,
            line.number,
            GROUP,
            _("“%(group)s” is no staff group; leave it empty or use %(allowed)s", group=group, allowed=allowed),
        )
    for item, meaning in meanings:
        value = line.cells[item.id]
        if value and value not in meaning:
            allowed = ", ".join(meaning)
            yield CellError(
                csv_table.name,
                line.number,
                item.id,
                _("“%(value)s” is no option; use %(allowed)s or leave it empty", value=value, allowed=allowed),
            )


def _too_many(units: list[int], region: Region, invited: str) -> Iterator[CellError]:
    for place, answered in sorted(Counter(units).items()):
        unit = region.units[place]
        if answered > unit.size:
            reason = _(
                "%(name)s: %(answered)s answered but %(invited)s were invited; correct the number",
                name=unit.name,
                answered=answered,
                invited=unit.size,
            )
            yield CellError(invited, 0, "invited", reason)
