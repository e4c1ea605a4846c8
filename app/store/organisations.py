"""Current region, municipalities and communities; each round has its own copy."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, String, Table, literal, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.core.organisations import Community, CommunityKind, Municipality, Region, build_region
from app.core.text import sort_key
from app.store.columns import enum_type
from app.store.database import Base


class RegionRow(Base):
    __tablename__ = "region"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))


class MunicipalityRow(Base):
    __tablename__ = "municipality"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    member: Mapped[bool]


class CommunityRow(Base):
    __tablename__ = "community"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"), index=True)
    kind: Mapped[CommunityKind] = mapped_column(enum_type(CommunityKind, "kind"))
    joined_to_id: Mapped[str | None] = mapped_column(ForeignKey("community.id"), index=True)
    contact: Mapped[str] = mapped_column(String(254))
    head_counts: Mapped[list["HeadCountRow"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="HeadCountRow.staff_group"
    )


class HeadCountRow(Base):
    __tablename__ = "head_count"
    __table_args__ = (CheckConstraint("number >= 0", name="number"),)

    community_id: Mapped[str] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), primary_key=True)
    staff_group: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int]


def municipalities(session: Session) -> tuple[Municipality, ...]:
    """Return every municipality by name."""
    rows = session.scalars(select(MunicipalityRow))
    listed = (Municipality(row.id, row.name, row.member) for row in rows)
    return tuple(sorted(listed, key=lambda municipality: (sort_key(municipality.name), municipality.id)))


def communities(session: Session) -> tuple[Community, ...]:
    """Return every community by name, joined or not."""
    listed = (_value(row) for row in session.scalars(select(CommunityRow)))
    return tuple(sorted(listed, key=lambda community: (sort_key(community.name), community.id)))


_COMMUNITIES = cast("Table", CommunityRow.__table__)
KIND = "kind"
# Same columns as other inputs of course lists: kind, owner, identifier, number.
KINDS = select(
    literal(KIND).label("what"), _COMMUNITIES.c.id, sql_cast(_COMMUNITIES.c.kind, String), literal(0).label("number")
)


def community_ids(session: Session) -> frozenset[str]:
    """Return the ids of all current communities, including joined ones."""
    return frozenset(session.scalars(select(CommunityRow.id)))


def load_region(session: Session) -> Region:
    """Return the current region with its reporting units; empty before any import."""
    row = session.scalar(select(RegionRow).order_by(RegionRow.id))
    return build_region(
        row.id if row else "region",
        row.name if row else "",
        municipalities=municipalities(session),
        communities=communities(session),
    )


def upsert(
    session: Session,
    *,
    municipalities: Iterable[Municipality],
    communities: Iterable[Community],
    region: tuple[str, str] | None = None,
) -> None:
    """Add new and update known municipalities and communities by id; deletes nothing."""
    if region is not None:
        session.merge(RegionRow(id=region[0], name=region[1]))
    for municipality in municipalities:
        session.merge(MunicipalityRow(id=municipality.id, name=municipality.name, member=municipality.member))
    session.flush()
    listed = tuple(communities)
    for community in listed:
        session.merge(_row(community))
    session.flush()  # joins last: the target may come later in the list
    for community in listed:
        session.get_one(CommunityRow, community.id).joined_to_id = community.joined_to
    session.flush()


def _row(value: Community) -> CommunityRow:
    return CommunityRow(
        id=value.id,
        name=value.name,
        municipality_id=value.municipality,
        kind=value.kind,
        contact=value.contact,
        head_counts=[
            HeadCountRow(community_id=value.id, staff_group=group, number=number)
            for group, number in value.head_counts.items()
        ],
    )


def _value(row: CommunityRow) -> Community:
    return Community(
        id=row.id,
        name=row.name,
        municipality=row.municipality_id,
        kind=row.kind,
        head_counts={head_count.staff_group: head_count.number for head_count in row.head_counts},
        joined_to=row.joined_to_id,
        contact=row.contact,
    )
