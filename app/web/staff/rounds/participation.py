"""Participation in an open round by community; sorted and filtered with query parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from app.core.accounts import Permission
from app.core.organisations import Municipality, ReportingUnit
from app.core.publication import MIN_RATE_ANSWERS
from app.core.rounds import Round
from app.core.text import sort_key
from app.web.shared.access import has_permission_at
from app.web.shared.sorting import SortOrder, requested_order, sort_rows

HALF = 50
UNDER_HALF = "under50"


@dataclass(frozen=True, slots=True)
class ParticipationRow:
    """One community: people invited, and the band of its response rate; None where none is shown."""

    municipality: Municipality
    unit: ReportingUnit
    band: str | None

    @property
    def low(self) -> int | None:
        """The lower end of the band in per cent."""
        return int(self.band.split("-")[0]) if self.band else None

    @property
    def high(self) -> int | None:
        """The upper end of the band in per cent."""
        return int(self.band.split("-")[1]) if self.band else None

    @property
    def is_small(self) -> bool:
        """Whether fewer people were invited than a band needs."""
        return self.unit.invited_count < MIN_RATE_ANSWERS


@dataclass(frozen=True, slots=True)
class ParticipationTable:
    """The rows that match the URL's filters, and the available filters."""

    rows: tuple[ParticipationRow, ...]
    total: int
    order: SortOrder
    municipalities: tuple[Municipality, ...]
    place: str
    is_under_half: bool


KEYS = {
    "name": lambda row: sort_key(row.unit.name),
    "municipality": lambda row: (sort_key(row.municipality.name), sort_key(row.unit.name)),
    "invited": lambda row: row.unit.invited_count,
    "rate": lambda row: row.low,
}


def requested_participation_table(round_: Round, bands: Mapping[str, str]) -> ParticipationTable:
    """Return the communities that the account may follow; `?place=`, `?show=under50` and `?sort=` choose."""
    region = round_.boundaries
    municipalities = tuple(
        municipality
        for municipality in (region.municipalities if region else ())
        if region
        and region.units_of(municipality.id)
        and has_permission_at(Permission.PLAN_ROUND, municipality=municipality.id)
    )
    rows = [
        ParticipationRow(municipality, unit, bands.get(unit.id))
        for municipality in municipalities
        for unit in (region.units_of(municipality.id) if region else ())
    ]
    place = request.args.get("place", "")
    if place not in {municipality.id for municipality in municipalities}:
        place = ""
    is_under_half = request.args.get("show") == UNDER_HALF
    order = requested_order(KEYS, SortOrder("municipality"))
    shown = [row for row in rows if place in ("", row.municipality.id) and (not is_under_half or _may_be_under(row))]
    return ParticipationTable(
        rows=tuple(sort_rows(shown, order, KEYS)),
        total=len(rows),
        order=order,
        municipalities=municipalities,
        place=place,
        is_under_half=is_under_half,
    )


def _may_be_under(row: ParticipationRow) -> bool:
    return row.low is not None and row.low < HALF
