"""Questionnaires completed in the browser: published keys with the texts of a licensed user."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.text import sort_key
from app.store.database import Base


class QuestionnaireRow(Base):
    __tablename__ = "questionnaire"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


def upsert_questionnaire(session: Session, name: str, source: str, *, by: AccountId | None, now: datetime) -> None:
    """Store a questionnaire in place of an earlier one with that name; rounds keep their own text."""
    session.execute(delete(QuestionnaireRow).where(QuestionnaireRow.name == name))
    session.add(QuestionnaireRow(name=name, source=source, account_id=by, at=now))
    session.flush()


def toml_by_name(session: Session) -> dict[str, str]:
    """Return the TOML text of every stored questionnaire, by name."""
    rows = sorted(session.scalars(select(QuestionnaireRow)), key=lambda row: sort_key(row.name))
    return {row.name: row.source for row in rows}


def remove(session: Session, name: str) -> None:
    """Delete a questionnaire; rounds keep their own text."""
    session.execute(delete(QuestionnaireRow).where(QuestionnaireRow.name == name))
