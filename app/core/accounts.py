"""Accounts, roles and permissions; one table lists the permissions of each role."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", int)


class Role(StrEnum):
    """Role of a person in this service."""

    PRINCIPAL = "principal"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    TRUSTEE = "trustee"


class DeviceKind(StrEnum):
    """Kind of device, derived from the User-Agent header; no more detail is stored."""

    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"
    OTHER = "other"


class SignInMethod(StrEnum):
    """How a session was authenticated."""

    PASSWORD = "password"  # noqa: S105 - a word of the database, no password
    PROVIDER = "provider"


class Permission(StrEnum):
    """A permission; each staff URL requires one."""

    SEE_OWN_PAGE = "see_own_page"
    READ_COMMUNITY = "read_community"
    READ_REGION = "read_region"
    EXPORT_RESULTS = "export_results"
    PLAN_ROUND = "plan_round"
    OPEN_ROUND = "open_round"
    COUNT_ROUND = "count_round"
    RELEASE_ROUND = "release_round"
    ISSUE_CODES = "issue_codes"
    EDIT_CATALOGUE = "edit_catalogue"
    READ_CATALOGUE = "read_catalogue"
    READ_MATCHING = "read_matching"
    ALLOCATE_SEATS = "allocate_seats"
    REQUEST_SEATS = "wish_seats"
    EDIT_PLAN = "edit_plan"
    ANSWER_INBOX = "answer_inbox"
    EDIT_ORGANISATIONS = "edit_organisations"
    EDIT_ACCOUNTS = "edit_accounts"
    READ_AUDIT = "read_audit"


_EVERYONE = {Permission.SEE_OWN_PAGE}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PRINCIPAL: frozenset(
        _EVERYONE
        | {
            Permission.READ_COMMUNITY,
            Permission.EXPORT_RESULTS,
            Permission.READ_CATALOGUE,
            Permission.REQUEST_SEATS,
            Permission.EDIT_PLAN,
        }
    ),
    Role.COORDINATOR: frozenset(
        _EVERYONE
        | {
            Permission.READ_COMMUNITY,
            Permission.READ_REGION,
            Permission.EXPORT_RESULTS,
            Permission.PLAN_ROUND,
            Permission.OPEN_ROUND,
            Permission.COUNT_ROUND,
            Permission.RELEASE_ROUND,
            Permission.ISSUE_CODES,
            Permission.EDIT_CATALOGUE,
            Permission.READ_CATALOGUE,
            Permission.READ_MATCHING,
            Permission.ALLOCATE_SEATS,
            Permission.ANSWER_INBOX,
            Permission.EDIT_ORGANISATIONS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        _EVERYONE | {Permission.EDIT_ACCOUNTS, Permission.READ_AUDIT, Permission.EDIT_ORGANISATIONS}
    ),
    Role.TRUSTEE: frozenset(_EVERYONE | {Permission.COUNT_ROUND}),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope: the whole region, one municipality, or one community."""

    role: Role
    municipality: str | None = None
    community: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in, with the granted roles."""

    id: AccountId
    email: str
    name: str
    language: str
    grants: tuple[Grant, ...]
    has_password: bool = True
    closed: bool = False

    def may(self, permission: Permission, *, municipality: str | None = None, community: str | None = None) -> bool:
        """Tell whether any grant allows `permission` in the given scope.

        Give `community` together with its `municipality`. `municipality` alone means the whole municipality, so a
        principal of one of its communities is not enough. Without a scope, a grant anywhere is enough.
        """
        anywhere = municipality is None and community is None
        return any(
            permission in ROLE_PERMISSIONS[grant.role] and (anywhere or _covers(grant, municipality, community))
            for grant in self.grants
        )

    def may_everywhere(self, permission: Permission) -> bool:
        """Tell whether a grant without a scope limit allows `permission`."""
        return any(
            permission in ROLE_PERMISSIONS[grant.role] and grant.municipality is None and grant.community is None
            for grant in self.grants
        )


@dataclass(frozen=True, slots=True)
class Token:
    """An API token of an account; `used_on` is the last day of use."""

    id: int
    account: AccountId
    name: str
    made_at: datetime
    expires_at: datetime
    used_on: date | None = None


def leaves_fewer_account_administrators(grants: tuple[Grant, ...], new: Grant) -> bool:
    """Tell whether granting `new` leaves fewer administrators in charge of the account.

    An administrator of one municipality manages accounts whose roles are all in that municipality. Every
    administrator manages an account without roles.

    >>> leaves_fewer_account_administrators((Grant(Role.PRINCIPAL, "564", "12"),), Grant(Role.COORDINATOR))
    True
    >>> leaves_fewer_account_administrators((Grant(Role.PRINCIPAL, "564", "12"),), Grant(Role.COORDINATOR, "564"))
    False
    """
    before = {grant.municipality for grant in grants}
    return not before or (None not in before and len(before) == 1 and new.municipality not in before)


def _covers(grant: Grant, municipality: str | None, community: str | None) -> bool:
    if grant.community is not None:
        return grant.community == community
    return grant.municipality is None or grant.municipality == municipality


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A login session of an account; `handle` identifies it on a page and does not authenticate."""

    handle: str
    account: AccountId
    device: DeviceKind
    method: SignInMethod
    began_at: datetime
    seen_at: datetime


def device_from_user_agent(agent: str) -> DeviceKind:
    """Return the kind of device that a User-Agent header names.

    >>> device_from_user_agent("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X)").value
    'tablet'
    >>> device_from_user_agent("Mozilla/5.0 (Linux; Android 15; Mobile)").value, device_from_user_agent("curl/8").value
    ('phone', 'other')
    """
    if "iPad" in agent or ("Android" in agent and "Mobile" not in agent):
        return DeviceKind.TABLET
    if "Mobile" in agent or "iPhone" in agent:
        return DeviceKind.PHONE
    return (
        DeviceKind.COMPUTER
        if any(item in agent for item in ("Windows", "Macintosh", "X11", "Linux"))
        else DeviceKind.OTHER
    )
