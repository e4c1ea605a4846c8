"""Tasks on the home page: one sentence and one button each, urgent ones first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.accounts import Account, Permission
from app.core.followup import MANUAL_STEPS, FollowUpStep
from app.core.rounds import KeyMode, Round, RoundKind, RoundState
from app.services import accounts, answering, clock_jumps, followup, outbox_delivery, processes, seats
from app.services.followup import UnitProgress
from app.store.database import Session
from app.web.shared.app_context import now, settings, today
from app.web.shared.followup_words import TASKS
from app.web.shared.formats import due_date, due_moment, long_moment
from app.web.shared.translated_texts import round_title
from app.web.staff.enum_words import STATES
from app.web.staff.rounds.steps import next_step


@dataclass(frozen=True, slots=True)
class Task:
    """One task: its subject, what to do, and a button where this account has a page for it.

    `late` is a short text such as "2 overdue". What is quiet is no reason to hurry: it never has the main button.
    """

    title: str
    text: str
    action: str = ""
    url: str = ""
    late: str = ""
    badge: str = ""
    is_accented: bool = False
    is_quiet: bool = False


def round_tasks(session: Session, who: Account, listed: Iterable[Round]) -> list[Task]:
    """Return the next step of every round in which the account may take it."""
    result = []
    for round_ in listed:
        step = next_step(session, round_)
        if step is not None and step.is_allowed_for(who):
            result.append(
                Task(
                    title=round_title(round_),
                    text=step.text,
                    action=step.action,
                    url=step.url,
                    badge=str(STATES[round_.state]),
                    is_accented=round_.state is RoundState.OPEN,
                    is_quiet=step.is_watching,
                )
            )
    return result


def missing_key_tasks(session: Session, who: Account, listed: Sequence[Round]) -> list[Task]:
    """Return a task for each open or closed round whose key no server has, for those who may open a round."""
    if not who.may_everywhere(Permission.OPEN_ROUND):
        return []
    lost = answering.rounds_without_key_host(session, keys=settings().keys, now=now())
    return [
        Task(
            title=round_title(round_),
            text=_missing_key_text(round_),
            action=_("Show the round"),
            url=url_for("rounds.show", number=round_.id),
            late=_("urgent"),
        )
        for round_ in listed
        if round_.id in lost
    ]


def _missing_key_text(round_: Round) -> str:
    """Return what a round without a key waits for: an open one takes no answers, a closed one is not counted."""
    text: str = _("No server that can open the answers is running, so they cannot be counted. Tell the IT support now.")
    if round_.state is RoundState.OPEN:
        text = _("No server that can open the answers is running, so no answers are received. Tell the IT support now.")
    return text


def clock_tasks(session: Session, who: Account) -> list[Task]:
    """Return that the time must be confirmed, for those who may, and for administrators, who know whom to ask."""
    may_confirm = who.may_everywhere(Permission.OPEN_ROUND)
    if not may_confirm and not who.may_everywhere(Permission.EDIT_ACCOUNTS):
        return []
    jump = clock_jumps.find_jump(session, now=now())
    if jump is None:
        return []
    text = _(
        "The server was off for more than a day, or its clock jumped: it shows %(now)s, and the last reliable time was "
        "%(last)s. No round opens, closes or is counted automatically until the time is confirmed.",
        now=long_moment(now()),
        last=long_moment(jump.last_trusted_at),
    )
    if may_confirm:
        return [Task(_("Server time"), text, _("Check the time"), url_for("clock.show"), late=_("urgent"))]
    who_confirms = _("A coordinator confirms it on the home page.")
    return [Task(_("Server time"), f"{text} {who_confirms}", late=_("urgent"))]


def follow_up_tasks(who: Account, progress: Iterable[UnitProgress]) -> list[Task]:
    """Return the next step of each community of one's own that waits for somebody, the one due first first."""
    waiting = [
        item
        for item in progress
        if _may_edit_plan(who, item)
        and item.timeline.next is not None
        and item.timeline.next.step in MANUAL_STEPS
        and item.timeline.next.due
    ]
    return [_follow_up_task(item) for item in sorted(waiting, key=_due)]


