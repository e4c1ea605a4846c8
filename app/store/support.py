"""How a municipality's people of support are reached, in the words of whoever keeps the list."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Enum, ForeignKey, String, Table, bindparam, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.support import LONGEST, SupportKind
from app.store.database import Base, Executor


class SupportRow(Base):
    __tablename__ = "support"

    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id", ondelete="CASCADE"), primary_key=True)
    who: Mapped[SupportKind] = mapped_column(
        Enum(
            SupportKind,
            name="who",
            native_enum=False,
            create_constraint=True,
            length=30,
            values_callable=lambda all_of_them: [item.value for item in all_of_them],
        ),
        primary_key=True,
    )
    words: Mapped[str] = mapped_column(String(LONGEST))


_TABLE = cast("Table", SupportRow.__table__)
_OF = select(_TABLE.c.who, _TABLE.c.words).where(_TABLE.c.municipality_id == bindparam("of_municipality"))


def support_contacts(session: Executor, municipality: str) -> dict[SupportKind, str]:
    """Return how each is reached, in the order of the enum; who has no words is left out."""
    rows = session.execute(_OF, {"of_municipality": municipality})
    result = {SupportKind(row.who): row.words for row in rows}
    return {support_kind: result[support_kind] for support_kind in SupportKind if support_kind in result}


def put(session: Session, municipality: str, words: Mapping[SupportKind, str]) -> None:
    """Put these words in the place of what is there."""
    session.execute(delete(SupportRow).where(SupportRow.municipality_id == municipality))
    session.add_all(
        SupportRow(municipality_id=municipality, who=support_kind, words=text) for support_kind, text in words.items()
    )
    session.flush()
