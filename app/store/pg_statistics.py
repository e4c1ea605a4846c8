"""Exclude sensitive columns from the planner statistics of PostgreSQL.

ANALYZE, which the server also runs by itself, copies column values into `pg_statistic`. They stay there after
the rows are deleted and the table is rewritten: addresses and digests of codes would outlive the count. So
columns of erased rows are not sampled.
"""

from typing import Any

from sqlalchemy import Connection, MetaData, event

from app.store.database import Base

# Columns that identify rounds and units, but no person, may be sampled.
UNSAMPLED = {
    "bounce": ("digest",),
    "box": ("number", "content", "blob"),
    "comment": ("key", "words", "noticed", "withheld"),
    "contact": ("address", "language"),
    "dot_vote": ("box_salt", "public_key"),
    "dot_vote_box": ("number", "blob"),
    "dot_vote_code": ("digest", "box", "spent"),
    "handed_in": ("name", "content"),
    "invitation": ("digest", "box", "kind", "contact", "spent"),
    "letter": ("id", "tried", "content"),
    "mail_batch": ("written", "sent", "refused", "given_up"),
    "round": ("box_salt", "bands"),
    "round_key_share": ("host_id", "host_name", "host_key", "proof", "sealed", "can_open", "seen_at"),
}


@event.listens_for(Base.metadata, "after_create")
def _stop_sampling(_metadata: MetaData, connection: Connection, **_more: Any) -> None:
    if connection.dialect.name == "postgresql":
        for table, columns in UNSAMPLED.items():
            changes = ", ".join(f'ALTER COLUMN "{column}" SET STATISTICS 0' for column in columns)
            connection.exec_driver_sql(f'ALTER TABLE IF EXISTS "{table}" {changes}')
