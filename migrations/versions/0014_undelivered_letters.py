"""An address says whether its invitation did not arrive, and a batch of letters why the mail server takes none."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One by one: a table that SQLite builds anew would get a rowid, which tells the order of what was stored.
    op.add_column("contact", sa.Column("undeliverable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("mail_batch", sa.Column("fault", sa.String(length=20), nullable=True))
    op.add_column("mail_batch", sa.Column("fault_detail", sa.String(length=60), nullable=True))


def downgrade() -> None:
    op.drop_column("mail_batch", "fault_detail")
    op.drop_column("mail_batch", "fault")
    op.drop_column("contact", "undeliverable")
