"""Boxes of sealed ballots: one blob for each community and round.

A row is as long after the last ballot as at the opening; no row is ever added for an answer.
"""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.rounds import BoxContent, RoundId
from app.store.database import IN_BYTES, Base, Executor, is_postgresql, pad_to_power_of_two
from app.store.rounds import RoundRow, shared_round_lock


class BoxRow(Base):
    __tablename__ = "box"
    __table_args__ = (CheckConstraint("content IN ('ballots', 'comments')", name="content"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(String(10), primary_key=True)
    blob: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Box:
    """A locked box: whose it is, which one of a unit's, its bytes, and what lies in it."""

    unit_id: str
    number: int
    blob: bytes
    content: BoxContent = BoxContent.BALLOTS


@dataclass(frozen=True, slots=True, order=True)
class BoxKey:
    """Where a box stands: whose round, whose unit, which one of the unit's, and what lies in it."""

    round_id: RoundId
    unit_id: str
    number: int
    content: BoxContent = BoxContent.BALLOTS


@dataclass(frozen=True, slots=True)
class LockedBox:
    """A box that is held until the transaction ends, with the round's public key and the salt of its boxes' key."""

    blob: bytes
    public_key: bytes
    salt: bytes


_TABLE = cast("Table", BoxRow.__table__)
_ROUNDS = cast("Table", RoundRow.__table__)
_KEY = (_TABLE.c.round_id, _TABLE.c.unit_id, _TABLE.c.number, _TABLE.c.content)
_ORDER = (_TABLE.c.unit_id, _TABLE.c.number)
_TAKE = (
    select(*_ORDER, _TABLE.c.blob, _ROUNDS.c.public_key, _ROUNDS.c.box_salt)
    .join(_ROUNDS, _ROUNDS.c.id == _TABLE.c.round_id)
    .where(_TABLE.c.round_id == bindparam("of_round_id"), _TABLE.c.content == bindparam("of_content"))
    .order_by(*_ORDER)
    .with_for_update(of=_TABLE)
    .execution_options(**IN_BYTES)
)
# A list is written into its statement at every call: whoever comes alone is spared that.
_ONE = (_TABLE.c.unit_id == bindparam("of_unit_id")) & (_TABLE.c.number == bindparam("of_number"))
_SEVERAL = tuple_(*_ORDER).in_(bindparam("of_units", expanding=True))
_SHARED_LOCK = shared_round_lock(_TABLE.c.round_id)
_TAKES = {
    "sqlite": (_TAKE.where(_ONE), _TAKE.where(_SEVERAL)),
    "postgresql": (_TAKE.where(_ONE, _SHARED_LOCK), _TAKE.where(_SEVERAL, _SHARED_LOCK)),
}
_HERE = [column == bindparam(f"of_{column.name}") for column in _KEY]
_REPLACE = update(_TABLE).where(*_HERE).values(blob=bindparam("new_blob"))


def add(session: Session, round_id: RoundId, boxes: Iterable[Box]) -> None:
    """Put up the boxes of a round that opens."""
    rows = [{"round_id": round_id, **asdict(box), "content": str(box.content)} for box in boxes]
    if rows:
        session.execute(insert(_TABLE), rows)


def lock_boxes(session: Executor, places: Iterable[BoxKey]) -> dict[BoxKey, LockedBox]:
    """Return the boxes that stand at these places and hold them until the transaction ends; those counted are gone.

    Their rounds are neither closed nor counted meanwhile.
    """
    item, several = _TAKES["postgresql" if is_postgresql(session) else "sqlite"]
    held = {}
    # In one order for everybody: whoever holds a box never waits for somebody who waits for it.
    for (round_id, content), group in groupby(sorted(places, key=_shelf), key=_shelf):
        units = [(place.unit_id, place.number) for place in group]
        here = {"of_round_id": round_id, "of_content": str(content)}
        if len(units) == 1:
            result = session.execute(item, here | {"of_unit_id": units[0][0], "of_number": units[0][1]})
        else:
            result = session.execute(several, here | {"of_units": pad_to_power_of_two(units)})
        for unit_id, number, *box in result:
            held[BoxKey(round_id, unit_id, number, content)] = LockedBox(*box)
    return held


def replace_boxes(session: Executor, boxes: Mapping[BoxKey, bytes]) -> None:
    """Put boxes back with new content."""
    rows = [_named(_key(place)) | {"new_blob": blob} for place, blob in boxes.items()]
    if rows:
        session.execute(_REPLACE, rows)


def iterate_boxes(session: Session, round_id: RoundId, *, content: BoxContent = BoxContent.BALLOTS) -> Generator[Box]:
    """Yield the boxes of a round with one kind of content, a few at a time, in the order of units and numbers.

    Close the iterator where the last box may not be reached: it holds a cursor in the database.
    """
    column = _TABLE.c
    query = select(column.unit_id, column.number, column.blob).where(
        column.round_id == round_id, column.content == str(content)
    )
    ordered = query.order_by(column.unit_id, column.number).execution_options(yield_per=16)
    with session.execute(ordered) as result:
        for unit_id, number, blob in result:
            yield Box(unit_id, number, blob, content)


def box_sizes(session: Session, round_id: RoundId) -> tuple[tuple[str, int, int], ...]:
    """Return for each kind of content how many boxes a round has and how many bytes they take together."""
    query = select(BoxRow.content, func.count(), func.sum(func.length(BoxRow.blob)))
    ordered = query.where(BoxRow.round_id == round_id).group_by(BoxRow.content).order_by(BoxRow.content)
    return tuple((content, int(number), int(size)) for content, number, size in session.execute(ordered))


def erase(session: Session, round_id: RoundId) -> int:
    """Delete every box of a round; return how many there were."""
    result: Any = session.execute(delete(_TABLE).where(_TABLE.c.round_id == round_id))
    return int(result.rowcount)


def _shelf(place: BoxKey) -> tuple[RoundId, BoxContent]:
    return place.round_id, place.content


def _key(place: BoxKey) -> tuple[int, str, int, str]:
    return place.round_id, place.unit_id, place.number, str(place.content)


def _named(key: tuple[int, str, int, str]) -> dict[str, Any]:
    return {f"of_{column.name}": value for column, value in zip(_KEY, key, strict=True)}
