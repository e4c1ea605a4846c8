"""A course says whether somebody from outside the community leads the work."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course") as table:
        table.add_column(sa.Column("led_from_outside", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("course") as table:
        table.drop_column("led_from_outside")
