"""Prepare the meeting: agenda, questions, ground rules, and what the projector shows."""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.core.accounts import Permission
from app.core.catalogue import DIMENSIONS
from app.core.languages import TranslatedText
from app.core.meetings import AgendaLead, Guide, ProjectorView
from app.core.meetings.votes import DotVote
from app.core.organisations import ReportingUnit
from app.core.rounds import RoundId
from app.services import votes
from app.services.results.meeting_summary import MOST_FOCUS, MeetingSummary, meeting_summary
from app.store.database import read_session
from app.store.meeting_guides import meeting_guide
from app.web.shared.access import requires
from app.web.shared.app_context import settings
from app.web.shared.languages import language
from app.web.staff.followup import covers
from app.web.staff.results import find_unit

blueprint = Blueprint("meetings", __name__, url_prefix="/staff/meetings")
READ = Permission.READ_COMMUNITY
DEFAULT_MINUTES = 75

LEADERS = {
    AgendaLead.PRINCIPAL: _("The principal"),
    AgendaLead.RECORDER: _("The note-taker"),
    AgendaLead.EVERYONE: _("Everyone"),
    AgendaLead.GROUPS: _("The groups"),
}
VIEWS = {
    ProjectorView.START: _("Ground rules"),
    ProjectorView.ANSWERED: _("How many answered"),
    ProjectorView.RESULTS: _("The results"),
    ProjectorView.STRONGEST: _("Our strengths"),
    ProjectorView.WEAKEST: _("Areas to improve"),
    ProjectorView.PROMPTS: _("Questions for the groups"),
    ProjectorView.VOTE: _("Choose the focus"),
    ProjectorView.DECISIONS: _("What we decide"),
}


@dataclass(frozen=True, slots=True)
class Preparation:
    """What every page of one community's meeting stands on."""

    number: int
    unit: ReportingUnit
    brief: MeetingSummary
    guide: Guide
    focus: tuple[str, ...]
    votes: tuple[DotVote, ...]

    @property
    def round(self) -> RoundId:
        """The round whose results are talked about."""
        return RoundId(self.number)

    @property
    def vote_address(self) -> str:
        """The address to type on a phone, as short as it can be written."""
        return f"{settings().base_url}/vote".removeprefix("https://").removeprefix("http://")

    @property
    def questions(self) -> tuple[tuple[str | None, tuple[TranslatedText, ...]], ...]:
        """The questions of each dimension in focus; general ones while there is none."""
        standing = self.brief.standing.value
        return tuple((item, self.guide.questions(standing, item)) for item in self.focus or (None,))

    @property
    def views(self) -> tuple[ProjectorView, ...]:
        """What the projector shows; what the community has no numbers for is left out."""
        lacking = set() if self.brief.is_own else {ProjectorView.STRONGEST, ProjectorView.WEAKEST}
        return tuple(view for view in ProjectorView if view not in lacking)

    def address(self, view: ProjectorView) -> str:
        """Return where the projector shows `view`."""
        return url_for(".projector", number=self.number, unit=self.unit.id, view=view.value, focus=self.focus)


@blueprint.get("/<int:number>/<unit>")
@requires(READ)
def prepare(number: int, unit: str) -> ResponseReturnValue:
    """Show agenda, focus, questions, ground rules and all that can be taken along."""
    prepared = preparation(number, unit)
    lengths = [agenda.minutes for agenda in prepared.guide.agendas]
    minutes = request.args.get("minutes", DEFAULT_MINUTES, type=int)
    agenda = prepared.guide.agenda(minutes if minutes in lengths else DEFAULT_MINUTES)
    return render_template(
        "staff/meetings/prepare.html",
        prepared=prepared,
        agenda=agenda,
        lengths=lengths,
        LEADERS=LEADERS,
        VIEWS=VIEWS,
        most=MOST_FOCUS,
        own=covers(prepared.unit, Permission.EDIT_PLAN),
    )


@blueprint.get("/<int:number>/<unit>/show/<view>")
@requires(READ)
def projector(number: int, unit: str, view: str) -> ResponseReturnValue:
    """Show one idea in big letters, with links to what comes before and after."""
    prepared = preparation(number, unit)
    shown = next((projector_view for projector_view in prepared.views if projector_view.value == view), None) or abort(
        404
    )
    place = prepared.views.index(shown)
    return render_template(
        "staff/meetings/projector.html",
        prepared=prepared,
        view=shown,
        place=place,
        before=prepared.views[place - 1] if place else None,
        after=prepared.views[place + 1] if place + 1 < len(prepared.views) else None,
        VIEWS=VIEWS,
    )


def preparation(number: int, name: str) -> Preparation:
    """Return what a meeting's pages stand on; 404 before the release, 403 where the account may not read."""
    context, unit = find_unit(number, name)
    summary = meeting_summary(context, unit.id, language=language())
    asked = [fromkey for fromkey in dict.fromkeys(request.args.getlist("focus")) if fromkey in DIMENSIONS]
    focus = tuple(asked[:MOST_FOCUS]) or summary.focus
    with read_session() as session:
        held = votes.votes_of(session, context.publication.round, unit.id)
    return Preparation(number, unit, summary, meeting_guide(settings().surveys), focus, held)
