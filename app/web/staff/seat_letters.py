"""The letters that tell communities that their wishes for seats were answered."""

from collections.abc import Iterable

from app.core.accounts import Account, Permission
from app.core.languages import Language, TranslatedText
from app.core.organisations import ReportingUnit
from app.services.mail import FollowUpLetter
from app.store.seats import StoredAllocation

ABOUT = TranslatedText(fi="Paikat koulutuksiin", sv="Platser i utbildningar", en="Seats in courses")
DETAIL = TranslatedText(
    fi="Toiveisiinne on vastattu. Toivottuja paikkoja: {asked}, saatuja: {given}. Perustelut ovat palvelussa.",
    sv="Era önskemål har besvarats: ni fick {given} av {asked} önskade platser. Motiveringarna finns i tjänsten.",
    en="Your wishes have been answered: you were given {given} of {asked} seats. The reasons are in the service.",
)


def seat_letters(
    kept: StoredAllocation, units: Iterable[ReportingUnit], people: Iterable[Account]
) -> list[FollowUpLetter]:
    """Return a letter for everybody who may wish for a community that asked, in the reader's own language."""
    asking = {share.community for share in kept.allocation.shares}
    readers = [one for one in people if one.has_password and not one.closed]
    return [
        _letter(one, unit, kept) for unit in units if unit.id in asking for one in readers if _wishes_for(one, unit)
    ]


def _wishes_for(account: Account, unit: ReportingUnit) -> bool:
    return any(
        account.may(Permission.WISH_SEATS, municipality=unit.municipality, community=one)
        for one in (unit.id, *unit.communities)
    )


def _letter(account: Account, unit: ReportingUnit, kept: StoredAllocation) -> FollowUpLetter:
    language = Language(account.language)
    asked = sum(one.wish.seats for one in kept.allocation.given if one.wish.community == unit.id)
    given = sum(seats for (community, _offering), seats in kept.final.items() if community == unit.id)
    return FollowUpLetter(
        account=account,
        about=ABOUT.read(language),
        what=unit.name,
        detail=DETAIL.read(language).format(given=given, asked=asked),
        path=f"/staff/seats/community/{unit.id}",
    )
