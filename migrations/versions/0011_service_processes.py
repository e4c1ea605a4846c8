"""every process that serves the pages is known, so that it can be replaced once a round is closed or counted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_process",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=12), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_process")),
    )


def downgrade() -> None:
    op.drop_table("service_process")
