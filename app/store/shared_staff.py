"""Who is responsible for staff who work in several communities: kitchen, cleaning, special education."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.organisations import SharedService
from app.store.columns import one_of_constraint
from app.store.database import Base


class SharedStaffRow(Base):
    __tablename__ = "shared_staff"
    __table_args__ = (one_of_constraint("service", SharedService),)

    community_id: Mapped[str] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), primary_key=True)
    service: Mapped[str] = mapped_column(String(20), primary_key=True)
    answers: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


def responsible_by_community_and_service(
    session: Session, communities: Collection[str] | None = None
) -> dict[str, dict[SharedService, str]]:
    """Return who is responsible for shared staff, by community and service; of some communities, or of all."""
    query = select(SharedStaffRow).order_by(SharedStaffRow.service)
    if communities is not None:
        query = query.where(SharedStaffRow.community_id.in_(communities))
    result: dict[str, dict[SharedService, str]] = {}
    for row in session.scalars(query):
        result.setdefault(row.community_id, {})[SharedService(row.service)] = row.answers
    return result


def set_responsible_by_service(
    session: Session,
    community: str,
    answers: Mapping[SharedService, str],
    *,
    by: AccountId | None,
    now: datetime,
) -> None:
    """Replace who is responsible for shared staff in a community, by service; an empty text removes it."""
    session.execute(delete(SharedStaffRow).where(SharedStaffRow.community_id == community))
    session.add_all(
        SharedStaffRow(community_id=community, service=service, answers=text, account_id=by, at=now)
        for service, text in answers.items()
        if text
    )
    session.flush()
