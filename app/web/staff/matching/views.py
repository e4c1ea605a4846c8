"""Course list of a community; needs of the region compared with the courses on offer."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.core.accounts import Permission
from app.core.matching.gaps import CERTAINTY, NeedComparisonOutcome
from app.core.matching.recommendations import CourseList
from app.core.organisations import ReportingUnit
from app.services import matching, municipality
from app.store.database import read_session
from app.web.shared.access import has_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language
from app.web.shared.shared_staff_words import shared_staff_sentence

blueprint = Blueprint("matching", __name__, url_prefix="/staff/matching")


@blueprint.get("/")
@requires(Permission.READ_MATCHING)
def index() -> ResponseReturnValue:
    """Show needs next to offerings: dimension by municipality."""
    with read_session() as session:
        gap_map = matching.gap_map(session, now=now())
    if gap_map is None:
        return render_template("staff/matching/nothing.html")
    return render_template(
        "staff/matching/index.html",
        map=gap_map,
        GapSide=NeedComparisonOutcome,
        CERTAINTY=CERTAINTY,
    )


@blueprint.get("/community/<unit_id>")
@requires(Permission.READ_COMMUNITY)
def community(unit_id: str) -> ResponseReturnValue:
    """Show which courses a community is recommended, and why."""
    with read_session() as session:
        result = matching.newest_result_of_community(session, unit_id)
        if result is None and not matching.is_any_survey_released(session):
            return render_template("staff/matching/nothing.html")
        if result is None:
            abort(404)
        _require_unit(result.unit)
        course_list = matching.course_list(session, result, now=now())
        responsible = municipality.shared_staff_responsibilities(session, result.unit.communities)
    return render_template(
        "staff/matching/community.html",
        recommended=_part("_needs", course_list),
        further="" if course_list is None else _part("_further", course_list),
        unit=result.unit,
        publication=result.publication,
        shared_staff=shared_staff_sentence(responsible),
        Permission=Permission,
    )


def _part(name: str, course_list: CourseList | None) -> Markup:
    """Render a part of the page; the same list is rendered once in each language."""

    def render() -> str:
        return render_template(f"staff/matching/{name}.html", list=course_list)

    text = render() if course_list is None else cached_fragment((course_list,), (name, language()), render)
    return Markup(text)  # noqa: S704 - it was rendered, and so escaped, just above


def _require_unit(unit: ReportingUnit) -> None:
    here = (unit.id, *unit.communities)
    if not any(
        has_permission_at(Permission.READ_COMMUNITY, municipality=unit.municipality, community=item) for item in here
    ):
        abort(403)
