"""Accounts: add, close, grant and revoke roles, and set a password with a one-time link."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.accounts import Account, AccountId, Grant, Role, leaves_fewer_account_administrators
from app.core.audit import AuditEntry, AuditEvent
from app.core.languages import Language
from app.core.text import normal_line
from app.store import accounts as store
from app.store import audit, identities, login_sessions, networking, organisations, second_factor, tokens
from app.vault.passwords import MAX_LENGTH, MIN_LENGTH, hash_password, is_easily_guessed, password_matches
from app.vault.tokens import digest_token, draw_token

LINK_LASTS = timedelta(days=7)


class AccountError(Exception):
    """The change of an account was refused; `reason` is a key that the page explains."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def add(
    session: Session,
    *,
    email: str,
    name: str,
    language: Language,
    grants: Iterable[Grant],
    by: AccountId | None,
    now: datetime,
) -> AccountId:
    """Add an account; it signs in once its owner has set a password. AccountError("email_taken")."""
    try:
        added = store.add(session, email=email, name=normal_line(name), language=language.value, grants=grants, now=now)
    except store.EmailTaken as error:
        raise AccountError("email_taken") from error
    _record(session, added, by=by, now=now)
    return added


def resolve_grant(session: Session, role: Role, *, municipality: str | None, community: str | None) -> Grant:
    """Return a grant with its municipality and community completed; AccountError("no_place") if they do not exist.

    Empty words mean the whole region; a community brings its municipality along. A principal's place
    is a community: AccountError("principal_needs_community").
    """
    if role is Role.PRINCIPAL and not community:
        raise AccountError("principal_needs_community")
    place = next(
        (each_community for each_community in organisations.communities(session) if each_community.id == community),
        None,
    )
    if community and (place is None or municipality not in (None, "", place.municipality)):
        raise AccountError("no_place")
    if place is not None:
        return Grant(role, place.municipality, place.id)
    if municipality and municipality not in {municipality.id for municipality in organisations.municipalities(session)}:
        raise AccountError("no_place")
    return Grant(role, municipality or None)


def unlink_and_create_password_code(session: Session, account_id: AccountId, *, now: datetime) -> str:
    """Return a one-time token to set the account's password within a week; unlink the account from its provider.

    Earlier tokens become invalid. The next single sign-on matches the account anew, and may link another identity.
    """
    token = draw_token()
    identities.unlink_account(session, account_id)
    login_sessions.replace_one_time_link(session, digest_token(token), account_id, expires_at=now + LINK_LASTS)
    return token


def set_password_with_code(session: Session, token: str, password: str, *, now: datetime) -> Account:
    """Use a one-time token to set the password and return the account.

    AccountError if the token or the password is not valid.
    """
    require_strong(password)
    account_id = login_sessions.spend_one_time_link(session, digest_token(token.strip()), now=now)
    result = account_id and store.find_account(session, account_id)
    if not result or result.closed:
        raise AccountError("link_spent")
    tokens.delete_account_tokens(session, result.id)  # a lost password may mean that tokens leaked too
    set_password(session, result.id, password, by=result.id, now=now)
    return result


def password_matches_or_unset(session: Session, account_id: AccountId, password: str) -> bool:
    """Tell whether this is the account's password, or the account has none."""
    password_hash = store.password_hash(session, account_id)
    return password_hash is None or password_matches(password_hash, password)


def set_password(
    session: Session, account_id: AccountId, password: str, *, by: AccountId | None, now: datetime
) -> None:
    """Set a password and end every session of the account."""
    found_account = store.find_account(session, account_id)
    require_strong(password, about=(found_account.name, found_account.email) if found_account else ())
    store.set_password_hash(session, account_id, hash_password(password))
    login_sessions.delete_account_sessions_and_links(session, account_id)
    _record(session, account_id, by=by, now=now, what="password")


def require_strong(password: str, *, about: Iterable[str] = ()) -> None:
    """Raise AccountError for a password that is too short, too long or easily guessed.

    No kinds of characters are required.
    """
    if len(password) < MIN_LENGTH:
        raise AccountError("password_short")
    if len(password) > MAX_LENGTH:
        raise AccountError("password_long")
    if is_easily_guessed(password, about=about):
        raise AccountError("password_plain")


