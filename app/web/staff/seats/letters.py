"""E-mails that inform communities of the outcome of their seat requests."""

from collections.abc import Iterable, Mapping, Sequence

from app.core.accounts import Account, Permission
from app.core.languages import Language, TranslatedText
from app.core.matching.seat_alternatives import RequestWithoutSeats
from app.core.organisations import ReportingUnit
from app.services.mail import CommunityMessage
from app.store.seats import StoredAllocation

ABOUT = TranslatedText(fi="Paikat koulutuksiin", sv="Platser på utbildningar", en="Seats on courses")
DETAIL = TranslatedText(
    fi="Toiveenne on käsitelty. Saitte paikkoja {granted}, toivoitte {asked}. Perustelut ovat palvelussa.",
    sv="Era önskemål har behandlats: ni fick {granted} av {asked} önskade platser. Motiveringarna finns i tjänsten.",
    en="Your requests have been processed: you get {granted} of {asked} seats. The reasons are in the service.",
)
INSTEAD = TranslatedText(
    fi="Kun paikkoja ei riittänyt, voitte toivoa niiden tilalle (suluissa arvio paikoista): {courses}.",
    sv="Där platserna inte räckte kan ni i stället önska (inom parentes en uppskattning av platserna): {courses}.",
    en="Where you got no seats, you can request instead (in brackets the seats to expect): {courses}.",
)


def seat_outcome_messages(
    allocation: StoredAllocation,
    units: Iterable[ReportingUnit],
    people: Iterable[Account],
    unmet: Mapping[str, Sequence[RequestWithoutSeats]],
) -> list[CommunityMessage]:
    """Return a message for everybody who may request seats for a community that did, in the reader's language.

    `unmet` are the requests of communities that got no seats, each with what can be requested instead.
    """
    asking = {share.community for share in allocation.allocation.shares}
    readers = [person for person in people if person.has_password and not person.closed]
    return [
        _letter(reader, unit, allocation, unmet.get(unit.id, ()))
        for unit in units
        if unit.id in asking
        for reader in readers
        if _may_request_seats(reader, unit)
    ]


def _may_request_seats(account: Account, unit: ReportingUnit) -> bool:
    return any(
        account.may(Permission.REQUEST_SEATS, municipality=unit.municipality, community=item)
        for item in (unit.id, *unit.communities)
    )


def _letter(
    account: Account, unit: ReportingUnit, allocation: StoredAllocation, unmet: Sequence[RequestWithoutSeats]
) -> CommunityMessage:
    language = Language(account.language)
    asked = sum(grant.request.seats for grant in allocation.allocation.grants if grant.request.community == unit.id)
    granted = sum(
        seats for (community, _offering), seats in allocation.seats_after_overrides.items() if community == unit.id
    )
    return CommunityMessage(
        account=account,
        about=ABOUT.in_language(language),
        what=unit.name,
        detail=" ".join(
            [DETAIL.in_language(language).format(granted=granted, asked=asked), *_instead(unmet, language)]
        ),
        path=f"/staff/seats/community/{unit.id}",
    )


def _instead(unmet: Iterable[RequestWithoutSeats], language: Language) -> list[str]:
    """Say what can be requested in place of requests without seats; nothing where there is no such course."""
    courses = [
        f"”{each.alternative.course.title.in_language(language)}” ({each.alternative.seats})"
        for each in unmet
        if each.is_decided and each.alternative is not None
    ]
    return [INSTEAD.in_language(language).format(courses=", ".join(courses))] if courses else []
