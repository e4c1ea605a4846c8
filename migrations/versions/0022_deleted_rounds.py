"""The audit log records that a planned round was deleted, as an action of its own."""

from alembic import op

revision = "0022"
down_revision = "0021"
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
)
ADDED = ("round_deleted",)


def upgrade() -> None:
    # Entries of the version before stay as they were written: the audit log is never changed.
    _allow((*BEFORE, *ADDED))


def downgrade() -> None:
    # The version before writes the same action down as a preparation, with a word after the round.
    op.execute(
        "UPDATE audit_entry SET deed = 'round_prepared', subject = subject || ' deleted' WHERE deed = 'round_deleted'"
    )
    _allow(BEFORE)


def _allow(events: tuple[str, ...]) -> None:
    words = ", ".join(f"'{event}'" for event in events)
    with op.batch_alter_table("audit_entry") as table:
        table.drop_constraint(op.f("ck_audit_entry_deed"), type_="check")
        table.create_check_constraint(op.f("ck_audit_entry_deed"), f"deed IN ({words})")
