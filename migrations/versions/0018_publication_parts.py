"""Publications are stored in parts; `migrations/env.py` splits those that an earlier version stored as one text."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LISTS = ("participation", "figures", "items", "quadrants", "balances")
PUBLICATION = sa.table(
    "publication",
    sa.column("round_id", sa.Integer),
    sa.column("digest", sa.String),
    sa.column("content", sa.Text),
    sa.column("kind", sa.String),
    sa.column("sealed_as", sa.String),
)
PART = sa.table(
    "publication_part",
    sa.column("round_id", sa.Integer),
    sa.column("level", sa.String),
    sa.column("unit_id", sa.String),
    sa.column("content", sa.Text),
)


def upgrade() -> None:
    op.create_table(
        "publication_part",
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.String(length=40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["publication.round_id"], name=op.f("fk_publication_part_round_id")
        ),
        sa.PrimaryKeyConstraint("round_id", "level", "unit_id", name=op.f("pk_publication_part")),
    )
    with op.batch_alter_table("publication") as table:
        table.add_column(sa.Column("kind", sa.String(length=10), nullable=True))
        table.add_column(sa.Column("title", sa.Text(), nullable=True))
        table.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("unit_count", sa.Integer(), nullable=True))
        table.add_column(sa.Column("sealed_as", sa.String(length=64), nullable=True))


def downgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(PUBLICATION).where(PUBLICATION.c.kind.is_not(None))).all():
        text = whole_text(row.content, connection.execute(sa.select(PART).where(PART.c.round_id == row.round_id)).all())
        values = {"content": text, "digest": row.sealed_as or sha256(text.encode()).hexdigest()}
        connection.execute(sa.update(PUBLICATION).where(PUBLICATION.c.round_id == row.round_id).values(values))
    op.drop_table("publication_part")
    with op.batch_alter_table("publication") as table:
        for name in ("sealed_as", "unit_count", "opened_at", "title", "kind"):
            table.drop_column(name)


def whole_text(header: str, rows: Sequence[Any]) -> str:
    """Join the text that an earlier version stored: the header's members, with the long lists of all parts."""
    plain = json.loads(header)
    by_key = {(row.level, row.unit_id): json.loads(row.content) for row in rows}
    parts = [by_key[entry["level"], entry["unit"]] for entry in plain.pop("parts")]
    measures = {measure["id"]: place for place, measure in enumerate(plain.get("measures", ()))}
    for name in LISTS:
        if plain.get(name):
            plain[name] = list(joined([part.get(name, []) for part in parts], plain[name], measures))
    return json.dumps(plain | {"format": 1}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def joined(lists: Sequence[list[Any]], order: Any, measures: dict[str, int]) -> Iterable[Any]:
    """Return the elements of all parts in the order that the header names."""
    if order == "parts":
        return chain.from_iterable(lists)
    if order == "measures":
        return sorted(chain.from_iterable(lists), key=lambda element: measures[element["measure"]])
    rest = [iter(of_part) for of_part in lists]
    return [element for place, count in order for element in islice(rest[place], count)]
