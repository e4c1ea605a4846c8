"""no samples of what is erased."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNSAMPLED = {
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


def upgrade() -> None:
    # What PostgreSQL samples for its planner outlives the rows. SQLite samples nothing unasked.
    _sample(0)


def downgrade() -> None:
    _sample(-1)


def _sample(target: int) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in UNSAMPLED.items():
            for column in columns:
                change = f'ALTER TABLE "{table}" ALTER COLUMN "{column}"'
                op.execute(f"{change} SET STATISTICS {target}")
                # Naming its type again rewrites nothing, but drops what was sampled before.
                op.execute(f"{change} TYPE {_type(table, column)}")


def _type(table: str, column: str) -> str:
    query = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s"
    return str(op.get_bind().exec_driver_sql(query, (f'"{table}"', column)).scalar_one())
