"""Where it rests how long the steps after a round may take, where that was chosen."""

from datetime import timedelta

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.followup import TEMPLATE, Template
from app.core.rounds import RoundId
from app.store.database import Base


class PaceRow(Base):
    __tablename__ = "followup_pace"
    __table_args__ = (CheckConstraint("pulse_from <= pulse_by", name="pulse"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    preview: Mapped[int]
    meeting: Mapped[int]
    plan: Mapped[int]
    first_step: Mapped[int]
    pulse_from: Mapped[int]
    pulse_by: Mapped[int]
    review: Mapped[int]
    answer: Mapped[int]


def template(session: Session, round_id: RoundId) -> Template:
    """Return the template of a round; the usual one where none was chosen."""
    row = session.get(PaceRow, round_id)
    if row is None:
        return TEMPLATE
    return Template(**{name: timedelta(days=getattr(row, name)) for name in TEMPLATE.days})


def set_template(session: Session, round_id: RoundId, chosen: Template) -> None:
    """Keep the template of a round."""
    session.merge(PaceRow(round_id=round_id, **chosen.days))
    session.flush()
