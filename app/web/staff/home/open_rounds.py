"""Participation in the open round: by municipality for coordinators, in one band for a principal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.accounts import Account, Permission
from app.core.counting.bands import combined_rate_range
from app.core.organisations import Municipality, ReportingUnit
from app.core.publication import MIN_RATE_ANSWERS
from app.core.rounds import Round
from app.reports.read_access import may_read
from app.services import rounds
from app.store.database import Session
from app.web.shared.app_context import now

PLAN = Permission.PLAN_ROUND


@dataclass(frozen=True, slots=True)
class RateBar:
    """Response rate of a municipality as a bar: the bands of its units allow `low` to `high` per cent.

    Both are None before the first daily refresh, and where no unit is large enough for a band.
    """

    municipality: Municipality
    invited: int
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class OwnRate:
    """Response rate of a unit of one's own in its band; None where none is shown yet, or never."""

    unit: ReportingUnit
    band: str | None

    @property
    def is_small(self) -> bool:
        """Whether the unit is too small for a band at any time."""
        return self.unit.invited_count < MIN_RATE_ANSWERS


@dataclass(frozen=True, slots=True)
class OpenRoundParticipation:
    """Participation in an open round, as far as the account may see it."""

    round: Round
    days_left: int
    bars: tuple[RateBar, ...] = ()
    own: tuple[OwnRate, ...] = ()


def participation_in_open_rounds(
    session: Session, who: Account, listed: Iterable[Round]
) -> tuple[OpenRoundParticipation, ...]:
    """Return the rounds that can be answered now, with the participation that the account may see."""
    return tuple(_open_round(session, who, round_) for round_ in listed if round_.accepts_answers(now()))


def _open_round(session: Session, who: Account, round_: Round) -> OpenRoundParticipation:
    bands = rounds.participation_bands_by_unit(session, round_.id)
    return OpenRoundParticipation(
        round=round_,
        days_left=max(0, (round_.closes_at - now()).days),
        bars=municipality_rate_bars(who, round_, bands) if who.may(PLAN) else (),
        own=_own_rates(who, round_, bands) if who.may(Permission.EDIT_PLAN) else (),
    )


def municipality_rate_bars(who: Account, round_: Round, bands: Mapping[str, str]) -> tuple[RateBar, ...]:
    """Return a bar for each municipality whose participation the account may follow."""
    region = round_.boundaries
    result = []
    for municipality in region.municipalities if region else ():
        units = region.units_of(municipality.id) if region else ()
        if units and who.may(PLAN, municipality=municipality.id):
            low, high = combined_rate_range(bands, units) or (None, None)
            result.append(RateBar(municipality, sum(unit.invited_count for unit in units), low, high))
    return tuple(result)


def _own_rates(who: Account, round_: Round, bands: Mapping[str, str]) -> tuple[OwnRate, ...]:
    units = round_.boundaries.units if round_.boundaries else ()
    return tuple(OwnRate(unit, bands.get(unit.id)) for unit in units if may_read(who, unit))
