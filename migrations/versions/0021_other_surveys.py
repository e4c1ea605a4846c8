"""Surveys of others by municipality, and the crosswalk from their scales to dimensions."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "other_survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_other_survey_days")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_other_survey_municipality_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_other_survey_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_survey")),
    )
    op.create_index(op.f("ix_other_survey_municipality_id"), "other_survey", ["municipality_id"])
    op.create_table(
        "scale_match",
        sa.Column("survey", sa.String(length=120), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("scale_fi", sa.String(length=200), nullable=False),
        sa.Column("scale_sv", sa.String(length=200), nullable=False),
        sa.Column("scale_en", sa.String(length=200), nullable=False),
        sa.Column("good_end", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("good_end IN ('high', 'low')", name=op.f("ck_scale_match_good_end")),
        sa.PrimaryKeyConstraint("survey", "dimension", "scale_fi", name=op.f("pk_scale_match")),
    )


def downgrade() -> None:
    op.drop_table("scale_match")
    op.drop_index(op.f("ix_other_survey_municipality_id"), table_name="other_survey")
    op.drop_table("other_survey")
