"""Labels of enums that several pages of the staff area show."""

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.accounts import DeviceKind, Permission, Role, SignInMethod
from app.core.audit import AuditEvent
from app.core.organisations import CommunityKind, JoinErrorCode
from app.core.rounds import KeyMode, RoundState

KINDS: dict[CommunityKind, LazyString] = {
    CommunityKind.EARLY_CHILDHOOD: _("Early childhood education"),
    CommunityKind.SCHOOL: _("School"),
    CommunityKind.UPPER_SECONDARY: _("Upper secondary school"),
    CommunityKind.OTHER: _("Other community"),
}
ROLES: dict[Role, LazyString] = {
    Role.PRINCIPAL: _("Principal"),
    Role.COORDINATOR: _("Coordinator"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.TRUSTEE: _("Trustee"),
}
STATES: dict[RoundState, LazyString] = {
    RoundState.DRAFT: _("Planned"),
    RoundState.OPEN: _("Open"),
    RoundState.CLOSED: _("Closed"),
    RoundState.COUNTED: _("Counted"),
    RoundState.RELEASED: _("Released"),
}
KEY_MODES: dict[KeyMode, LazyString] = {
    KeyMode.TRUSTEE: _("A trustee keeps the key on paper"),
    KeyMode.AUTOMATIC: _("This service keeps the key in a file"),
}
JOIN_FAULTS: dict[JoinErrorCode, LazyString] = {
    JoinErrorCode.UNKNOWN: _("There is no such community. Choose one from the list."),
    JoinErrorCode.ITSELF: _("A community cannot be joined to itself."),
    JoinErrorCode.CHAIN: _("One of the two is already joined to a third. Join all to the same community."),
    JoinErrorCode.ELSEWHERE: _("Join communities of one municipality only."),
}
AUDIT_EVENTS: dict[AuditEvent, LazyString] = {
    AuditEvent.SIGNED_IN: _("signed in"),
    AuditEvent.SIGN_IN_FAILED: _("failed to sign in"),
    AuditEvent.SIGNED_OUT: _("signed out"),
    AuditEvent.ROUND_PLANNED: _("planned a round"),
    AuditEvent.ROUND_DELETED: _("deleted a planned round"),
    AuditEvent.CLOCK_CONFIRMED: _("confirmed the server’s time"),
    AuditEvent.ROUND_OPENED: _("opened a round"),
    AuditEvent.ROUND_CLOSED: _("closed a round"),
    AuditEvent.ROUND_COUNTED: _("counted a round"),
    AuditEvent.ROUND_RELEASED: _("released a round"),
    AuditEvent.ROUND_REPLACED: _("replaced a round's results"),
    AuditEvent.CODES_ISSUED: _("issued codes"),
    AuditEvent.CONTACTS_IMPORTED: _("imported addresses"),
    AuditEvent.LETTERS_PLANNED: _("planned messages"),
    AuditEvent.LETTERS_WRITTEN: _("sent invitations"),
    AuditEvent.RESULTS_READ: _("read results"),
    AuditEvent.RESULTS_EXPORTED: _("exported results"),
    AuditEvent.CATALOGUE_IMPORTED: _("imported the catalogue"),
    AuditEvent.CATALOGUE_EDITED: _("edited the catalogue"),
    AuditEvent.ORGANISATIONS_IMPORTED: _("changed communities"),
    AuditEvent.VOTE_OPENED: _("opened a vote for a meeting"),
    AuditEvent.VOTE_CLOSED: _("closed a vote of a meeting"),
    AuditEvent.WEIGHTS_CHANGED: _("changed the weights of the ranking"),
    AuditEvent.SEATS_SHARED: _("allocated the seats"),
    AuditEvent.SEATS_DECIDED: _("changed a seat decision"),
    AuditEvent.SEATS_PUBLISHED: _("published the seats"),
    AuditEvent.COMMENTS_REVIEWED: _("reviewed comments"),
    AuditEvent.ACCOUNT_CHANGED: _("changed an account"),
    AuditEvent.ACCESS_REFUSED: _("was refused access to a page"),
    AuditEvent.ROUND_PREPARED: _("prepared a round"),
    AuditEvent.FILE_EXPORTED: _("downloaded a file"),
    AuditEvent.SEATS_WISHED: _("requested seats"),
    AuditEvent.PLAN_CHANGED: _("changed a follow-up"),
    AuditEvent.INBOX_ANSWERED: _("answered an issue"),
    AuditEvent.COMMUNITY_HANDED_OVER: _("transferred a role"),
    AuditEvent.TRAIL_READ: _("read the audit log"),
    AuditEvent.TRAIL_EXPORTED: _("exported the audit log"),
}
DEVICES: dict[DeviceKind, LazyString] = {
    DeviceKind.PHONE: _("Phone"),
    DeviceKind.TABLET: _("Tablet"),
    DeviceKind.COMPUTER: _("Computer"),
    DeviceKind.OTHER: _("Other device"),
}
WAYS: dict[SignInMethod, LazyString] = {
    SignInMethod.PASSWORD: _("with a password"),
    SignInMethod.PROVIDER: _("through single sign-on"),
}


def register(app: Flask) -> None:
    """Give the templates of `app` these words."""
    app.jinja_env.globals.update(
        Permission=Permission,
        kind_words=KINDS,
        role_words=ROLES,
        state_words=STATES,
        key_mode_words=KEY_MODES,
        event_words=AUDIT_EVENTS,
        device_words=DEVICES,
        way_words=WAYS,
    )
