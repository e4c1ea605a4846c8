"""Each community says who answers for staff that it shares with others."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SERVICES = "service IN ('kitchen', 'cleaning', 'special_education')"


def upgrade() -> None:
    op.create_table(
        "shared_staff",
        sa.Column("community_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("answers", sa.String(length=120), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(SERVICES, name=op.f("ck_shared_staff_service")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_shared_staff_community_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_shared_staff_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("community_id", "service", name=op.f("pk_shared_staff")),
    )


def downgrade() -> None:
    op.drop_table("shared_staff")
