"""Boxes of sealed ballots: one blob for each unit, box number and round.

The size of a row never changes, and answers never add rows.
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
from app.store.database import (
    BINARY_RESULTS,
    Base,
    Executor,
    execute_and_count_rows,
    is_postgresql,
    pad_to_power_of_two,
)
from app.store.rounds import RoundRow, shared_lock_condition


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
    """A box: its unit, its number within the unit, its encrypted content, and the kind of content."""

    unit_id: str
    number: int
    blob: bytes
    content: BoxContent = BoxContent.BALLOTS


@dataclass(frozen=True, slots=True, order=True)
class BoxPrimaryKey:
    """Primary key of a box: round, unit, number within the unit, and kind of content."""

    round_id: RoundId
    unit_id: str
    number: int
    content: BoxContent = BoxContent.BALLOTS


@dataclass(frozen=True, slots=True)
class LockedBox:
    """A box locked until the end of the transaction, with the round's public key and the salt of the box key."""

    blob: bytes
    public_key: bytes
    salt: bytes


_TABLE = cast("Table", BoxRow.__table__)
_ROUNDS = cast("Table", RoundRow.__table__)
_KEY = (_TABLE.c.round_id, _TABLE.c.unit_id, _TABLE.c.number, _TABLE.c.content)
_ORDER = (_TABLE.c.unit_id, _TABLE.c.number)
_LOCK = (
    select(*_ORDER, _TABLE.c.blob, _ROUNDS.c.public_key, _ROUNDS.c.box_salt)
    .join(_ROUNDS, _ROUNDS.c.id == _TABLE.c.round_id)
    .where(_TABLE.c.round_id == bindparam("of_round_id"), _TABLE.c.content == bindparam("of_content"))
    .order_by(*_ORDER)
    .with_for_update(of=_TABLE)
    .execution_options(**BINARY_RESULTS)
)
# An IN list is expanded at every call; the statement for a single box avoids that.
_SINGLE_BOX = (_TABLE.c.unit_id == bindparam("of_unit_id")) & (_TABLE.c.number == bindparam("of_number"))
_MANY_BOXES = tuple_(*_ORDER).in_(bindparam("of_units", expanding=True))
_SHARED_LOCK = shared_lock_condition(_TABLE.c.round_id)
_LOCK_STATEMENTS = {
    "sqlite": (_LOCK.where(_SINGLE_BOX), _LOCK.where(_MANY_BOXES)),
    "postgresql": (_LOCK.where(_SINGLE_BOX, _SHARED_LOCK), _LOCK.where(_MANY_BOXES, _SHARED_LOCK)),
}
_SAME_KEY = [column == bindparam(f"of_{column.name}") for column in _KEY]
_REPLACE = update(_TABLE).where(*_SAME_KEY).values(blob=bindparam("new_blob"))


def add(session: Session, round_id: RoundId, boxes: Iterable[Box]) -> None:
    """Add the boxes of a round that opens."""
    rows = [{"round_id": round_id, **asdict(box), "content": str(box.content)} for box in boxes]
    if rows:
        session.execute(insert(_TABLE), rows)


def lock_boxes(session: Executor, keys: Iterable[BoxPrimaryKey]) -> dict[BoxPrimaryKey, LockedBox]:
    """Lock boxes until the end of the transaction and return them; boxes that were already counted are missing.

    Their rounds can be neither closed nor counted in the meantime.
    """
    single, several = _LOCK_STATEMENTS["postgresql" if is_postgresql(session) else "sqlite"]
    locked = {}
    # Fixed lock order, avoids deadlock.
    for (round_id, content), group in groupby(sorted(keys, key=_round_and_content), key=_round_and_content):
        units = [(key.unit_id, key.number) for key in group]
        parameters = {"of_round_id": round_id, "of_content": str(content)}
        if len(units) == 1:
            result = session.execute(single, parameters | {"of_unit_id": units[0][0], "of_number": units[0][1]})
        else:
            result = session.execute(several, parameters | {"of_units": pad_to_power_of_two(units)})
        for unit_id, number, *box in result:
            locked[BoxPrimaryKey(round_id, unit_id, number, content)] = LockedBox(*box)
    return locked


def replace_boxes(session: Executor, boxes: Mapping[BoxPrimaryKey, bytes]) -> None:
    """Replace the content of boxes."""
    rows = [_named(_key_values(key)) | {"new_blob": blob} for key, blob in boxes.items()]
    if rows:
        session.execute(_REPLACE, rows)


def iterate_boxes(session: Session, round_id: RoundId, *, content: BoxContent = BoxContent.BALLOTS) -> Generator[Box]:
    """Yield the boxes of a round with one kind of content in batches, ordered by unit and number.

    Close the iterator if it may not be exhausted: it holds a database cursor.
    """
    column = _TABLE.c
    query = select(column.unit_id, column.number, column.blob).where(
        column.round_id == round_id, column.content == str(content)
    )
    ordered = query.order_by(column.unit_id, column.number).execution_options(yield_per=16)
    with session.execute(ordered) as result:
        for unit_id, number, blob in result:
            yield Box(unit_id, number, blob, content)


def box_totals_of_each_content(session: Session, round_id: RoundId) -> tuple[tuple[str, int, int], ...]:
    """Return the number of boxes and their total bytes for each kind of content."""
    query = select(BoxRow.content, func.count(), func.sum(func.length(BoxRow.blob)))
    ordered = query.where(BoxRow.round_id == round_id).group_by(BoxRow.content).order_by(BoxRow.content)
    return tuple((content, int(number), int(size)) for content, number, size in session.execute(ordered))


def erase(session: Session, round_id: RoundId) -> int:
    """Delete all boxes of a round; return how many."""
    return execute_and_count_rows(session, delete(_TABLE).where(_TABLE.c.round_id == round_id))


def _round_and_content(key: BoxPrimaryKey) -> tuple[RoundId, BoxContent]:
    return key.round_id, key.content


def _key_values(key: BoxPrimaryKey) -> tuple[int, str, int, str]:
    return key.round_id, key.unit_id, key.number, str(key.content)


def _named(key: tuple[int, str, int, str]) -> dict[str, Any]:
    return {f"of_{column.name}": value for column, value in zip(_KEY, key, strict=True)}
