"""Downloads for a meeting: handout and slides, in the language of the page."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response
from werkzeug.utils import secure_filename

from app.core.accounts import Permission
from app.core.catalogue import DIMENSIONS
from app.lazy import lazy_module
from app.render.handouts import MeetingDocumentContent, handout_pdf
from app.web.shared.access import requires
from app.web.shared.app_context import now, settings
from app.web.shared.languages import language
from app.web.staff.followup.meetings import MeetingContext, get_meeting_context_or_404

if TYPE_CHECKING:
    from app.render import slides as slide_deck
else:
    slide_deck = lazy_module("app.render.slides")

blueprint = Blueprint("meeting_papers", __name__, url_prefix="/staff/meetings")
READ = Permission.READ_COMMUNITY
PDF = "application/pdf"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@blueprint.get("/<int:number>/<unit>/handout.pdf")
@requires(READ)
def handout(number: int, unit: str) -> Response:
    """Send the one-page handout; `?lang=` overrides the account's language."""
    prepared = get_meeting_context_or_404(number, unit)
    return _send(handout_pdf(_material(prepared), now=now()), prepared, "pdf", PDF)


@blueprint.get("/<int:number>/<unit>/slides.pptx")
@requires(READ)
def slides(number: int, unit: str) -> Response:
    """Send the six slides; `?lang=` overrides the account's language."""
    prepared = get_meeting_context_or_404(number, unit)
    return _send(slide_deck.slides_pptx(_material(prepared), now=now()), prepared, "pptx", PPTX)


def _material(prepared: MeetingContext) -> MeetingDocumentContent:
    summary = prepared.summary
    spoken = language()
    return MeetingDocumentContent(
        service=settings().service_name,
        language=spoken,
        community=summary.name,
        round_title=summary.round_title,
        wider=None if summary.is_own else summary.numbers_of,
        answered=summary.answered,
        cautions=summary.cautions,
        strongest=summary.strongest,
        weakest=summary.weakest,
        weakest_heading=summary.weakest_heading,
        placements=summary.placements,
        chart=summary.interval_chart,
        questions=[
            (
                DIMENSIONS[item].in_language(spoken) if item else "",
                [question.in_language(spoken) for question in questions],
            )
            for item, questions in prepared.discussion_questions_by_dimension
        ],
    )


def _send(content: bytes, prepared: MeetingContext, ending: str, kind: str) -> Response:
    name = secure_filename(f"{prepared.number}-{prepared.unit.id}-{language().value}")[:80]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(content, mimetype=kind, headers=headers)
