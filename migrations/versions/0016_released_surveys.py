"""Small rows about released surveys, so that respondents' pages read no publication.

They are filled from the publications after the migrations, in the same transaction: see env.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "released_survey",
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("instrument_digest", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("is_regional", sa.Boolean(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_released_survey_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_released_survey")),
    )
    op.create_table(
        "surveyed_unit",
        sa.Column("unit_id", sa.String(length=40), nullable=False),
        sa.Column("round_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_surveyed_unit_round_id_round")),
        sa.PrimaryKeyConstraint("unit_id", "round_id", name=op.f("pk_surveyed_unit")),
    )
    op.create_index(op.f("ix_surveyed_unit_round_id"), "surveyed_unit", ["round_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_surveyed_unit_round_id"), table_name="surveyed_unit")
    op.drop_table("surveyed_unit")
    op.drop_table("released_survey")
