"""Sessions tell the kind of device and the way in; accounts know their provider; more deeds may be recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = (
    "signed_in", "sign_in_failed", "signed_out", "round_planned", "round_opened", "round_closed", "round_counted",
    "round_released", "codes_issued", "contacts_imported", "letters_planned", "letters_written", "results_read",
    "results_exported", "catalogue_imported", "catalogue_edited", "organisations_imported", "weights_changed",
    "seats_shared", "seats_decided", "seats_published", "comments_reviewed", "vote_opened", "vote_closed",
    "account_changed",
)
DEVICES = ("phone", "tablet", "computer", "other")
WAYS = ("password", "provider")
ADDED = (
    "access_refused", "round_prepared", "file_exported", "seats_wished", "plan_changed",
    "inbox_answered", "community_handed_over", "trail_read", "trail_exported",
)


def upgrade():
    op.execute("DELETE FROM signed_in")  # nothing is known of the sessions that are open: everybody signs in anew
    with op.batch_alter_table("signed_in") as table:
        table.add_column(sa.Column("device", sa.String(20), nullable=False))
        table.add_column(sa.Column("way", sa.String(20), nullable=False))
        table.create_check_constraint(op.f("ck_signed_in_device"), _among("device", DEVICES))
        table.create_check_constraint(op.f("ck_signed_in_way"), _among("way", WAYS))
    op.create_table(
        "provider_identity",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_provider_identity_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_provider_identity")),
    )
    op.create_index(op.f("ix_provider_identity_subject"), "provider_identity", ["subject"])
    _deeds((*BEFORE, *ADDED))


def downgrade():
    op.drop_table("provider_identity")
    with op.batch_alter_table("signed_in") as table:
        table.drop_constraint(op.f("ck_signed_in_device"), type_="check")
        table.drop_constraint(op.f("ck_signed_in_way"), type_="check")
        table.drop_column("device")
        table.drop_column("way")
    op.execute(f"DELETE FROM audit_entry WHERE {_among('deed', ADDED)}")
    _deeds(BEFORE)


def _deeds(words):
    with op.batch_alter_table("audit_entry") as table:
        table.drop_constraint(op.f("ck_audit_entry_deed"), type_="check")
        table.create_check_constraint(op.f("ck_audit_entry_deed"), _among("deed", words))


def _among(column, words):
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({quoted})"
