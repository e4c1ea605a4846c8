"""Comments that may be read after the count, with random keys and no link to a person."""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, delete, false, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.comments import Comment, find_suspicious_words
from app.core.rounds import RoundId
from app.store.database import Base, chunked, execute_and_count_rows

KEY_BYTES = 16


class CommentRow(Base):
    __tablename__ = "comment"
    # Ordered by a random key: neither the file nor the list reveals the order in which comments were written.
    __table_args__ = (Index(None, "round_id", "unit_id"), {"sqlite_with_rowid": False})

    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(String(100))
    words: Mapped[str] = mapped_column(Text)
    noticed: Mapped[str] = mapped_column(Text)
    withheld: Mapped[bool] = mapped_column(default=False)


def add(session: Session, round_id: RoundId, written: Mapping[str, Sequence[str]], *, names: Collection[str]) -> int:
    """Store comments ordered by random key; those with a name or role are withheld for now; return how many."""
    rows = [_row(round_id, unit, text, names) for unit, several in written.items() for text in several]
    ordered = sorted(rows, key=lambda row: row.key)
    session.add_all(ordered)
    session.flush()
    return len(rows)


def comments(session: Session, round_id: RoundId) -> tuple[Comment, ...]:
    """Return all comments of a round by unit, in random order."""
    query = select(CommentRow).where(CommentRow.round_id == round_id).order_by(CommentRow.unit_id, CommentRow.key)
    return tuple(
        Comment(row.key.hex(), row.unit_id, row.words, tuple(json.loads(row.noticed)), row.withheld)
        for row in session.scalars(query)
    )


def texts_not_withheld(session: Session, round_id: RoundId, unit_id: str) -> tuple[str, ...]:
    """Return the comments of one unit that are not withheld, in random order; those of others are not read."""
    query = select(CommentRow.words).where(
        CommentRow.round_id == round_id, CommentRow.unit_id == unit_id, CommentRow.withheld == false()
    )
    return tuple(session.scalars(query.order_by(CommentRow.key)))


def set_withheld(session: Session, round_id: RoundId, keys: Collection[str]) -> None:
    """Withhold exactly the comments with these keys; unknown keys are ignored."""
    key_by_hex = {
        key.hex(): key for key in session.scalars(select(CommentRow.key).where(CommentRow.round_id == round_id))
    }
    of_round = update(CommentRow).where(CommentRow.round_id == round_id)
    session.execute(of_round.values(withheld=False))
    for some in chunked(key_by_hex[key] for key in key_by_hex.keys() & set(keys)):
        session.execute(of_round.where(CommentRow.key.in_(some)).values(withheld=True))


def erase_withheld(session: Session, round_id: RoundId) -> int:
    """Delete withheld comments; return how many."""
    statement = delete(CommentRow).where(CommentRow.round_id == round_id, CommentRow.withheld == true())
    return execute_and_count_rows(session, statement)


def _row(round_id: RoundId, unit: str, text: str, names: Collection[str]) -> CommentRow:
    seen = find_suspicious_words(text, names)
    return CommentRow(
        key=secrets.token_bytes(KEY_BYTES),
        round_id=round_id,
        unit_id=unit,
        words=text,
        noticed=json.dumps(seen, ensure_ascii=False),
        withheld=bool(seen),
    )
