"""Accounts of the demo: one fictional person for each role, all with the password generated for this demo."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId, Role
from app.core.languages import Language
from app.services import accounts


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A demo account and what it is there to show."""

    email: str
    name: str
    role: Role
    shows: str
    municipality: str | None = None
    community: str | None = None
    language: Language = Language.FI


PEOPLE = (
    DemoPerson("koordinaattori@demo.example", "Koordinaattori Demo", Role.COORDINATOR, "the whole region"),
    DemoPerson(
        "rehtori@demo.example",
        "Rehtori Demo",
        Role.PRINCIPAL,
        "a school that has improved",
        community="kuusiranta-tahtikallion-koulu",
    ),
    DemoPerson(
        "johtaja@demo.example",
        "Johtaja Demo",
        Role.PRINCIPAL,
        "a small daycare centre: placement only",
        community="revonharju-ahmankallion-paivakoti",
    ),
    DemoPerson(
        "rektor@demo.example",
        "Rektor Demo",
        Role.PRINCIPAL,
        "a Swedish-speaking school",
        community="blabarsby-lingonbackens-skola",
        language=Language.SV,
    ),
    DemoPerson("admin@demo.example", "Admin Demo", Role.ADMINISTRATOR, "accounts and the audit log"),
    DemoPerson("luottamus@demo.example", "Luottamus Demo", Role.TRUSTEE, "holds key sheets"),
)


def load_people_and_return_principals(session: Session, *, password: str, now: datetime) -> dict[str, AccountId]:
    """Store all demo accounts with their roles; return the principal's account by community."""
    principals: dict[str, AccountId] = {}
    for person in PEOPLE:
        grant = accounts.resolve_grant(
            session, person.role, municipality=person.municipality, community=person.community
        )
        added = accounts.add(
            session,
            email=person.email,
            name=person.name,
            language=person.language,
            grants=[grant],
            by=None,
            now=now,
        )
        accounts.set_password(session, added, password, by=None, now=now)
        if person.community is not None:
            principals[person.community] = added
    return principals
