"""Sign in and out: failed attempts are throttled, accounts are never locked, sessions can be ended."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.accounts import Account, AccountId, DeviceKind, LoginSession, SignInMethod
from app.core.audit import AuditEntry, AuditEvent
from app.store import accounts, audit, login_sessions, second_factor
from app.vault.passwords import hash_password, needs_rehash, password_matches
from app.vault.tokens import digest_token, draw_token, keyed_digest

IDLE = timedelta(hours=1)
ABSOLUTE = timedelta(hours=12)
SECOND_STEP_WITHIN = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=5)
WINDOW = timedelta(minutes=15)
FAMILIAR_FOR = timedelta(days=90)
FROM_ONE_ADDRESS_TO_ONE_ACCOUNT = 5
FROM_ONE_ADDRESS = 40
TO_ONE_ACCOUNT = 50


class SignInRefused(Exception):
    """E-mail and password do not match, or no account has this e-mail; which of them is not shown."""


class TooManyAttempts(Exception):
    """Too many attempts; it may be tried again after `WINDOW` at the latest."""


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """A sign-in attempt: e-mail, address and device. `known` is the token of a browser that signed in before."""

    email: str
    address: str
    device: DeviceKind = DeviceKind.OTHER
    known: str = ""

    def counter_key(self, secret: bytes, what: str) -> bytes:
        """Return the key under which attempts of this sort are counted."""
        email = accounts.normalise_email(self.email)
        parts = {
            "pair": (email, self.address),
            "familiar": (email, self.address),
            "address": (self.address,),
            "account": (email,),
            "browser": (email, self.known),
            "code": (self.address,),
        }
        return keyed_digest(secret, what, *parts[what])


def second_step_attempt(account_id: AccountId, address: str) -> SignInAttempt:
    """Return the attempt at an account's second step; it is counted apart from attempts at the password."""
    return SignInAttempt(f"second step of {account_id}", address)


def count_attempt_or_refuse(session: Session, attempt: SignInAttempt, *, secret: bytes, now: datetime) -> None:
    """Count an attempt before its password is checked; TooManyAttempts if it must wait.

    Counted first and in a transaction of its own, so that many at once cannot slip past. A browser
    that was let in before has a count of its own: whoever guesses beside it, even from behind the
    same address, cannot hold its owner up. An address from which the account has signed in lately is
    not held up by what strangers try elsewhere.
    """
    if is_known_browser(attempt, secret=secret, now=now):
        limits = {"browser": FROM_ONE_ADDRESS_TO_ONE_ACCOUNT}
    else:
        limits = {"pair": FROM_ONE_ADDRESS_TO_ONE_ACCOUNT, "address": FROM_ONE_ADDRESS, "account": TO_ONE_ACCOUNT}
        if login_sessions.attempt_count(session, attempt.counter_key(secret, "familiar"), since=now - FAMILIAR_FOR):
            del limits["account"]
    numbers = {
        what: login_sessions.increment_attempts(
            session, attempt.counter_key(secret, what), what, now=now, window=WINDOW
        )
        for what in limits
    }
    if any(numbers[what] > limit for what, limit in limits.items()):
        raise TooManyAttempts


def count_one_time_code_attempt_or_refuse(
    session: Session, attempt: SignInAttempt, *, secret: bytes, now: datetime
) -> None:
    """Count an attempt with a one-time code; TooManyAttempts when its address must wait.

    By address alone: nobody guesses 256 bits, and in a count of everybody's together strangers would use up
    the one way in that is left to an owner whom they hold up.
    """
    digest = attempt.counter_key(secret, "code")
    if login_sessions.increment_attempts(session, digest, "code", now=now, window=WINDOW) > FROM_ONE_ADDRESS:
        raise TooManyAttempts


def reset_one_time_code_attempts(session: Session, attempt: SignInAttempt, *, secret: bytes) -> None:
    """Delete the counted attempts with one-time codes from an address after a valid one."""
    login_sessions.reset_attempts(session, attempt.counter_key(secret, "code"))


