"""Stored publications as input for the overlap check, and their replacement."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.publication import StoredPublication
from app.core.rounds import RoundId
from app.store import audit, publications, rounds
from app.store.publications import Replacement

READ = (AuditEvent.RESULTS_READ, AuditEvent.RESULTS_EXPORTED, AuditEvent.FILE_EXPORTED)


def stored_publications(session: Session) -> tuple[StoredPublication, ...]:
    """Return all publications, with whether they are current, were ever read, and were imported.

    Released publications count as read; for others the audit log decides.
    """
    replaced = publications.replacements_by_round(session)
    released = publications.rounds_ever_released(session)
    return tuple(
        StoredPublication(
            publication=publication,
            is_read=publication.round in released
            or audit.has_entry_for_subject(session, f"round:{publication.round}", READ),
            is_imported=_is_imported(session, publication.round),
            is_current=publication.round not in replaced,
        )
        for publication in publications.list_including_replaced(session)
    )


def mark_replaced_and_audit(
    session: Session,
    replaced: Iterable[RoundId],
    *,
    by: RoundId,
    now: datetime,
    because: str,
    account_id: AccountId | None = None,
) -> None:
    """Withdraw publications in favour of that of round `by`, with an audit entry for each."""
    for number in replaced:
        publications.mark_publication_replaced(session, Replacement(number, by, now, because))
        audit.add(session, AuditEntry(now, account_id, AuditEvent.ROUND_REPLACED, f"round:{number} by:{by}"))


def _is_imported(session: Session, number: RoundId) -> bool:
    """Tell whether a round was imported: no codes were ever drawn for it."""
    certificate = rounds.find_certificate(session, number)
    return certificate is not None and certificate.drawn == 0
