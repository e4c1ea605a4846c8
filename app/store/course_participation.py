"""Which communities took part in a course, as reported by a coordinator."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.store.database import Base


class ParticipationRow(Base):
    __tablename__ = "course_participation"

    course_id: Mapped[str] = mapped_column(ForeignKey("course.external_id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    took_part: Mapped[bool]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


def participation_by_community(session: Session, course: str) -> dict[str, bool]:
    """Return by community whether it took part in a course, where reported."""
    query = select(ParticipationRow).where(ParticipationRow.course_id == course)
    return {row.community_id: row.took_part for row in session.scalars(query)}


def replace_participation_in_course(
    session: Session, course: str, participation: Mapping[str, bool], *, by: AccountId | None, now: datetime
) -> None:
    """Replace the reported participation of these communities in a course; what others reported stays."""
    reported = (ParticipationRow.course_id == course, ParticipationRow.community_id.in_(participation))
    session.execute(delete(ParticipationRow).where(*reported))
    session.add_all(
        ParticipationRow(course_id=course, community_id=name, took_part=took, account_id=by, at=now)
        for name, took in participation.items()
    )
    session.flush()