def known_browser_token(email: str, *, secret: bytes, now: datetime) -> str:
    """Return a token by which a browser that signed in with this e-mail is recognised; it gives no access."""
    plain = f"{now:%Y%m%d}.{draw_token()}"
    return f"{plain}.{keyed_digest(secret, 'known browser', accounts.normalise_email(email), plain).hex()}"


def is_known_browser(attempt: SignInAttempt, *, secret: bytes, now: datetime) -> bool:
    """Tell whether the browser has a token that was issued for this e-mail in the last ninety days."""
    plain, _dot, seal = attempt.known.rpartition(".")
    wanted = keyed_digest(secret, "known browser", accounts.normalise_email(attempt.email), plain).hex()
    if not plain or not hmac.compare_digest(seal.encode(), wanted.encode()):
        return False
    return plain[:8] > f"{now - FAMILIAR_FOR:%Y%m%d}"


def reset_failures_and_trust_client(session: Session, attempt: SignInAttempt, *, secret: bytes, now: datetime) -> None:
    """Delete the counted failures of a client from which the owner signed in, and remember that client."""
    for what in ("pair", "familiar", "browser"):
        login_sessions.reset_attempts(session, attempt.counter_key(secret, what))
    login_sessions.increment_attempts(
        session, attempt.counter_key(secret, "familiar"), "familiar", now=now, window=FAMILIAR_FOR
    )


def account_and_hash(session: Session, email: str) -> tuple[Account | None, str | None]:
    """Return the open account with this e-mail and its password hash; None for each that does not exist."""
    account = accounts.find_account_by_email(session, email)
    if account is None or account.closed:
        return None, None
    return account, accounts.password_hash(session, account.id)


def require_password_match(account: Account | None, password_hash: str | None, password: str) -> Account:
    """Return the account if the password is its own; SignInRefused otherwise, after the same time."""
    if not password_matches(password_hash, password) or account is None:
        raise SignInRefused
    return account


def create_login_session_after_password(
    session: Session, account: Account, attempt: SignInAttempt, password: str, *, secret: bytes, now: datetime
) -> str:
    """Create a login session after the password was verified; return its token, which is not stored.

    Where the account has a second factor, the session opens nothing before `create_login_session_after_second_step`.
    """
    reset_failures_and_trust_client(session, attempt, secret=secret, now=now)
    password_hash = accounts.password_hash(session, account.id)
    if password_hash is not None and needs_rehash(password_hash):
        accounts.set_password_hash(session, account.id, hash_password(password))
    return create_login_session(session, account.id, device=attempt.device, way=SignInMethod.PASSWORD, now=now)


def create_login_session(
    session: Session, account_id: AccountId, *, device: DeviceKind, way: SignInMethod, now: datetime
) -> str:
    """Create a login session and return its token.

    Where a second factor is in use, the session is incomplete until the second step.
    """
    login_session = _new_session(account_id, device, way, now)
    if second_factor.sealed_secret(session, account_id, confirmed=True) is None:
        return _open(session, login_session)
    token = draw_token()
    login_sessions.add_session(session, digest_token(token), login_session, complete=False)
    return token


def account_awaiting_second_step(session: Session, token: str, *, now: datetime) -> Account | None:
    """Return the account whose password was right and whose second step is awaited."""
    login_session = login_sessions.find_session(session, digest_token(token), complete=False)
    if login_session is None or now - login_session.seen_at >= SECOND_STEP_WITHIN:
        return None
    account = accounts.find_account(session, login_session.account)
    return None if account is None or account.closed else account


def create_login_session_after_second_step(session: Session, token: str, *, now: datetime) -> str:
    """Replace the incomplete session by a complete one after the second step, and return its new token."""
    half = login_sessions.find_session(session, digest_token(token), complete=False)
    if half is None:
        raise SignInRefused
    login_sessions.delete_session(session, digest_token(token))
    return _open(session, _new_session(half.account, half.device, half.method, now))


