"""Support contacts of municipalities, which are shown with a respondent's own feedback."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.support import SupportContactKind
from app.store import audit
from app.store import support as store
from app.store.database import Executor


def support_contacts_by_kind(session: Executor, municipality: str) -> dict[SupportContactKind, str]:
    """Return a municipality's contacts; nothing for one that is not known."""
    return store.support_contacts_of_municipality(session, municipality)


def municipality_and_support_contacts_of_unit(
    session: Executor, unit_id: str
) -> tuple[str, dict[SupportContactKind, str]]:
    """Return the municipality of a reporting unit and its contacts; both empty for a unit that no longer exists."""
    return store.municipality_and_support_contacts_of_unit(session, unit_id)


def save_support_contacts(
    session: Session, municipality: str, words: Mapping[SupportContactKind, str], *, by: AccountId | None, now: datetime
) -> None:
    """Replace a municipality's support contacts; an empty text deletes one."""
    filled = {support_kind: text.strip() for support_kind, text in words.items() if text.strip()}
    store.replace_support_contacts_of_municipality(session, municipality, filled)
    audit.add(session, AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, f"support:{municipality}"))
