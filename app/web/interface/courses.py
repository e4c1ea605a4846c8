"""Public catalogue: pages, schema.org linked data and calendars; without sign-in or cookies."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.catalogue import Course, CourseStatus, Offering
from app.core.catalogue.course_filter import CourseFilter, filter_courses
from app.render import json_ld
from app.render.calendars import calendar_bytes
from app.services import catalogue
from app.store.database import read_session
from app.web.shared.app_context import settings, today
from app.web.shared.course_addresses import public_course_url
from app.web.shared.languages import language
from app.web.shared.pagination import requested_page

blueprint = Blueprint("courses", __name__, url_prefix="/courses")


@blueprint.url_defaults
def add_language_to_urls(endpoint: str, values: dict[str, Any]) -> None:
    """Keep the language that the address says on every link of these pages."""
    if endpoint.startswith("courses.") and "lang" in request.args:
        values.setdefault("lang", request.args["lang"])


@blueprint.after_request
def allow_caching(response: Response) -> Response:
    """Let a browser keep what is the same for everybody for five minutes."""
    if response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=300"
        response.headers["Vary"] = "Accept-Language"
    return response


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show every course on offer, chosen by word, area, dimension and language."""
    choice = CourseFilter.from_query(request.args)
    courses = filter_courses(_published(), choice, today=today())
    shown_page = requested_page(courses)
    linked = json_ld.json_ld_for_script_element(json_ld.courses_json_ld(shown_page.shown, address=public_course_url))
    return render_template(
        "catalogue/index.html", found=courses, shown_page=shown_page, choice=choice, linked=linked, today=today()
    )


@blueprint.get("/<external_id>")
def course(external_id: str) -> ResponseReturnValue:
    """Show one course with its times."""
    found_course = next((each_course for each_course in _published() if each_course.external_id == external_id), None)
    if found_course is None:
        abort(404)
    linked = json_ld.json_ld_for_script_element(json_ld.courses_json_ld([found_course], address=public_course_url))
    return render_template("catalogue/course.html", course=found_course, linked=linked, today=today())


@blueprint.get("/catalogue.jsonld")
def catalogue_json_ld() -> ResponseReturnValue:
    """Return the public catalogue as schema.org linked data."""
    content = json_ld.json_ld_bytes(json_ld.courses_json_ld(_published(), address=public_course_url))
    return _file(content, "application/ld+json", "catalogue.jsonld")


@blueprint.get("/calendar.ics")
def all_offerings_calendar() -> ResponseReturnValue:
    """Return every offering as a calendar feed."""
    return _calendar(
        ((each_course, offering) for each_course in _published() for offering in each_course.offerings), "courses.ics"
    )


@blueprint.get("/times/<offering_id>.ics")
def offering_calendar(offering_id: str) -> ResponseReturnValue:
    """Return one offering as a calendar file."""
    pairs = [
        (each_course, offering)
        for each_course in _published()
        if (offering := each_course.find_offering(offering_id)) is not None
    ]
    return _calendar(pairs, f"{offering_id}.ics") if pairs else abort(404)


def _published() -> tuple[Course, ...]:
    with read_session() as session:
        return tuple(each for each in catalogue.courses(session) if each.status is CourseStatus.ACTIVE)


def _calendar(pairs: Iterable[tuple[Course, Offering]], name: str) -> Response:
    shown = [
        (each_course, offering)
        for each_course, offering in pairs
        if offering.status in {CourseStatus.ACTIVE, CourseStatus.CANCELLED}
    ]
    base = settings().base_url.rstrip("/")
    addresses = {
        each_course.external_id: base + url_for("courses.course", external_id=each_course.external_id)
        for each_course, _offering in shown
    }
    title = _("Courses, %(service)s", service=settings().service_name)
    host = urlsplit(base).hostname or "localhost"
    zone = ZoneInfo(settings().time_zone)
    content = calendar_bytes(shown, name=title, host=host, language=language(), zone=zone, addresses=addresses)
    return _file(content, "text/calendar; charset=utf-8", name)


def _file(content: bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
