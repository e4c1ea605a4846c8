"""Meeting preparation: agenda, questions, ground rules and projector views."""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.core.accounts import Permission
from app.core.catalogue import DIMENSIONS
from app.core.followup import MAX_FOCUS
from app.core.languages import TranslatedText
from app.core.meetings import AgendaLead, Guide, ProjectorView
from app.core.meetings.votes import DotVote
from app.core.organisations import ReportingUnit
from app.core.rounds import RoundId
from app.render.qr_codes import qr_data_uri
from app.reports.meeting_summary import MeetingSummary, build_meeting_summary
from app.services import municipality, votes
from app.store.database import read_session
from app.store.meeting_guides import load_meeting_guide
from app.web.shared.access import requires
from app.web.shared.app_context import settings
from app.web.shared.languages import language
from app.web.shared.shared_staff_words import shared_staff_sentence
from app.web.staff.followup.views import may_in_unit
from app.web.staff.results.views import get_results_and_unit_or_404

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
class MeetingContext:
    """What all pages of one community's meeting are rendered from."""

    number: int
    unit: ReportingUnit
    summary: MeetingSummary
    guide: Guide
    focus: tuple[str, ...]
    votes: tuple[DotVote, ...]

    @property
    def round_id(self) -> RoundId:
        """The round whose results are discussed."""
        return RoundId(self.number)

    @property
    def vote_url_without_scheme(self) -> str:
        """The shortest URL of the vote, to be typed on a phone."""
        return f"{settings().base_url}/vote".removeprefix("https://").removeprefix("http://")

    @property
    def vote_qr_data_uri(self) -> str:
        """The QR code of the vote's URL as a data URI."""
        return qr_data_uri(f"{settings().base_url}/vote")

    @property
    def discussion_questions_by_dimension(self) -> tuple[tuple[str | None, tuple[TranslatedText, ...]], ...]:
        """The questions of each dimension in focus; general ones without a focus."""
        report_kind = self.summary.kind.value
        return tuple((item, self.guide.discussion_questions(report_kind, item)) for item in self.focus or (None,))

    @property
    def projector_views(self) -> tuple[ProjectorView, ...]:
        """The projector views, without those for which the community has no numbers."""
        lacking = set() if self.summary.is_own else {ProjectorView.STRONGEST, ProjectorView.WEAKEST}
        return tuple(view for view in ProjectorView if view not in lacking)

    def projector_url(self, view: ProjectorView) -> str:
        """Return the URL of the projector for `view`."""
        return url_for(".projector", number=self.number, unit=self.unit.id, view=view.value, focus=self.focus)


@blueprint.get("/<int:number>/<unit>")
@requires(READ)
def prepare(number: int, unit: str) -> ResponseReturnValue:
    """Show agenda, focus, questions, ground rules and downloads."""
    prepared = get_meeting_context_or_404(number, unit)
    lengths = [agenda.minutes for agenda in prepared.guide.agendas]
    minutes = request.args.get("minutes", DEFAULT_MINUTES, type=int)
    agenda = prepared.guide.agenda_of_length(minutes if minutes in lengths else DEFAULT_MINUTES)
    return render_template(
        "staff/meetings/prepare.html",
        prepared=prepared,
        agenda=agenda,
        lengths=lengths,
        LEADERS=LEADERS,
        VIEWS=VIEWS,
        most=MAX_FOCUS,
        own=may_in_unit(prepared.unit, Permission.EDIT_PLAN),
    )


@blueprint.get("/<int:number>/<unit>/show/<view>")
@requires(READ)
def projector(number: int, unit: str, view: str) -> ResponseReturnValue:
    """Show one view in large type, with links to the previous and next one."""
    prepared = get_meeting_context_or_404(number, unit)
    shown = next(
        (projector_view for projector_view in prepared.projector_views if projector_view.value == view), None
    ) or abort(404)
    position = prepared.projector_views.index(shown)
    return render_template(
        "staff/meetings/projector.html",
        prepared=prepared,
        view=shown,
        place=position,
        before=prepared.projector_views[position - 1] if position else None,
        after=prepared.projector_views[position + 1] if position + 1 < len(prepared.projector_views) else None,
        VIEWS=VIEWS,
    )


def get_meeting_context_or_404(number: int, name: str) -> MeetingContext:
    """Return the context of a meeting's pages; 404 before the release, 403 without permission."""
    context, unit = get_results_and_unit_or_404(number, name)
    summary = build_meeting_summary(context, unit.id, language=language())
    requested = [dimension for dimension in dict.fromkeys(request.args.getlist("focus")) if dimension in DIMENSIONS]
    focus = tuple(requested[:MAX_FOCUS]) or summary.focus
    with read_session() as session:
        past_votes = votes.votes_of_unit(session, context.publication.round, unit.id)
        shared = shared_staff_sentence(municipality.shared_staff_responsibilities(session, unit.communities))
    if shared:
        summary = replace(summary, answered=(*summary.answered, shared))
    return MeetingContext(number, unit, summary, load_meeting_guide(settings().surveys), focus, past_votes)
