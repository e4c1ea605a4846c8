"""Second factor of an account: enable, verify and remove."""

import contextlib
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.store import audit, login_sessions
from app.store import second_factor as store
from app.vault import second_factor as vault


class InvalidSecondFactor(Exception):
    """The digits are wrong, too old or used already."""


def is_enabled(session: Session, account_id: AccountId) -> bool:
    """Tell whether signing in asks for the second factor."""
    return store.sealed_secret(session, account_id, confirmed=True) is not None


def begin_setup(session: Session, account_id: AccountId, *, secret: bytes) -> str:
    """Draw a new shared secret, to be confirmed; refuse to replace one that is in use."""
    if is_enabled(session, account_id):
        raise InvalidSecondFactor
    shared = vault.draw_secret()
    store.store_unconfirmed_secret(session, account_id, vault.encrypt_totp_secret(shared, secret=secret))
    return shared


def unconfirmed_secret(session: Session, account_id: AccountId, *, secret: bytes) -> str | None:
    """Return the secret that awaits confirmation; None if there is none, or another installation encrypted it."""
    sealed_secret = store.sealed_secret(session, account_id, confirmed=False)
    with contextlib.suppress(vault.UnsealError):
        return None if sealed_secret is None else vault.decrypt_totp_secret(sealed_secret, secret=secret)
    return None


def confirm_setup(
    session: Session, account_id: AccountId, digits: str, *, secret: bytes, now: datetime
) -> tuple[str, ...]:
    """Enable the second factor once the phone shows the right digits; return the recovery words, shown once."""
    shared = unconfirmed_secret(session, account_id, secret=secret)
    step = None if shared is None else vault.matching_step(shared, digits, now=now)
    if step is None or not store.use_time_step(session, account_id, step):
        raise InvalidSecondFactor
    words = vault.draw_recovery_words()
    digests = [vault.recovery_digest(word, account=account_id, secret=secret) for word in words]
    store.activate_with_recovery_words(session, account_id, digests, now=now)
    audit.add(session, AuditEntry(now, account_id, AuditEvent.ACCOUNT_CHANGED, f"account:{account_id} second step on"))
    return words


def verify_second_factor(session: Session, account_id: AccountId, typed: str, *, secret: bytes, now: datetime) -> None:
    """Accept the digits of the phone or a recovery word, each once; InvalidSecondFactor otherwise."""
    sealed_secret = store.sealed_secret(session, account_id, confirmed=True)
    if sealed_secret is None:
        raise InvalidSecondFactor
    step = vault.matching_step(vault.decrypt_totp_secret(sealed_secret, secret=secret), typed, now=now)
    if step is not None and store.use_time_step(session, account_id, step):
        return
    if not store.use_recovery_word(
        session, account_id, vault.recovery_digest(typed, account=account_id, secret=secret)
    ):
        raise InvalidSecondFactor


def count_unused_recovery_words(session: Session, account_id: AccountId) -> int:
    """Return how many recovery words are unused."""
    return store.recovery_words_left(session, account_id)


def disable(session: Session, account_id: AccountId, *, by: AccountId | None, now: datetime) -> None:
    """Disable the second factor, for instance when the phone is lost, and end the account's sessions."""
    store.remove(session, account_id)
    login_sessions.delete_account_sessions(session, account_id)
    audit.add(session, AuditEntry(now, by, AuditEvent.ACCOUNT_CHANGED, f"account:{account_id} second step off"))
