"""Contact texts of the support services of each municipality."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import ForeignKey, String, Table, bindparam, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.support import LONGEST, SupportKind
from app.store.columns import enum_type
from app.store.database import Base, Executor


class SupportRow(Base):
    __tablename__ = "support"

    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id", ondelete="CASCADE"), primary_key=True)
    who: Mapped[SupportKind] = mapped_column(
        enum_type(SupportKind, "who", length=30),
        primary_key=True,
    )
    words: Mapped[str] = mapped_column(String(LONGEST))


_TABLE = cast("Table", SupportRow.__table__)
_OF = select(_TABLE.c.who, _TABLE.c.words).where(_TABLE.c.municipality_id == bindparam("of_municipality"))


def support_contacts(session: Executor, municipality: str) -> dict[SupportKind, str]:
    """Return the contact texts in the order of the enum, without empty ones."""
    rows = session.execute(_OF, {"of_municipality": municipality})
    result = {SupportKind(row.who): row.words for row in rows}
    return {support_kind: result[support_kind] for support_kind in SupportKind if support_kind in result}


def put(session: Session, municipality: str, texts: Mapping[SupportKind, str]) -> None:
    """Replace the contact texts of a municipality."""
    session.execute(delete(SupportRow).where(SupportRow.municipality_id == municipality))
    session.add_all(
        SupportRow(municipality_id=municipality, who=support_kind, words=text) for support_kind, text in texts.items()
    )
    session.flush()
