"""What closed sets are called on the pages of the staff wing."""

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.accounts import Device, Permission, Role, Way
from app.core.audit import Deed
from app.core.organisations import CommunityKind, JoinFault
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
JOIN_FAULTS: dict[JoinFault, LazyString] = {
    JoinFault.UNKNOWN: _("There is no such community. Choose one of the list."),
    JoinFault.ITSELF: _("A community cannot be joined to itself."),
    JoinFault.CHAIN: _("One of the two is joined to a third already. Join all to the same community."),
    JoinFault.ELSEWHERE: _("Join communities of one municipality only."),
}
DEEDS: dict[Deed, LazyString] = {
    Deed.SIGNED_IN: _("signed in"),
    Deed.SIGN_IN_FAILED: _("failed to sign in"),
    Deed.SIGNED_OUT: _("signed out"),
    Deed.ROUND_PLANNED: _("planned a round"),
    Deed.ROUND_OPENED: _("opened a round"),
    Deed.ROUND_CLOSED: _("closed a round"),
    Deed.ROUND_COUNTED: _("counted a round"),
    Deed.ROUND_RELEASED: _("released a round"),
    Deed.ROUND_REPLACED: _("replaced a round's results"),
    Deed.CODES_ISSUED: _("issued codes"),
    Deed.CONTACTS_IMPORTED: _("imported addresses"),
    Deed.LETTERS_PLANNED: _("planned letters"),
    Deed.LETTERS_WRITTEN: _("sent invitations"),
    Deed.RESULTS_READ: _("read results"),
    Deed.RESULTS_EXPORTED: _("exported results"),
    Deed.CATALOGUE_IMPORTED: _("imported the catalogue"),
    Deed.CATALOGUE_EDITED: _("edited the catalogue"),
    Deed.ORGANISATIONS_IMPORTED: _("changed communities"),
    Deed.VOTE_OPENED: _("opened a vote for a meeting"),
    Deed.VOTE_CLOSED: _("closed a vote of a meeting"),
    Deed.WEIGHTS_CHANGED: _("changed the weights of the ranking"),
    Deed.SEATS_SHARED: _("shared the seats"),
    Deed.SEATS_DECIDED: _("decided seats otherwise"),
    Deed.SEATS_PUBLISHED: _("published the seats"),
    Deed.COMMENTS_REVIEWED: _("looked through comments"),
    Deed.ACCOUNT_CHANGED: _("changed an account"),
    Deed.ACCESS_REFUSED: _("was refused a page"),
    Deed.ROUND_PREPARED: _("prepared a round"),
    Deed.FILE_EXPORTED: _("took a file"),
    Deed.SEATS_WISHED: _("wished for seats"),
    Deed.PLAN_CHANGED: _("changed a follow-up"),
    Deed.INBOX_ANSWERED: _("answered a matter"),
    Deed.COMMUNITY_HANDED_OVER: _("handed a role over"),
    Deed.TRAIL_READ: _("read the trail"),
    Deed.TRAIL_EXPORTED: _("exported the trail"),
}
DEVICES: dict[Device, LazyString] = {
    Device.PHONE: _("Phone"),
    Device.TABLET: _("Tablet"),
    Device.COMPUTER: _("Computer"),
    Device.OTHER: _("Other device"),
}
WAYS: dict[Way, LazyString] = {
    Way.PASSWORD: _("with a password"),
    Way.PROVIDER: _("through single sign-on"),
}


def register(app: Flask) -> None:
    """Give the templates of `app` these words."""
    app.jinja_env.globals.update(
        Permission=Permission,
        kind_words=KINDS,
        role_words=ROLES,
        state_words=STATES,
        key_mode_words=KEY_MODES,
        deed_words=DEEDS,
        device_words=DEVICES,
        way_words=WAYS,
    )
