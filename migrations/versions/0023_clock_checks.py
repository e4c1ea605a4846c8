"""What each machine knows of the clock, and the audit log records that a person confirmed the time."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# In full, as in 0010: a migration imports nothing, and must outlive the list of its day.
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
    "round_replaced",
    "round_deleted",
)
ADDED = ("clock_confirmed",)


def upgrade() -> None:
    op.create_table(
        "clock_check",
        sa.Column("machine", sa.String(length=12), nullable=False),
        sa.Column("trusted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("anchor_timer", sa.Float(), nullable=True),
        sa.Column("jumped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("machine", name=op.f("pk_clock_check")),
    )
    _allow((*BEFORE, *ADDED))


def downgrade() -> None:
    # The version before knows no such action; it shows it as a preparation of what the subject says.
    op.execute("UPDATE audit_entry SET deed = 'round_prepared' WHERE deed = 'clock_confirmed'")
    _allow(BEFORE)
    op.drop_table("clock_check")


def _allow(events: tuple[str, ...]) -> None:
    words = ", ".join(f"'{event}'" for event in events)
    with op.batch_alter_table("audit_entry") as table:
        table.drop_constraint(op.f("ck_audit_entry_deed"), type_="check")
        table.create_check_constraint(op.f("ck_audit_entry_deed"), f"deed IN ({words})")
