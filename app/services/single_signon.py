"""Whose account a person at the provider may sign in to: one that exists, is open, and is theirs."""

from typing import Any

from sqlalchemy.orm import Session

from app.core.accounts import Account
from app.store import accounts, identities


class NoMatchingAccount(Exception):
    """No open account belongs to this person; none is ever made by signing in."""


class UnverifiedEmail(Exception):
    """The provider says that the e-mail address is not verified, so it proves nothing."""


class VerificationUnknown(Exception):
    """The provider never says whether an e-mail address is verified."""


class ClaimMissing(Exception):
    """The provider did not tell the claim that accounts are found by."""


class IdentityTaken(Exception):
    """Another account belongs to this person at the provider already."""


def account_for_claims(session: Session, claims: dict[str, Any], *, claim: str) -> Account:
    """Return the account of whoever the provider told of.

    The first time it is found by `claim`, which must be the address that was invited; from then on by
    the provider's own name for the person, which is never given to another. An address that moves on
    to a successor does not bring the account along.
    """
    issuer = str(claims["iss"])
    subject = str(claims["sub"])
    known = identities.account_of_identity(session, issuer, subject)
    if known is not None:
        return _open(accounts.account(session, known))
    account = _open(accounts.by_email(session, _address(claims, claim)))
    if identities.is_linked(session, account.id):
        raise NoMatchingAccount
    identities.link_account(session, account.id, issuer, subject)
    return account


def connect(session: Session, account: Account, claims: dict[str, Any]) -> None:
    """Let an account that is signed in belong to this person at the provider; IdentityTaken if another one does."""
    issuer = str(claims["iss"])
    subject = str(claims["sub"])
    known = identities.account_of_identity(session, issuer, subject)
    if known is not None and known != account.id:
        raise IdentityTaken
    if known is None:
        identities.unlink_account(session, account.id)
        identities.link_account(session, account.id, issuer, subject)


def _address(claims: dict[str, Any], claim: str) -> str:
    """Return the address that the provider tells; without a claim to find accounts by, none."""
    address = str(claims.get(claim) or "") if claim else ""
    if claim and not address:
        raise ClaimMissing
    if claim == "email":
        # Some providers write the word instead of the value.
        verified = claims.get("email_verified")
        if verified is None:
            raise VerificationUnknown
        if verified is not True and str(verified).lower() != "true":
            raise UnverifiedEmail
    return address


def _open(account: Account | None) -> Account:
    if account is None or account.closed:
        raise NoMatchingAccount
    return account