def replace_all_sessions(session: Session, old: LoginSession, *, now: datetime) -> str:
    """End every session of the account, create one that replaces the current one, and return its token.

    For the moment when a password or a second factor changes: whoever held another session is out.
    """
    login_sessions.delete_account_sessions(session, old.account)
    token = draw_token()
    login_sessions.add_session(session, digest_token(token), _new_session(old.account, old.device, old.method, now))
    return token


def _new_session(account_id: AccountId, device: DeviceKind, way: SignInMethod, now: datetime) -> LoginSession:
    return LoginSession("", account_id, device, way, began_at=now, seen_at=now)


def _open(session: Session, login_session: LoginSession) -> str:
    token = draw_token()
    login_sessions.add_session(session, digest_token(token), login_session)
    message = f"account:{login_session.account} {login_session.method.value}"
    audit.add(session, AuditEntry(login_session.began_at, login_session.account, AuditEvent.SIGNED_IN, message))
    return token


def record_failure(session: Session, account: Account | None, *, now: datetime) -> None:
    """Record a failed sign-in in the audit log; an unknown e-mail is not kept."""
    known = account.id if account else None
    audit.add(
        session, AuditEntry(now, known, AuditEvent.SIGN_IN_FAILED, f"account:{known}" if known else "account:unknown")
    )


def resolve_session_token(session: Session, token: str, *, now: datetime) -> tuple[Account, LoginSession, bool] | None:
    """Return the account, the session, and whether its last use must be updated; None if it expired."""
    login_session = login_sessions.find_session(session, digest_token(token))
    if login_session is None or now - login_session.seen_at >= IDLE or now - login_session.began_at >= ABSOLUTE:
        return None
    account = accounts.find_account(session, login_session.account)
    return (
        None
        if account is None or account.closed
        else (account, login_session, now - login_session.seen_at >= SEEN_EVERY)
    )


def account_sessions(session: Session, account_id: AccountId, *, now: datetime) -> tuple[LoginSession, ...]:
    """Return the sessions of an account that have not run out, the one used last first."""
    return login_sessions.active_sessions(session, account_id, seen_after=now - IDLE, began_after=now - ABSOLUTE)


def end_session(session: Session, account_id: AccountId, handle: str, *, by: AccountId, now: datetime) -> bool:
    """End one session of an account; return whether there was one."""
    ended = login_sessions.delete_session_by_handle(session, account_id, handle)
    if ended:
        audit.add(session, AuditEntry(now, by, AuditEvent.ACCOUNT_CHANGED, f"account:{account_id} session ended"))
    return ended


def update_session_last_seen(session: Session, token: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    login_sessions.set_last_used(session, digest_token(token), now=now)


def sign_out(session: Session, token: str, account_id: AccountId, *, now: datetime) -> None:
    """End the session with this token and record it in the audit log."""
    login_sessions.delete_session(session, digest_token(token))
    audit.add(session, AuditEntry(now, account_id, AuditEvent.SIGNED_OUT, f"account:{account_id}"))


def end_all_sessions_and_links(session: Session) -> None:
    """End every session and withdraw every one-time link, as after a restore.

    Sessions and links that had been ended since the backup would else be valid again.
    """
    login_sessions.delete_all_sessions_and_links(session)


def discard_session(session: Session, token: str) -> None:
    """Delete the old session of a browser that signs in again."""
    if token:
        login_sessions.delete_session(session, digest_token(token))


def delete_expired(session: Session, *, now: datetime) -> None:
    """Delete sessions, attempts and links that have run out; safe to call again."""
    login_sessions.delete_expired_sign_in_data(
        session, sessions_before=now - IDLE, attempts_before=now - FAMILIAR_FOR, now=now
    )
