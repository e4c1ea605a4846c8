"""Titles of rounds, answers to issues and notes of courses may be written in up to three languages."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COLUMNS = {
    "round": {"title_translations": sa.Text},
    "escalation": {"answer_translations": sa.JSON},
    "course": {"evidence_note_translations": sa.JSON, "prerequisites_translations": sa.JSON},
    "offering": {"accessibility_translations": sa.JSON},
}


def upgrade() -> None:
    for table_name, columns in COLUMNS.items():
        with op.batch_alter_table(table_name) as table:
            for name, kind in columns.items():
                table.add_column(sa.Column(name, kind(), nullable=True))


def downgrade() -> None:
    for table_name, columns in COLUMNS.items():
        with op.batch_alter_table(table_name) as table:
            for name in columns:
                table.drop_column(name)
