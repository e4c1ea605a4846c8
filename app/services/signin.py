"""Sign in and out: guesses are slowed down, nobody is locked out, and every session can be ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.accounts import Account, AccountId
from app.core.audit import Deed, Entry
from app.store import accounts, audit, second_factor, signin
from app.vault.passwords import hash_password, is_outdated, password_matches
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
    """The address and the password do not belong together; which of them is wrong is not told."""


class TooManyAttempts(Exception):
    """Too many attempts; it may be tried again after `WINDOW` at the latest."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who is said to knock, and from where."""

    email: str
    address: str

    def digest(self, secret: bytes, what: str) -> bytes:
        """Return the key under which attempts of this sort are counted."""
        email = accounts.tidy_email(self.email)
        parts = {
            "pair": (email, self.address),
            "familiar": (email, self.address),
            "address": (self.address,),
            "account": (email,),
        }
        return keyed_digest(secret, what, *parts[what])


def knock(session: Session, attempt: Attempt, *, secret: bytes, now: datetime) -> None:
    """Count an attempt before its password is looked at; TooManyAttempts when it must wait.

    Counted first and in a transaction of its own, so that many at once cannot slip past. An address
    from which the account has signed in lately is not held up by what strangers try elsewhere.
    """
    limits = {"pair": FROM_ONE_ADDRESS_TO_ONE_ACCOUNT, "address": FROM_ONE_ADDRESS, "account": TO_ONE_ACCOUNT}
    if signin.attempts(session, attempt.digest(secret, "familiar"), since=now - FAMILIAR_FOR):
        del limits["account"]
    numbers = {
        what: signin.count_attempt(session, attempt.digest(secret, what), what, now=now, window=WINDOW)
        for what in limits
    }
    if any(numbers[what] > limit for what, limit in limits.items()):
        raise TooManyAttempts


def kept_password(session: Session, email: str) -> tuple[Account | None, str | None]:
    """Return the open account with this address and what is kept of its password."""
    found = accounts.by_email(session, email)
    if found is None or found.closed:
        return None, None
    return found, accounts.password_hash(session, found.id)


def check(found: Account | None, kept: str | None, password: str) -> Account:
    """Return the account if the password is its own; SignInRefused otherwise, after the same time."""
    if not password_matches(kept, password) or found is None:
        raise SignInRefused
    return found


def begin(session: Session, account: Account, attempt: Attempt, password: str, *, secret: bytes, now: datetime) -> str:
    """Open a session: forget the failures, record the deed, return the session's word, shown once.

    Where the account has a second factor, the session opens nothing before `complete`.
    """
    for what in ("pair", "familiar"):
        signin.forget_attempts(session, attempt.digest(secret, what))
    signin.count_attempt(session, attempt.digest(secret, "familiar"), "familiar", now=now, window=FAMILIAR_FOR)
    kept = accounts.password_hash(session, account.id)
    if kept is not None and is_outdated(kept):
        accounts.set_password_hash(session, account.id, hash_password(password))
    if second_factor.sealed(session, account.id, confirmed=True) is not None:
        token = draw_token()
        signin.begin(session, digest_token(token), account.id, now=now, complete=False)
        return token
    return _open(session, account.id, now=now)


def half_signed_in(session: Session, token: str, *, now: datetime) -> Account | None:
    """Return the account whose password was right and whose second step is awaited."""
    found = signin.find(session, digest_token(token), complete=False)
    if found is None or now - found[1] >= SECOND_STEP_WITHIN:
        return None
    account = accounts.account(session, found[0])
    return None if account is None or account.closed else account


def complete(session: Session, token: str, account: Account, *, now: datetime) -> str:
    """Replace a session whose second step was taken by a whole one, and return its new word."""
    signin.end(session, digest_token(token))
    return _open(session, account.id, now=now)


def _open(session: Session, account_id: AccountId, *, now: datetime) -> str:
    token = draw_token()
    signin.begin(session, digest_token(token), account_id, now=now)
    audit.add(session, Entry(now, account_id, Deed.SIGNED_IN, f"account:{account_id}"))
    return token


def fail(session: Session, account: Account | None, *, now: datetime) -> None:
    """Record that somebody failed to sign in; of an unknown address nothing is kept."""
    known = account.id if account else None
    audit.add(session, Entry(now, known, Deed.SIGN_IN_FAILED, f"account:{known}" if known else "account:unknown"))


def signed_in(session: Session, token: str, *, now: datetime) -> tuple[Account, bool] | None:
    """Return whose session it is and whether it is due to be touched; None when it has run out."""
    found = signin.find(session, digest_token(token))
    if found is None:
        return None
    account_id, began_at, seen_at = found
    if now - seen_at >= IDLE or now - began_at >= ABSOLUTE:
        return None
    account = accounts.account(session, account_id)
    return None if account is None or account.closed else (account, now - seen_at >= SEEN_EVERY)


def touch(session: Session, token: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    signin.touch(session, digest_token(token), now=now)


def end(session: Session, token: str, account_id: AccountId, *, now: datetime) -> None:
    """Sign out."""
    signin.end(session, digest_token(token))
    audit.add(session, Entry(now, account_id, Deed.SIGNED_OUT, f"account:{account_id}"))


def end_everybody(session: Session) -> None:
    """Sign everybody out, as after a restore: a session that had been ended would else be there again."""
    signin.end_everybody(session)


def sweep(session: Session, *, now: datetime) -> None:
    """Delete sessions, attempts and links that have run out; safe to call again."""
    signin.sweep(session, sessions_before=now - IDLE, attempts_before=now - FAMILIAR_FOR, now=now)
