"""Supply plans are kept, and the numbers of seats that were used."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'running', 'done', 'failed', 'stopped')"
STAGES = "stage IN ('gathering', 'searching', 'floors', 'next_best', 'keeping')"


def upgrade() -> None:
    op.create_table(
        "supply_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("weights_version", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_supply_plan_state")),
        sa.CheckConstraint(STAGES, name=op.f("ck_supply_plan_stage")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_supply_plan_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_plan")),
    )
    op.create_index(op.f("ix_supply_plan_state"), "supply_plan", ["state"])
    op.create_table(
        "seat_use",
        sa.Column("offering_id", sa.String(length=80), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_seat_use_taken")),
        sa.CheckConstraint("completed >= 0 AND completed <= taken", name=op.f("ck_seat_use_completed")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.external_id"], name=op.f("fk_seat_use_offering_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_seat_use_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("offering_id", name=op.f("pk_seat_use")),
    )


def downgrade() -> None:
    op.drop_table("seat_use")
    op.drop_table("supply_plan")
