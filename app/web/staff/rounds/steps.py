"""Next step of a round, and who may take it."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from app.core.accounts import Account, Permission
from app.core.rounds import KeyMode, Round, RoundState
from app.services import answering, lost_keys, rounds
from app.store.database import Session
from app.web.shared.app_context import now, settings
from app.web.shared.formats import due_moment


@dataclass(frozen=True, slots=True)
class RoundStep:
    """The next step of a round: what to do, the button and its address.

    `is_watching`: nothing has to be done now, and the button only shows how the round is going.
    """

    text: str
    action: str
    url: str
    permission: Permission
    region_wide: bool = True
    is_watching: bool = False

    def is_allowed_for(self, account: Account) -> bool:
        """Tell whether `account` may take this step."""
        return account.may_everywhere(self.permission) if self.region_wide else account.may(self.permission)


@dataclass(frozen=True, slots=True)
class _CodeStatus:
    """Whether the key sheet was tested, whether codes were drawn, and whether the count waits for the key."""

    rehearsed: bool
    has_codes: bool
    lacks_key: bool


def next_step(session: Session, round_: Round) -> RoundStep | None:
    """Return the next step of a round; None for a released or abandoned one."""
    if round_.state is RoundState.COUNTED and lost_keys.were_all_ballots_unreadable(session, round_.id):
        return None
    steps = {
        RoundState.DRAFT: _open_step,
        RoundState.OPEN: _open_round_step,
        RoundState.CLOSED: _count_step,
        RoundState.COUNTED: _release_step,
    }
    step = steps.get(round_.state)
    if step is None:
        return None
    status = _CodeStatus(
        rehearsed=rounds.are_key_backups_verified(session, round_.id),
        has_codes=rounds.has_codes(session, round_.id),
        lacks_key=_waits_for_key(session, round_),
    )
    return step(round_, now(), status)


def _open_step(round_: Round, now: datetime, _status: _CodeStatus) -> RoundStep:
    url = url_for("transitions.check", number=round_.id)
    if now >= round_.closes_at:
        text = _("The last day passed before the round was opened. Plan it again.")
        return RoundStep(text, _("Plan a round"), url_for("rounds.plan"), Permission.PLAN_ROUND)
    if round_.key_mode is KeyMode.TRUSTEE:
        text = _("Open it together with the trustee on %(when)s or later.", when=due_moment(round_.opens_at))
    elif now >= round_.opens_at:
        text = _("The first day has begun: the round opens automatically within a minute.")
    else:
        text = _("The round opens automatically on %(when)s.", when=due_moment(round_.opens_at))
    return RoundStep(text, _("Check and open"), url, Permission.OPEN_ROUND)


def _open_round_step(round_: Round, _now: datetime, status: _CodeStatus) -> RoundStep:
    if round_.key_mode is KeyMode.TRUSTEE and not status.rehearsed:
        text = _("Test the key sheet: codes are issued only when it is known to work.")
        url = url_for("transitions.verify_key_backups", number=round_.id)
        return RoundStep(text, _("Test the key sheet"), url, Permission.OPEN_ROUND)
    when = due_moment(round_.closes_at)
    if status.has_codes:  # printing slips again invalidates unused codes
        text = _("Staff can answer until %(when)s. Follow how many have answered.", when=when)
        url = url_for("rounds.show", number=round_.id)
        action = _("See participation")
        return RoundStep(text, action, url, Permission.PLAN_ROUND, region_wide=False, is_watching=True)
    text = _("Staff can answer until %(when)s. Print the slips and arrange for them to be handed out.", when=when)
    url = url_for("slips.index", number=round_.id)
    return RoundStep(text, _("Slips with codes"), url, Permission.ISSUE_CODES, region_wide=False)


def _waits_for_key(session: Session, round_: Round) -> bool:
    """Tell whether a closed round cannot be counted by itself, because no server that can open it is running."""
    if round_.state is not RoundState.CLOSED or round_.key_mode is KeyMode.TRUSTEE:
        return False
    return not answering.round_key_availability(session, round_.id, keys=settings().keys, now=now()).any_host_can_open


def _count_step(round_: Round, _now: datetime, status: _CodeStatus) -> RoundStep:
    url = url_for("transitions.count", number=round_.id)
    if round_.key_mode is KeyMode.TRUSTEE:
        text = _("The round is closed. Count it together with the trustee, who brings the key sheet.")
    elif status.lacks_key:
        text = _("The round is closed. It waits for a server that can open the answers, or for the recovery sheet.")
    else:
        text = _("The round is closed. It is counted automatically within minutes, or as soon as you press the button.")
    return RoundStep(text, _("Count"), url, Permission.COUNT_ROUND)


def _release_step(round_: Round, _now: datetime, _status: _CodeStatus) -> RoundStep:
    text = _("The round has been counted. Check the certificate and release the results.")
    return RoundStep(text, _("Release"), url_for("transitions.release", number=round_.id), Permission.RELEASE_ROUND)
