"""Contact texts of the support services of each municipality."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import ForeignKey, String, Table, bindparam, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.support import LONGEST, SupportContactKind
from app.store.columns import enum_type
from app.store.database import Base, Executor
from app.store.organisations import CommunityRow


class SupportRow(Base):
    __tablename__ = "support"

    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id", ondelete="CASCADE"), primary_key=True)
    who: Mapped[SupportContactKind] = mapped_column(
        enum_type(SupportContactKind, "who", length=30),
        primary_key=True,
    )
    words: Mapped[str] = mapped_column(String(LONGEST))


_TABLE = cast("Table", SupportRow.__table__)
_OF = select(_TABLE.c.who, _TABLE.c.words).where(_TABLE.c.municipality_id == bindparam("of_municipality"))
_UNITS = cast("Table", CommunityRow.__table__)
_OF_UNIT = (
    select(_UNITS.c.municipality_id, _TABLE.c.who, _TABLE.c.words)
    .outerjoin(_TABLE, _TABLE.c.municipality_id == _UNITS.c.municipality_id)
    .where(_UNITS.c.id == bindparam("of_unit"))
)


def support_contacts_of_municipality(session: Executor, municipality: str) -> dict[SupportContactKind, str]:
    """Return the contact texts of a municipality in the order of the enum, without empty ones."""
    rows = session.execute(_OF, {"of_municipality": municipality})
    return _in_order({SupportContactKind(row.who): row.words for row in rows})


def municipality_and_support_contacts_of_unit(
    session: Executor, unit_id: str
) -> tuple[str, dict[SupportContactKind, str]]:
    """Return the municipality of a unit and its contact texts in the order of the enum; empty for an unknown unit."""
    rows = session.execute(_OF_UNIT, {"of_unit": unit_id}).all()
    municipality = rows[0].municipality_id if rows else ""
    return municipality, _in_order({row.who: row.words for row in rows if row.who is not None})


def _in_order(texts: Mapping[SupportContactKind, str]) -> dict[SupportContactKind, str]:
    return {support_kind: texts[support_kind] for support_kind in SupportContactKind if support_kind in texts}


def replace_support_contacts_of_municipality(
    session: Session, municipality: str, texts: Mapping[SupportContactKind, str]
) -> None:
    """Replace the contact texts of a municipality."""
    session.execute(delete(SupportRow).where(SupportRow.municipality_id == municipality))
    session.add_all(
        SupportRow(municipality_id=municipality, who=support_kind, words=text) for support_kind, text in texts.items()
    )
    session.flush()
