"""a database bears a mark of the secret that it goes with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hallmark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_hallmark_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hallmark")),
    )


def downgrade() -> None:
    op.drop_table("hallmark")