def _may_edit_plan(who: Account, item: UnitProgress) -> bool:
    unit = item.unit
    return any(
        who.may(Permission.EDIT_PLAN, municipality=unit.municipality, community=community)
        for community in (unit.id, *unit.communities)
    )


def _due(item: UnitProgress) -> date:
    step = item.timeline.next
    assert step is not None, "only steps that wait are sorted"
    assert step.due is not None, "only steps with a day are sorted"
    return step.due


def _follow_up_task(item: UnitProgress) -> Task:
    step = item.timeline.next
    assert step is not None, "only steps that wait are shown"
    action, endpoint = _follow_up_action(step.step)
    return Task(
        title=item.unit.name,
        text=f"{TASKS[step.step]} {_('By %(day)s.', day=due_date(_due(item)))}",
        action=action,
        url=url_for(endpoint, number=item.round, unit=item.unit.id),
        late=_("overdue") if item.timeline.is_next_step_late(today()) else "",
    )


def _follow_up_action(step: FollowUpStep) -> tuple[str, str]:
    actions = {
        FollowUpStep.PREVIEWED: (_("Read the results"), "results.community"),
        FollowUpStep.DISCUSSED: (_("Prepare the meeting"), "meetings.prepare"),
        FollowUpStep.PLAN_AGREED: (_("Make the plan"), "followup.show"),
        FollowUpStep.EFFECT_REVIEWED: (_("See the outcome"), "reviews.show"),
    }
    return actions.get(step, (_("Open the plan"), "followup.show"))


def region_tasks(session: Session, who: Account, progress: Sequence[UnitProgress]) -> list[Task]:
    """Return what is late or due in the region or in one's own municipalities, with counts and filtered lists."""
    result = []
    if who.may(Permission.ANSWER_INBOX):
        result += _issue_tasks(session, who)
    if who.may(Permission.READ_REGION):
        result += _late_steps(who, progress)
    if who.may_everywhere(Permission.PLAN_ROUND):
        result += _pulse_tasks(progress)
    if who.may_everywhere(Permission.ALLOCATE_SEATS):
        result += _seat_tasks(session)
    return result


def _issue_tasks(session: Session, who: Account) -> list[Task]:
    open_issues = [
        issue
        for issue in followup.all_escalations(session)
        if issue.answer is None and who.may(Permission.ANSWER_INBOX, municipality=issue.municipality)
    ]
    if not open_issues:
        return []
    late = [issue for issue in open_issues if issue.is_late(today())]
    return [
        Task(
            title=_("Issues for the municipality"),
            text=ngettext(
                "One issue from a community is waiting for an answer. It is due on %(day)s.",
                "%(num)s issues from communities are waiting for an answer. The first is due on %(day)s.",
                len(open_issues),
                day=due_date(min(issue.due for issue in open_issues)),
            ),
            action=_("Answer"),
            url=url_for("inbox.index", show="late" if late else None),
            late=ngettext("%(num)s overdue", "%(num)s overdue", len(late)) if late else "",
        )
    ]


def _late_steps(who: Account, progress: Sequence[UnitProgress]) -> list[Task]:
    own = [item for item in progress if who.may(Permission.READ_REGION, municipality=item.unit.municipality)]
    late = [item for item in own if item.timeline.is_next_step_late(today())]
    if not late:
        return []
    return [
        Task(
            title=_("Progress of communities"),
            text=ngettext(
                "The next step of the follow-up is overdue in one of %(all)s communities.",
                "The next step of the follow-up is overdue in %(num)s of %(all)s communities.",
                len(late),
                all=len(own),
            ),
            action=_("See overdue communities"),
            url=url_for("followup_overview.index", show="late"),
            late=ngettext("%(num)s overdue", "%(num)s overdue", len(late)),
            is_quiet=True,
        )
    ]


