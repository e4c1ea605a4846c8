"""Home page: what waits for the account, and what it may read."""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.accounts import Account, Permission, Role
from app.core.followup import MANUAL_STEPS
from app.core.languages import Language
from app.core.organisations import Community
from app.core.rounds import Round, RoundState
from app.services import accounts, followup, organisations, rounds
from app.services.followup import FollowUp
from app.store.database import Session, read_session, write_session
from app.web.shared import access
from app.web.shared.access import account, requires
from app.web.shared.app_context import now
from app.web.staff.followup.views import may_in_unit
from app.web.staff.rounds.steps import RoundStep, next_step

blueprint = Blueprint("home", __name__, url_prefix="/staff")


@dataclass(frozen=True, slots=True)
class HomeOverview:
    """What an account finds on its first page."""

    waiting: tuple[tuple[Round, RoundStep], ...]
    running: tuple[Round, ...]
    released: tuple[Round, ...]
    communities: tuple[Community, ...]
    missing_communities: bool
    without_password: int
    any_round: bool
    followed: tuple[FollowUp, ...] = ()


@blueprint.get("/")
@requires(Permission.SEE_OWN_PAGE)
def index() -> ResponseReturnValue:
    """Show what waits for the account at hand."""
    results = url_for("results.index") if "results.index" in current_app.view_functions else None
    return render_template("staff/home/index.html", overview=_overview(account()), results=results)


@blueprint.post("/language")
@requires(Permission.SEE_OWN_PAGE)
def choose_language() -> ResponseReturnValue:
    """Remember the language of the account's pages, and go back to the page."""
    chosen = request.form.get("language", "")
    if chosen in set(Language):
        with write_session() as store:
            accounts.choose_language(store, account().id, Language(chosen))
    return redirect(access.safe_next_url(request.form.get("next")))


def _overview(who: Account) -> HomeOverview:
    with read_session() as session:
        listed = rounds.rounds(session)
        steps = [(round_, next_step(session, round_)) for round_ in listed]
        communities = organisations.communities(session)
        followed = _followed(session, who)
        people = accounts.accounts(session) if who.may_everywhere(Permission.EDIT_ACCOUNTS) else ()
    own = {grant.community for grant in who.grants if grant.role is Role.PRINCIPAL}
    reads = who.may(Permission.READ_COMMUNITY)
    return HomeOverview(
        waiting=tuple((round_, step) for round_, step in steps if step is not None and step.is_allowed_for(who)),
        running=tuple(round_ for round_ in listed if round_.accepts_answers(now())),
        released=tuple(round_ for round_ in listed if reads and round_.state is RoundState.RELEASED)[::-1],
        communities=tuple(community for community in communities if community.id in own),
        missing_communities=not communities and who.may_everywhere(Permission.EDIT_ORGANISATIONS),
        without_password=sum(not person.has_password and not person.closed for person in people),
        any_round=bool(listed),
        followed=followed,
    )


def _followed(session: Session, who: Account) -> tuple[FollowUp, ...]:
    """Return the follow-ups of one's own communities in which a step waits for a press."""
    newest = followup.newest_surveys(session) if who.may(Permission.EDIT_PLAN) else ()
    own = [survey_result for survey_result in newest if may_in_unit(survey_result.unit, Permission.EDIT_PLAN)]
    follow_ups = [
        followup.follow_up(session, survey_result.publication.round, survey_result.unit.id) for survey_result in own
    ]
    return tuple(
        follow_up
        for follow_up in follow_ups
        if follow_up.timeline.next is not None
        and follow_up.timeline.next.step in MANUAL_STEPS
        and follow_up.timeline.next.due
    )
