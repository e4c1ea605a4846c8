"""What staff do that is worth recording. Nothing that a respondent does is ever an entry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.accounts import AccountId


class Deed(StrEnum):
    """A deed of the staff wing that somebody may ask about later."""

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed: who, when, what and on what; `subject` is a short id such as `round:3`."""

    at: datetime
    account: AccountId | None
    deed: Deed
    subject: str
