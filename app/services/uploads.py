"""Checked uploads that wait for confirmation by the same account."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.store import uploads


def replace_pending_upload(
    session: Session, account: AccountId, kind: str, *, name: str, content: bytes, now: datetime
) -> int:
    """Store a checked file in place of an earlier one of its kind and return its number.

    Files that nobody confirmed are deleted after a day.
    """
    uploads.delete_expired(session, before=now - uploads.UNCONFIRMED_FOR)
    return uploads.replace_upload(session, account, kind, name=name, content=content, now=now)


def find_pending_upload(session: Session, number: int, account: AccountId, kind: str) -> tuple[str, bytes] | None:
    """Return name and content of a file that waits for `account`; None if it is gone or another's."""
    return uploads.find_upload(session, number, account, kind)


def delete_upload(session: Session, number: int, account: AccountId) -> bool:
    """Delete a confirmed or cancelled file; of two requests at once only one gets True."""
    return uploads.delete_upload(session, number, account)
