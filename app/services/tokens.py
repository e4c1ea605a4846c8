"""API tokens with the read permissions of an account: create, use, revoke.

A token has no rights of its own: whatever its account loses, it loses too, and it never writes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.accounts import Account, AccountId, Token
from app.core.audit import AuditEntry, AuditEvent
from app.store import accounts, audit, tokens
from app.vault.tokens import digest_token, draw_token

MOST = 10
LONGEST = timedelta(days=366)


class TooManyTokens(Exception):
    """The account has as many tokens as it may have; one must be withdrawn first."""


def create_token(session: Session, account_id: AccountId, name: str, *, lasts: timedelta, now: datetime) -> str:
    """Create a token with a lifetime of at most a year and return its text, shown once.

    Raises TooManyTokens when the account has ten already.
    """
    if len(tokens.tokens_of_account(session, account_id)) >= MOST:
        raise TooManyTokens
    token_text = draw_token()
    number = tokens.add(
        session, digest_token(token_text), account_id, name, made_at=now, expires_at=now + min(lasts, LONGEST)
    )
    audit.add(
        session, AuditEntry(now, account_id, AuditEvent.ACCOUNT_CHANGED, f"account:{account_id} token {number} made")
    )
    return token_text


def tokens_of_account(session: Session, account_id: AccountId) -> Sequence[Token]:
    """Return the tokens of an account, newest first."""
    return tokens.tokens_of_account(session, account_id)


def revoke_token(session: Session, account_id: AccountId, token: int, *, now: datetime) -> bool:
    """Revoke a token; False if the account has none of that number."""
    if not tokens.delete_token(session, account_id, token):
        return False
    audit.add(
        session,
        AuditEntry(now, account_id, AuditEvent.ACCOUNT_CHANGED, f"account:{account_id} token {token} withdrawn"),
    )
    return True


def resolve_bearer_token(session: Session, token_text: str, *, now: datetime) -> tuple[Account, Token] | None:
    """Return the account and the token of a bearer token; None if it is unknown, expired, or its account is closed."""
    token = tokens.find_token_by_digest(session, digest_token(token_text))
    if token is None or token.expires_at <= now:
        return None
    account = accounts.find_account(session, token.account)
    return None if account is None or account.closed else (account, token)


def record_token_use(session: Session, token: Token, subject: str, *, now: datetime) -> None:
    """Record that a program read results with a token, and the day."""
    if token.used_on != now.date():
        tokens.record_use(session, token.id, on=now.date())
    audit.add(session, AuditEntry(now, token.account, AuditEvent.RESULTS_EXPORTED, subject))


def delete_expired(session: Session, *, now: datetime) -> None:
    """Delete expired tokens; can be called again."""
    tokens.delete_expired(session, now=now)
