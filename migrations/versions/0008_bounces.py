"""letters that come back are counted, each once."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bounce",
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["mail_batch.id"], name=op.f("fk_bounce_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bounce")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_bounce_batch_id"), "bounce", ["batch_id"])
    if op.get_bind().dialect.name == "postgresql":
        # What is sampled for the planner would outlive the rows.
        op.execute("ALTER TABLE bounce ALTER COLUMN digest SET STATISTICS 0")


def downgrade() -> None:
    op.drop_index(op.f("ix_bounce_batch_id"), table_name="bounce")
    op.drop_table("bounce")