def grant_role(session: Session, account_id: AccountId, new: Grant, *, by: AccountId | None, now: datetime) -> bool:
    """Give an account a role and end its sessions; return whether its credentials were revoked.

    They are revoked where an administrator who could administer the account until now no longer can: that person may
    have set its password or made its tokens, and would keep the access. The owner then needs a one-time code.
    """
    anew = _add_grant(session, account_id, new)
    _record(session, account_id, by=by, now=now)
    return anew


def _add_grant(session: Session, account_id: AccountId, new: Grant) -> bool:
    found_account = store.find_account(session, account_id)
    anew = found_account is not None and leaves_fewer_account_administrators(found_account.grants, new)
    store.grant(session, account_id, new)
    login_sessions.delete_account_sessions(session, account_id)
    if anew:
        _revoke_credentials(session, account_id)
        second_factor.remove(session, account_id)
    return anew


def _revoke_credentials(session: Session, account_id: AccountId) -> None:
    store.set_password_hash(session, account_id, None)
    identities.unlink_account(session, account_id)
    tokens.delete_account_tokens(session, account_id)
    login_sessions.delete_account_sessions_and_links(session, account_id)


def revoke_role(session: Session, account_id: AccountId, old: Grant, *, by: AccountId | None, now: datetime) -> None:
    """Revoke a role for a community, municipality or the region; AccountError("no_grant") if there was none."""
    if not store.revoke(session, account_id, old):
        raise AccountError("no_grant")
    login_sessions.delete_account_sessions(session, account_id)
    _record(session, account_id, by=by, now=now)


def transfer_role(
    session: Session, old: Account, found_grant: Grant, successor: AccountId, *, by: AccountId, now: datetime
) -> None:
    """Move a role to a successor; the predecessor loses it, and all sessions end.

    An account that is left without any role is closed. AccountError where there is no such role, or
    the successor is the same person or closed: then nothing has changed.
    """
    heir = store.find_account(session, successor)
    if heir is None or heir.closed or heir.id == old.id:
        raise AccountError("no_successor")
    if not store.revoke(session, old.id, found_grant):
        raise AccountError("no_grant")
    _add_grant(session, heir.id, found_grant)
    login_sessions.delete_account_sessions(session, old.id)
    if found_grant.community is not None:
        networking.withdraw_consents_of_account(session, found_grant.community, old.id)
    place = found_grant.community or found_grant.municipality or "region"
    message = f"account:{old.id} account:{heir.id} {found_grant.role.value}:{place}"
    record_audit_event(session, by, AuditEvent.COMMUNITY_HANDED_OVER, message, now=now)
    if old.grants == (found_grant,):
        close(session, old.id, by=by, now=now)


def close(session: Session, account_id: AccountId, *, by: AccountId | None, now: datetime) -> None:
    """Close an account and end its sessions; its events stay in the audit log."""
    store.set_closed(session, account_id, now)
    _revoke_credentials(session, account_id)
    _record(session, account_id, by=by, now=now)


def reopen(session: Session, account_id: AccountId, *, by: AccountId | None, now: datetime) -> None:
    """Open a closed account again; its owner needs a new link to set a password."""
    store.set_closed(session, account_id, None)
    _record(session, account_id, by=by, now=now)


def end_sessions(session: Session, account_id: AccountId, *, by: AccountId | None, now: datetime) -> None:
    """Sign an account out everywhere."""
    login_sessions.delete_account_sessions(session, account_id)
    _record(session, account_id, by=by, now=now)


def choose_language(session: Session, account_id: AccountId, language: Language) -> None:
    """Remember the language of the account's pages."""
    store.set_language(session, account_id, language.value)


def find_account(session: Session, account_id: AccountId) -> Account | None:
    """Return one account; None if there is none."""
    return store.find_account(session, account_id)


def find_account_by_email(session: Session, email: str) -> Account | None:
    """Return the account with this address; None if there is none."""
    return store.find_account_by_email(session, email)


def accounts(session: Session) -> tuple[Account, ...]:
    """Return every account, the closed ones last."""
    return store.accounts(session)


def record_audit_event(
    session: Session, by: AccountId | None, event: AuditEvent, subject: str, *, now: datetime
) -> None:
    """Add an event to the audit log."""
    audit.add(session, AuditEntry(now, by, event, subject))


def _record(
    session: Session, account_id: AccountId, *, by: AccountId | None, now: datetime, what: str | None = None
) -> None:
    record_audit_event(session, by, AuditEvent.ACCOUNT_CHANGED, f"account:{account_id} {what or ''}".rstrip(), now=now)
