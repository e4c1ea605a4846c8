"""Effect of a course between two surveys, as two estimates, for coordinators."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.catalogue import Course
from app.core.matching.effect import TREATED_FROM, EffectVerdict
from app.core.publication import Publication
from app.services import effect, followup
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.recommendation_words import title_order
from app.web.staff.results.effect_words import VERDICTS

blueprint = Blueprint("effect", __name__, url_prefix="/staff/effect")
READ = Permission.ALLOCATE_SEATS


@dataclass(frozen=True, slots=True)
class EffectSelection:
    """What is reviewed: a course and two rounds."""

    course: Course
    before: Publication
    after: Publication


@blueprint.get("/")
@requires(READ)
def index() -> ResponseReturnValue:
    """Choose a course for an effect review; explain what a review can show."""
    require_permission_at(READ)
    with read_session() as session:
        courses = sorted(effect.non_draft_courses_with_dimensions(session), key=title_order)
        released = followup.released_surveys(session)
        last = effect.last_two_regional_surveys(session)
        reviewed = effect.participating_community_counts_by_course(session, *last) if len(last) > 1 else {}
    return render_template(
        "staff/effect/index.html", courses=courses, rounds=released, reviewed=reviewed, least=TREATED_FROM
    )


@blueprint.get("/course/<external_id>")
@requires(READ)
def show(external_id: str) -> ResponseReturnValue:
    """Review one course."""
    require_permission_at(READ)
    with read_session() as session:
        effect_selection = _chosen(session, external_id)
        took = effect.participating_communities(
            session, effect_selection.course, effect_selection.before, effect_selection.after
        )
        released = followup.released_surveys(session)
        try:
            effect_review = effect.review_effect(
                session, effect_selection.course, effect_selection.before, effect_selection.after
            )
        except effect.NotComparable:
            effect_review = None
    return render_template(
        "staff/effect/show.html",
        chosen=effect_selection,
        review=effect_review,
        took=took,
        rounds=released,
        least=TREATED_FROM,
        VERDICTS=VERDICTS,
        Verdict=EffectVerdict,
    )


@blueprint.post("/course/<external_id>")
@requires(READ)
def save_participating_communities(external_id: str) -> ResponseReturnValue:
    """Save which communities took part in a course."""
    require_permission_at(READ)
    with write_session() as session:
        effect_selection = _chosen(session, external_id)
        among = [unit.id for unit in effect_selection.after.region.units]
        effect.set_participating_communities(
            session,
            effect_selection.course,
            request.form.getlist("took"),
            among=among,
            by=current_account().id,
            now=now(),
        )
        early = int(effect_selection.before.round)
        late = int(effect_selection.after.round)
    flash(gettext("The participants were saved."), "success")
    return redirect(url_for("effect.show", external_id=external_id, before=early, after=late))


def _chosen(session: Session, external_id: str) -> EffectSelection:
    """Return what the address asks for; the last two surveys of the whole region where it names none."""
    course = next(
        (course for course in effect.non_draft_courses_with_dimensions(session) if course.external_id == external_id),
        None,
    )
    released = {int(round_.round): round_ for round_ in followup.released_surveys(session)}
    if course is None or len(released) < 2:
        abort(404)
    # If only one survey asked the whole region, offer the last two surveys of any kind.
    last = [int(publication.round) for publication in effect.last_two_regional_surveys(session)]
    before, after = last if len(last) > 1 else list(released)[-2:]
    early = released.get(request.args.get("before", before, type=int))
    late = released.get(request.args.get("after", after, type=int))
    if early is None or late is None:
        abort(404)
    return EffectSelection(course, early, late)
