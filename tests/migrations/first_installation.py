"""An installation that migration 0001 made, frozen: whatever comes later must take it along.

One round was counted and released, another is open; of its 128 people eight have answered.
"""

import base64
import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Boolean, Date, DateTime, MetaData, Table, insert, inspect, select, text

from app.store import publications

FROZEN = json.loads(Path(__file__).with_name("installation_0001.json").read_text(encoding="utf-8"))
OPEN_ROUND = 2
SPENT = 8


def codes() -> list[str]:
    """The codes of the open round that nobody has used."""
    return list(FROZEN["unspent"])


def load(engine, keys: Path) -> None:
    """Put its rows into a database at migration 0001, and its key into the keys' folder."""
    for name, content in FROZEN["keys"].items():
        (keys / name).write_bytes(base64.b64decode(content))
        (keys / name).chmod(0o600)
    with engine.begin() as connection:
        for table in in_order(connection):
            if rows := frozen_rows(table):
                connection.execute(insert(table), rows)


def rows_as_frozen(engine) -> dict[str, list[dict]]:
    """What the database holds now of each frozen table, in the columns that were frozen."""
    found = {}
    with engine.connect() as connection:
        for table in in_order(connection):
            if table.name in FROZEN["tables"]:
                columns = [table.c[name] for name in FROZEN["tables"][table.name]["columns"]]
                rows = connection.execute(select(*columns).order_by(*table.primary_key))
                found[table.name] = [{k: plain(v) for k, v in row._mapping.items()} for row in rows]
        if inspect(connection).has_table("publication_part"):
            for row in found["publication"]:
                row |= as_one_text(connection, row["round_id"])
    return found


def as_one_text(connection, number) -> dict:
    """The publication of a round as it was stored before it was split: its very text and the digest of it."""
    (digest,) = connection.execute(text("SELECT sealed_as FROM publication WHERE round_id = :n"), {"n": number}).one()
    whole = publications.publication_json(connection, number)
    assert sha256(whole.encode()).hexdigest() == digest
    return {"content": whole, "digest": digest}


def frozen() -> dict[str, int]:
    return {name: len(table["rows"]) for name, table in FROZEN["tables"].items()}


def in_order(connection) -> list[Table]:
    known = MetaData()
    known.reflect(connection, only=sorted(set(inspect(connection).get_table_names()) - {"alembic_version"}))
    return known.sorted_tables


def frozen_rows(table: Table) -> list[dict]:
    kept = FROZEN["tables"].get(table.name, {"columns": [], "rows": []})
    return [
        {name: value_of(table.c[name].type, cell) for name, cell in zip(kept["columns"], row, strict=True)}
        for row in kept["rows"]
    ]


def value_of(kind, cell):
    if isinstance(cell, dict):
        return base64.b64decode(cell["bytes"])
    if cell is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(cell).replace(tzinfo=UTC)
    if isinstance(kind, Date):
        return date.fromisoformat(cell)
    return bool(cell) if isinstance(kind, Boolean) else cell


def plain(value):
    """A value as both databases tell it."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
