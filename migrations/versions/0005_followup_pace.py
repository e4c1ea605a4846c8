"""how long the steps after a round may take."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "followup_pace",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("preview", sa.Integer(), nullable=False),
        sa.Column("meeting", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("first_step", sa.Integer(), nullable=False),
        sa.Column("pulse_from", sa.Integer(), nullable=False),
        sa.Column("pulse_by", sa.Integer(), nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=False),
        sa.CheckConstraint("pulse_from <= pulse_by", name=op.f("ck_followup_pace_pulse")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_followup_pace_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_followup_pace")),
    )


def downgrade() -> None:
    op.drop_table("followup_pace")
