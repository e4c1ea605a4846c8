"""The contacts for support: kept by municipality, shown beside a person's own feedback."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.support import SupportKind
from app.store import audit, organisations
from app.store import support as store
from app.store.database import Executor


def support_contacts(session: Executor, municipality: str) -> dict[SupportKind, str]:
    """Return a municipality's contacts; nothing for one that is not known."""
    return store.support_contacts(session, municipality)


def municipality_of_unit(session: Executor, unit_id: str) -> str:
    """Return the municipality that a reporting unit lies in; an empty text for one that is gone."""
    return organisations.municipality_of(session, unit_id) or ""


def save(
    session: Session, municipality: str, words: Mapping[SupportKind, str], *, by: AccountId | None, now: datetime
) -> None:
    """Keep these contacts in the place of the earlier ones; empty words take a contact away."""
    filled = {support_kind: text.strip() for support_kind, text in words.items() if text.strip()}
    store.put(session, municipality, filled)
    audit.add(session, AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, f"support:{municipality}"))
