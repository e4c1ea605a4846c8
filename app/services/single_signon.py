"""Whose account a person at the provider may sign in to: one that exists, is open, and is theirs."""

from typing import Any

from sqlalchemy.orm import Session

from app.core.accounts import Account
from app.store import accounts, identities


class NoMatchingAccount(Exception):
    """No open account belongs to this person; none is ever made by signing in."""


class UnverifiedEmail(Exception):
    """The provider does not vouch for the e-mail address, so it proves nothing."""


def account_of(session: Session, told: dict[str, Any], *, claim: str) -> Account:
    """Return the account of whoever the provider told of.

    The first time it is found by `claim`, which must be the address that was invited; from then on by
    the provider's own name for the person, which is never given to another. An address that moves on
    to a successor does not bring the account along.
    """
    issuer = str(told["iss"])
    subject = str(told["sub"])
    known = identities.account_of_identity(session, issuer, subject)
    if known is not None:
        return _open(accounts.account(session, known))
    if claim == "email" and told.get("email_verified") is not True:
        raise UnverifiedEmail
    account = _open(accounts.by_email(session, str(told.get(claim) or "")))
    if identities.is_bound(session, account.id):
        raise NoMatchingAccount
    identities.bind(session, account.id, issuer, subject)
    return account


def _open(account: Account | None) -> Account:
    if account is None or account.closed:
        raise NoMatchingAccount
    return account
