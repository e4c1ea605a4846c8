"""Uploaded files that were checked and wait for confirmation by the same account."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ForeignKey, LargeBinary, String, Table, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.store.database import Base

CONTACTS = "contacts of round "
UNCONFIRMED_FOR = timedelta(days=1)  # so long a file waits


class UploadRow(Base):
    __tablename__ = "handed_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


def replace_upload(session: Session, account: AccountId, what: str, *, name: str, content: bytes, now: datetime) -> int:
    """Store a file until it is confirmed, in place of an earlier one of the same kind; return its number."""
    session.execute(delete(UploadRow).where(UploadRow.account_id == account, UploadRow.what == what))
    row = UploadRow(account_id=account, what=what, name=name[:200], content=content, at=now)
    session.add(row)
    session.flush()
    return row.id


def find_upload(session: Session, number: int, account: AccountId, what: str) -> tuple[str, bytes] | None:
    """Return name and content of a waiting file; None if it is gone or belongs to another account."""
    query = select(UploadRow).where(UploadRow.id == number, UploadRow.account_id == account, UploadRow.what == what)
    row = session.scalar(query)
    return None if row is None else (row.name, row.content)


def delete_upload(session: Session, number: int, account: AccountId) -> bool:
    """Delete a confirmed or cancelled file; return whether it existed.

    Of two concurrent confirmations, the second blocks for the first and then finds nothing.
    """
    own_upload = (UploadRow.id == number, UploadRow.account_id == account)
    return session.scalar(delete(UploadRow).where(*own_upload).returning(UploadRow.id)) is not None


def delete_expired(session: Session, *, before: datetime) -> None:
    """Delete files that were not confirmed."""
    session.execute(delete(UploadRow).where(UploadRow.at < before))


def delete_contact_lists_of_round(session: Session, round_id: int) -> None:
    """Delete all uploaded address lists of a round, of any account."""
    table = cast("Table", UploadRow.__table__)
    session.execute(delete(table).where(table.c.what == f"{CONTACTS}{round_id}"))
