"""Catalogue pages for coordinators: search, edit, import and export."""

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from app.core.accounts import Permission
from app.core.catalogue import Course, Offering
from app.core.catalogue.course_filter import CourseFilter, filter_courses
from app.core.catalogue.table_reader import CheckedCatalogue
from app.core.tables.errors import TableError, TableImportError
from app.services import catalogue, seats
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now, settings, today
from app.web.shared.course_addresses import public_course_url
from app.web.shared.forms import Form
from app.web.shared.languages import language
from app.web.shared.pagination import requested_page
from app.web.shared.recommendation_words import course_title, title_order
from app.web.shared.table_error_words import error_sentences, notice_sentence
from app.web.staff.catalogue.forms import (
    NOTES_OF_OFFERING,
    OfferingForm,
    add_import_errors,
    cells_and_sessions_from_offering_form,
    cells_from_course_form,
    cells_with_notes_in_default_language,
    course_form_from_cells,
)
from app.web.staff.imports.tables import ImportEndpoints, TableImport

blueprint = Blueprint("catalogue", __name__, url_prefix="/staff/catalogue")
EDIT = Permission.EDIT_CATALOGUE
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonld": "application/ld+json",
}


class CatalogueImportForm(Form):
    """A table to check and then import."""

    file = FileField(
        _("The catalogue as a file"),
        [FileRequired(_("Choose a file."))],
        description=_("XLSX, CSV in UTF-8, or schema.org JSON-LD. At most 5 MB."),
        render_kw={"accept": ".csv,.xlsx,.json,.jsonld"},
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().time_zone)


