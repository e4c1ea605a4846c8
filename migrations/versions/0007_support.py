"""contacts for support, by municipality."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHO = ("occupational_health", "safety_representative", "shop_steward", "other")


def upgrade() -> None:
    op.create_table(
        "support",
        sa.Column("municipality_id", sa.String(length=40), nullable=False),
        sa.Column(
            "who", sa.Enum(*WHO, name="who", native_enum=False, create_constraint=True, length=30), nullable=False
        ),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_support_municipality_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_id", "who", name=op.f("pk_support")),
    )


def downgrade() -> None:
    op.drop_table("support")
