"""the key of an automatic round is sealed to every host, so that any of them can count it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNSAMPLED = ("host_id", "host_name", "host_key", "proof", "sealed", "can_open", "seen_at")


def upgrade() -> None:
    op.create_table(
        "round_key_share",
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("host_id", sa.String(length=16), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("host_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("proof", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=80), nullable=True),
        sa.Column("can_open", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_key_share_round_id")),
        sa.PrimaryKeyConstraint("round_id", "host_id", name=op.f("pk_round_key_share")),
    )
    if op.get_bind().dialect.name == "postgresql":  # the planner's samples would outlive the count
        for column in UNSAMPLED:
            op.execute(f"ALTER TABLE round_key_share ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    shared = op.get_bind().execute(sa.text("SELECT count(*) FROM round_key_share")).scalar()
    if shared:  # the files with the keys themselves are destroyed by now
        message = "Open rounds can be counted with their key shares only: count these rounds before going back."
        raise RuntimeError(message)
    op.drop_table("round_key_share")
