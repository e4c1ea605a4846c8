"""A unit of a round says whether its communities were surveyed before: some questions are asked only then."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("round_unit") as table:
        table.add_column(sa.Column("surveyed_before", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    with op.batch_alter_table("round_unit") as table:
        table.drop_column("surveyed_before")
