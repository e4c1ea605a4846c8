"""Audit log: which actions of staff are recorded. No action of a respondent is ever recorded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.accounts import AccountId, Permission


class AuditEvent(StrEnum):
    """An action of staff that is recorded in the audit log."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    ROUND_PLANNED = "round_planned"
    ROUND_OPENED = "round_opened"
    ROUND_CLOSED = "round_closed"
    ROUND_COUNTED = "round_counted"
    ROUND_RELEASED = "round_released"
    CODES_ISSUED = "codes_issued"
    CONTACTS_IMPORTED = "contacts_imported"
    LETTERS_PLANNED = "letters_planned"
    LETTERS_WRITTEN = "letters_written"
    RESULTS_READ = "results_read"
    RESULTS_EXPORTED = "results_exported"
    CATALOGUE_IMPORTED = "catalogue_imported"
    CATALOGUE_EDITED = "catalogue_edited"
    ORGANISATIONS_IMPORTED = "organisations_imported"
    WEIGHTS_CHANGED = "weights_changed"
    SEATS_SHARED = "seats_shared"
    SEATS_DECIDED = "seats_decided"
    SEATS_PUBLISHED = "seats_published"
    COMMENTS_REVIEWED = "comments_reviewed"
    VOTE_OPENED = "vote_opened"
    VOTE_CLOSED = "vote_closed"
    ACCOUNT_CHANGED = "account_changed"
    ACCESS_REFUSED = "access_refused"
    ROUND_PREPARED = "round_prepared"
    FILE_EXPORTED = "file_exported"
    SEATS_WISHED = "seats_wished"
    PLAN_CHANGED = "plan_changed"
    INBOX_ANSWERED = "inbox_answered"
    COMMUNITY_HANDED_OVER = "community_handed_over"
    TRAIL_READ = "trail_read"
    TRAIL_EXPORTED = "trail_exported"
    ROUND_REPLACED = "round_replaced"
    ROUND_DELETED = "round_deleted"
    CLOCK_CONFIRMED = "clock_confirmed"


CHANGE_EVENTS: dict[Permission, AuditEvent] = {
    Permission.SEE_OWN_PAGE: AuditEvent.ACCOUNT_CHANGED,
    Permission.READ_COMMUNITY: AuditEvent.PLAN_CHANGED,
    Permission.READ_REGION: AuditEvent.PLAN_CHANGED,
    Permission.EXPORT_RESULTS: AuditEvent.RESULTS_EXPORTED,
    Permission.PLAN_ROUND: AuditEvent.ROUND_PREPARED,
    Permission.OPEN_ROUND: AuditEvent.ROUND_PREPARED,
    Permission.COUNT_ROUND: AuditEvent.ROUND_PREPARED,
    Permission.RELEASE_ROUND: AuditEvent.ROUND_PREPARED,
    Permission.ISSUE_CODES: AuditEvent.ROUND_PREPARED,
    Permission.EDIT_CATALOGUE: AuditEvent.CATALOGUE_EDITED,
    Permission.READ_CATALOGUE: AuditEvent.CATALOGUE_EDITED,
    Permission.READ_MATCHING: AuditEvent.WEIGHTS_CHANGED,
    Permission.ALLOCATE_SEATS: AuditEvent.SEATS_DECIDED,
    Permission.REQUEST_SEATS: AuditEvent.SEATS_WISHED,
    Permission.EDIT_PLAN: AuditEvent.PLAN_CHANGED,
    Permission.ANSWER_INBOX: AuditEvent.INBOX_ANSWERED,
    Permission.EDIT_ORGANISATIONS: AuditEvent.ORGANISATIONS_IMPORTED,
    Permission.EDIT_ACCOUNTS: AuditEvent.ACCOUNT_CHANGED,
    Permission.READ_AUDIT: AuditEvent.TRAIL_READ,
}
"""Event to record for a change that requires a permission, where the code records no more specific event."""

READ_EVENTS: dict[Permission, tuple[AuditEvent, AuditEvent]] = {
    **dict.fromkeys(
        (
            Permission.READ_COMMUNITY,
            Permission.READ_REGION,
            Permission.EXPORT_RESULTS,
            Permission.READ_MATCHING,
            Permission.RELEASE_ROUND,
            Permission.ALLOCATE_SEATS,
            Permission.REQUEST_SEATS,
            Permission.EDIT_PLAN,
        ),
        (AuditEvent.RESULTS_READ, AuditEvent.RESULTS_EXPORTED),
    ),
    Permission.READ_AUDIT: (AuditEvent.TRAIL_READ, AuditEvent.TRAIL_EXPORTED),
}
"""Events for reading a page and for downloading a file, for permissions whose pages contain results."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One audit log entry; `subject` is a short id such as `round:3`."""

    at: datetime
    account: AccountId | None
    event: AuditEvent
    subject: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Filter for audit log entries; None means no restriction."""

    event: AuditEvent | None = None
    account: AccountId | None = None
    since: datetime | None = None
    before: datetime | None = None
