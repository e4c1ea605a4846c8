"""A publication may be replaced by that of a later round, with the reason; the audit log records it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE = (
    "signed_in",
    "sign_in_failed",
    "signed_out",
    "round_planned",
    "round_opened",
    "round_closed",
    "round_counted",
    "round_released",
    "codes_issued",
    "contacts_imported",
    "letters_planned",
    "letters_written",
    "results_read",
    "results_exported",
    "catalogue_imported",
    "catalogue_edited",
    "organisations_imported",
    "weights_changed",
    "seats_shared",
    "seats_decided",
    "seats_published",
    "comments_reviewed",
    "vote_opened",
    "vote_closed",
    "account_changed",
    "access_refused",
    "round_prepared",
    "file_exported",
    "seats_wished",
    "plan_changed",
    "inbox_answered",
    "community_handed_over",
    "trail_read",
    "trail_exported",
)
ADDED = ("round_replaced",)


def upgrade() -> None:
    with op.batch_alter_table("publication") as table:
        table.add_column(sa.Column("replaced_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("replaced_because", sa.String(length=500), nullable=True))
        table.create_foreign_key(op.f("fk_publication_replaced_by"), "round", ["replaced_by"], ["id"])
    _allow((*BEFORE, *ADDED))


def downgrade() -> None:
    # The version before prints every released publication: what was replaced must not come back with it.
    op.execute("UPDATE publication SET released_at = NULL WHERE replaced_by IS NOT NULL")
    op.execute("DELETE FROM audit_entry WHERE deed = 'round_replaced'")
    with op.batch_alter_table("publication") as table:
        table.drop_constraint(op.f("fk_publication_replaced_by"), type_="foreignkey")
        table.drop_column("replaced_because")
        table.drop_column("replaced_at")
        table.drop_column("replaced_by")
    _allow(BEFORE)


def _allow(events: tuple[str, ...]) -> None:
    words = ", ".join(f"'{event}'" for event in events)
    with op.batch_alter_table("audit_entry") as table:
        table.drop_constraint(op.f("ck_audit_entry_deed"), type_="check")
        table.create_check_constraint(op.f("ck_audit_entry_deed"), f"deed IN ({words})")