@blueprint.get("/")
@requires(Permission.READ_CATALOGUE)
def index() -> ResponseReturnValue:
    """List the courses that match search and filters; coordinators see drafts too."""
    choice = CourseFilter.from_query(request.args)
    with read_session() as session:
        found_courses = catalogue.courses(session)
    courses = (
        found_courses
        if has_permission_at(EDIT)
        else tuple(found_course for found_course in found_courses if found_course.status.value == "active")
    )
    chosen = filter_courses(courses, choice, today=today())
    shown = tuple(sorted(chosen, key=title_order))
    return render_template(
        "staff/catalogue/index.html",
        found=shown,
        shown_page=requested_page(shown),
        choice=choice,
        any_course=bool(courses),
        may_edit=has_permission_at(EDIT),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> ResponseReturnValue:
    """Add a course."""
    require_permission_at(EDIT)
    return _course_page(None)


@blueprint.route("/course/<external_id>", methods=["GET", "POST"])
@requires(EDIT)
def edit(external_id: str) -> ResponseReturnValue:
    """Change a course, or say how a second coordinator sees it."""
    require_permission_at(EDIT)
    return _course_page(_known(external_id))


@blueprint.route("/course/<external_id>/remove", methods=["GET", "POST"])
@requires(EDIT)
def remove(external_id: str) -> ResponseReturnValue:
    """Ask, then remove a course with its times."""
    require_permission_at(EDIT)
    known = _known(external_id)
    if request.method == "GET":
        return _asked(known, known.offerings, gettext("Remove %(course)s?", course=course_title(known)))
    with write_session() as session:
        catalogue.remove_course(session, external_id, by=current_account().id, now=now())
    flash(gettext("The course was removed."), "success")
    return redirect(url_for("catalogue.index"))


@blueprint.route("/course/<external_id>/time", methods=["GET", "POST"])
@blueprint.route("/course/<external_id>/time/<offering_id>", methods=["GET", "POST"])
@requires(EDIT)
def add_or_edit_offering(external_id: str, offering_id: str = "") -> ResponseReturnValue:
    """Add or change an offering of a course."""
    require_permission_at(EDIT)
    known = _known(external_id)
    found_offering = known.find_offering(offering_id)
    if offering_id and found_offering is None:
        abort(404)
    cells = catalogue.offering_form_cells(known, offering_id, zone=_zone())
    form = OfferingForm(data=cells_with_notes_in_default_language(cells, NOTES_OF_OFFERING))
    if form.validate_on_submit():
        cells, sessions = cells_and_sessions_from_offering_form(form)
        if found_offering is not None:
            cells["offering_id"] = found_offering.external_id
        try:
            with write_session() as session:
                catalogue.save_offering(
                    session,
                    external_id,
                    cells,
                    sessions,
                    zone=_zone(),
                    now=now(),
                    by=current_account().id,
                    is_new=found_offering is None,
                )
        except TableImportError as refused:
            add_import_errors(form, refused)
        else:
            return redirect(url_for("catalogue.edit", external_id=external_id))
    page = render_template("staff/catalogue/offering.html", form=form, course=known, offering=found_offering)
    return page, 422 if form.errors else 200


@blueprint.route("/course/<external_id>/time/<offering_id>/remove", methods=["GET", "POST"])
@requires(EDIT)
def remove_offering(external_id: str, offering_id: str) -> ResponseReturnValue:
    """Ask, then remove one time of a course."""
    require_permission_at(EDIT)
    known = _known(external_id)
    found_offering = known.find_offering(offering_id) or abort(404)
    if request.method == "GET":
        return _asked(known, [found_offering], gettext("Remove an offering of %(course)s?", course=course_title(known)))
    with write_session() as session:
        catalogue.remove_offering(session, external_id, offering_id, by=current_account().id, now=now())
    flash(gettext("The offering was removed."), "success")
    return redirect(url_for("catalogue.edit", external_id=external_id))


def _asked(known: Course, times: Sequence[Offering], heading: str) -> str:
    with read_session() as session:
        requested = seats.count_requested_seats_of_offerings(session, [time.external_id for time in times])
    sentences = [
        ngettext("One offering is removed with it.", "%(num)s offerings are removed with it.", len(times)),
        gettext(
            "This cannot be undone. If you cancel or archive a course instead, old lists and decisions keep its name."
        ),
    ]
    if requested:
        sentences.insert(1, ngettext("One seat has been requested.", "%(num)s seats have been requested.", requested))
    back = url_for("catalogue.edit", external_id=known.external_id)
    return render_template(
        "staff/confirm.html",
        heading=heading,
        sentences=sentences,
        yes=gettext("Yes, remove"),
        back=back,
        is_dangerous=True,
    )


@blueprint.route("/import", methods=["GET", "POST"])
@requires(EDIT)
def upload_and_check() -> ResponseReturnValue:
    """Upload a file and check it; a file without errors waits for confirmation."""
    require_permission_at(EDIT)
    return _import().handle_upload()


@blueprint.get("/import/<int:number>")
@requires(EDIT)
def preview(number: int) -> ResponseReturnValue:
    """Show what a checked file would change."""
    require_permission_at(EDIT)
    return _import().show_preview(number)


@blueprint.post("/import/<int:number>")
@requires(EDIT)
def confirm(number: int) -> ResponseReturnValue:
    """Import a file that was checked, or cancel the import."""
    require_permission_at(EDIT)
    return _import().confirm(number)


@blueprint.get("/<any(template, catalogue):what>.<any(csv, xlsx, jsonld):kind>")
@requires(Permission.READ_CATALOGUE)
def download(what: str, kind: str) -> ResponseReturnValue:
    """Hand out the empty table, or the whole catalogue as a file that can be imported."""
    if what == "template":
        content = catalogue.template_csv() if kind == "csv" else catalogue.template_xlsx(language())
        kind = "csv" if kind == "csv" else "xlsx"
    else:
        require_permission_at(EDIT)
        with read_session() as session:
            content = catalogue.export(session, kind, zone=_zone(), address=public_course_url)
    headers = {"Content-Type": TYPES[kind], "Content-Disposition": f"attachment; filename={what}.{kind}"}
    return Response(content, headers=headers)


def _known(external_id: str) -> Course:
    with read_session() as session:
        return catalogue.find_course(session, external_id) or abort(404)


def _course_page(known: Course | None) -> ResponseReturnValue:
    form = course_form_from_cells(catalogue.course_form_cells(known, zone=_zone()))
    if form.validate_on_submit():
        cells = cells_from_course_form(form, request.form) | ({"external_id": known.external_id} if known else {})
        try:
            with write_session() as session:
                saved = catalogue.save_course(
                    session, cells, zone=_zone(), now=now(), by=current_account().id, is_new=known is None
                )
        except TableImportError as refused:
            add_import_errors(form, refused)
        else:
            flash(gettext("The course was saved."), "success")
            return redirect(url_for("catalogue.edit", external_id=saved.external_id))
    page = render_template("staff/catalogue/course.html", form=form, course=known)
    return page, 422 if form.errors else 200


def _import() -> TableImport[CheckedCatalogue]:
    return TableImport(
        most_bytes=catalogue.MOST_BYTES,
        upload_kind=catalogue.UPLOAD_KIND,
        check=partial(catalogue.check_import, zone=_zone(), now=now()),
        store=partial(catalogue.import_courses, zone=_zone(), now=now(), by=current_account().id),
        form=CatalogueImportForm,
        page=_import_page,
        preview=lambda checked, name: render_template(
            "staff/catalogue/preview.html",
            checked=checked,
            name=name,
            notices=list(map(notice_sentence, checked.notices)),
        ),
        done=lambda checked: flash(gettext("%(number)s courses imported.", number=len(checked.courses)), "success"),
        addresses=ImportEndpoints("catalogue.upload_and_check", "catalogue.preview", "catalogue.index"),
    )


def _import_page(form: CatalogueImportForm, problems: tuple[TableError, ...]) -> ResponseReturnValue:
    page = render_template("staff/catalogue/import.html", form=form, problems=error_sentences(problems))
    return page, 422 if problems or form.errors else 200
