"""Find the account that a person of the sign-on provider may use: it exists, is open, and is theirs."""

from typing import Any

from sqlalchemy.orm import Session

from app.core.accounts import Account
from app.store import accounts, identities


class NoMatchingAccount(Exception):
    """No open account belongs to this person; none is ever made by signing in."""


class IdentityNotLinked(Exception):
    """No account is linked to this identity, and only their owners can link accounts."""


class LinkedToOtherIdentity(Exception):
    """The account with this address is linked to another identity at this or another provider."""


class UnverifiedEmail(Exception):
    """The provider says that the e-mail address is not verified, so it proves nothing."""


class VerificationUnknown(Exception):
    """The provider never says whether an e-mail address is verified."""


class ClaimMissing(Exception):
    """The provider did not send the claim that identifies the account."""


class IdentityTaken(Exception):
    """Another account is already linked to this identity."""


def get_or_link_account_for_claims(session: Session, claims: dict[str, Any], *, claim: str) -> Account:
    """Return the account of the person in `claims`; the first time, find it by `claim` and link it.

    The first time it is found by `claim`, which must be the address that was invited; from then on by
    the provider's own name for the person, which is never given to another. An address that moves on
    to a successor does not bring the account along.
    """
    issuer = str(claims["iss"])
    subject = str(claims["sub"])
    known = identities.find_account_id_of_identity(session, issuer, subject)
    if known is not None:
        return _open(accounts.find_account(session, known))
    if not claim:
        raise IdentityNotLinked
    account = _open(accounts.find_account_by_email(session, _address(claims, claim)))
    if identities.is_linked(session, account.id):
        raise LinkedToOtherIdentity
    identities.link_account(session, account.id, issuer, subject)
    return account


def link_account_to_provider(session: Session, account: Account, claims: dict[str, Any]) -> None:
    """Link an account to the identity in `claims`; IdentityTaken if another account is linked to it."""
    issuer = str(claims["iss"])
    subject = str(claims["sub"])
    known = identities.find_account_id_of_identity(session, issuer, subject)
    if known is not None and known != account.id:
        raise IdentityTaken
    if known is None:
        identities.unlink_account(session, account.id)
        identities.link_account(session, account.id, issuer, subject)


def _address(claims: dict[str, Any], claim: str) -> str:
    """Return the address that the provider tells in a claim."""
    address = str(claims.get(claim) or "")
    if not address:
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
