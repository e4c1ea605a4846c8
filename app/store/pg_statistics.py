"""What PostgreSQL must not sample for its planner.

ANALYZE, which the server also does by itself, copies values of a table's rows into `pg_statistic`. They
stay there when the rows are gone, for no rewriting of the table touches them: addresses and digests
of codes would outlive the count. So nothing is sampled of columns whose rows are erased.
"""

from typing import Any

from sqlalchemy import Connection, MetaData, event

from app.store.database import Base

# The keys by which such rows are found may be sampled: they name rounds and units, no person.
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
}


@event.listens_for(Base.metadata, "after_create")
def _stop_sampling(_metadata: MetaData, connection: Connection, **_more: Any) -> None:
    if connection.dialect.name == "postgresql":
        for table, columns in UNSAMPLED.items():
            changes = ", ".join(f'ALTER COLUMN "{column}" SET STATISTICS 0' for column in columns)
            connection.exec_driver_sql(f'ALTER TABLE IF EXISTS "{table}" {changes}')