def _pulse_tasks(progress: Sequence[UnitProgress]) -> list[Task]:
    due = [item for item in progress if item.needs_pulse]
    if not due:
        return []
    return [
        Task(
            title=_("Pulse survey due"),
            text=ngettext(
                "One community requests a pulse survey now.",
                "%(num)s communities request a pulse survey now.",
                len(due),
            ),
            action=_("Plan the pulse survey"),
            url=url_for("followup_overview.index"),
        )
    ]


def _seat_tasks(session: Session) -> list[Task]:
    newest = seats.find_allocation(session)
    if newest is None or newest.published_at is not None:
        return []
    return [
        Task(
            title=_("Seat allocation"),
            text=_("An allocation has been made but not published. Communities do not see it yet."),
            action=_("Check and publish"),
            url=url_for("allocations.index"),
        )
    ]


def needs_and_courses_tasks(who: Account, listed: Iterable[Round]) -> list[Task]:
    """Return a task that leads from the results of the newest release to needs and courses."""
    released = [round_ for round_ in listed if round_.state is RoundState.RELEASED and round_.kind is RoundKind.SURVEY]
    if not released or not who.may_everywhere(Permission.READ_MATCHING):
        return []
    return [
        Task(
            title=round_title(released[-1]),
            text=_("The results are released. See what communities need most and which courses meet these needs."),
            action=_("Needs and courses"),
            url=url_for("matching.index"),
            badge=str(STATES[RoundState.RELEASED]),
            is_quiet=True,
        )
    ]


def administrator_tasks(session: Session, who: Account, *, has_communities: bool) -> list[Task]:
    """Return what an administrator has to look after: communities, accounts, mail, processes."""
    result = []
    if not has_communities and who.may_everywhere(Permission.EDIT_ORGANISATIONS):
        text = _("There are no communities yet. Import them with their head counts before the first round.")
        result.append(Task(_("Communities"), text, _("Import a table"), url_for("organisations.upload_and_check")))
    if not who.may_everywhere(Permission.EDIT_ACCOUNTS):
        return result
    result += _stuck_tasks(session)
    without_password = sum(not person.has_password and not person.closed for person in accounts.accounts(session))
    if without_password:
        text = ngettext(
            "One person has not set a password yet.",
            "%(num)s people have not set a password yet.",
            without_password,
        )
        result.append(
            Task(_("People"), text, _("See the list"), url_for("people.index", show="waiting"), is_quiet=True)
        )
    return result


def _stuck_tasks(session: Session) -> list[Task]:
    result = []
    if outbox_delivery.mail_server_setbacks(session):
        text = _("The mail server does not accept messages at the moment. They are tried again automatically.")
        result.append(Task(_("Mail"), text, late=_("delayed"), is_quiet=True))
    hosts = processes.hosts_awaiting_replacement(session)
    if hosts:
        text = _("Processes that answers passed through must still be restarted: %(hosts)s.", hosts=", ".join(hosts))
        result.append(Task(_("Service"), text, late=_("overdue"), is_quiet=True))
    return result


@dataclass(frozen=True, slots=True)
class TrusteeKeyTask:
    """When a trustee is needed next in a round whose key they keep."""

    title: str
    text: str


def trustee_key_tasks(listed: Iterable[Round]) -> tuple[TrusteeKeyTask, ...]:
    """Return when the key of each round in trustee mode is needed next."""
    return tuple(
        TrusteeKeyTask(round_title(round_), text)
        for round_ in listed
        if round_.key_mode is KeyMode.TRUSTEE and (text := _key_duty(round_, now()))
    )


def _key_duty(round_: Round, moment: datetime) -> str:
    text = ""
    if round_.state is RoundState.DRAFT and moment < round_.closes_at:
        text = _(
            "You receive the key sheet when the round opens, on %(when)s or later.", when=due_moment(round_.opens_at)
        )
    elif round_.state is RoundState.OPEN:
        text = _(
            "Keep the key sheet safe. It is needed for the count, after %(when)s.", when=due_moment(round_.closes_at)
        )
    return text
