"""Surveys by others: dates in each municipality, and scales that resemble our dimensions."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired

from app.core.accounts import Permission
from app.core.organisations import Municipality
from app.core.other_surveys import LONGEST_NAME, CheckedCrosswalk, OtherSurvey
from app.core.tables.errors import TableError
from app.core.text import sort_key
from app.services import organisations, other_surveys
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.forms import Form, max_length, required
from app.web.shared.seen_digest import seen_digest
from app.web.shared.table_error_words import error_sentences, notice_sentence
from app.web.shared.table_files import send_table_file
from app.web.staff.imports.tables import ImportEndpoints, TableImport

blueprint = Blueprint("other_surveys", __name__, url_prefix="/staff/other-surveys")
EDIT = Permission.EDIT_ORGANISATIONS


class OtherSurveyForm(Form):
    """Form for name and dates of a survey of others; `seen` detects changes made meanwhile."""

    title = StringField(
        _("Name of the survey"),
        [required(), max_length(LONGEST_NAME)],
        description=_("As the staff know it, such as Kunta10."),
        render_kw={"list": "known-surveys"},
    )
    first = DateField(_("First day to answer"), [InputRequired(_("Choose a day."))])
    last = DateField(_("Last day to answer"), [InputRequired(_("Choose a day."))])
    seen = HiddenField()

    def validate_last(self, field: DateField) -> None:
        """Reject a last day before the first."""
        if field.data and self.first.data and field.data < self.first.data:
            field.errors = [*field.errors, _("The last day is before the first. Change one of them.")]

    def survey(self, number: int, municipality: str) -> OtherSurvey:
        """Return the survey that the form describes."""
        first: date = self.first.data
        last: date = self.last.data
        return OtherSurvey(number, municipality, self.title.data or "", first, last)


class CrosswalkImportForm(Form):
    """A crosswalk table to check and then import."""

    file = FileField(
        _("Table of scales"),
        [FileRequired(_("Choose a file."))],
        description=_("XLSX or CSV in UTF-8. At most 5 MB."),
        render_kw={"accept": ".csv,.xlsx"},
    )


@blueprint.get("/")
@requires(EDIT)
def index() -> ResponseReturnValue:
    """List the surveys of others by municipality, and the crosswalk."""
    with read_session() as session:
        places = [place for place in organisations.municipalities(session) if _may_edit(place.id)]
        surveys = other_surveys.other_surveys(session, [place.id for place in places])
        matches = other_surveys.load_crosswalk(session)
    return render_template(
        "staff/other_surveys/index.html",
        surveys={place: [survey for survey in surveys if survey.municipality == place.id] for place in places},
        matches=matches,
        whole=has_permission_at(EDIT),
    )


@blueprint.route("/in/<municipality>", methods=["GET", "POST"])
@requires(EDIT)
def add(municipality: str) -> ResponseReturnValue:
    """Add a survey of others in a municipality."""
    require_permission_at(EDIT, municipality=municipality)
    place = _place(municipality)
    form = OtherSurveyForm()
    if form.validate_on_submit():
        with write_session() as session:
            survey = form.survey(0, place.id)
            other_surveys.add_other_survey(session, survey, by=current_account().id, now=now())
        flash(gettext("%(name)s saved.", name=form.title.data), "success")
        return redirect(url_for("other_surveys.index"))
    return _edit_page(form, place)


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@requires(EDIT)
def edit(number: int) -> ResponseReturnValue:
    """Change name and days of a survey of others."""
    stored = _stored(number)
    form = OtherSurveyForm(data={"title": stored.title, "first": stored.first, "last": stored.last})
    if request.method == "GET":
        form.seen.data = seen_digest(stored)
    if form.validate_on_submit():
        try:
            with write_session() as session:
                _require_seen(stored, form.seen.data or "")
                changed = form.survey(number, stored.municipality)
                other_surveys.update_other_survey(session, stored, changed, by=current_account().id, now=now())
        except other_surveys.ChangedMeanwhile:
            form.add_error(form.title, _changed_meanwhile())
        else:
            flash(gettext("%(name)s saved.", name=form.title.data), "success")
            return redirect(url_for("other_surveys.index"))
    return _edit_page(form, _place(stored.municipality), stored)


@blueprint.route("/<int:number>/delete", methods=["GET", "POST"])
@requires(EDIT)
def delete(number: int) -> ResponseReturnValue:
    """Delete a survey of others, after confirmation."""
    stored = _stored(number)
    if request.method == "GET":
        return render_template(
            "staff/confirm.html",
            heading=gettext("Delete %(name)s?", name=stored.title),
            sentences=[gettext("Rounds are then planned without regard to these days. This cannot be undone.")],
            yes=gettext("Delete"),
            is_dangerous=True,
            hidden={"seen": seen_digest(stored)},
            back=url_for("other_surveys.edit", number=number),
        )
    try:
        with write_session() as session:
            _require_seen(stored, request.form.get("seen", ""))
            other_surveys.delete_other_survey(session, stored, by=current_account().id, now=now())
    except other_surveys.ChangedMeanwhile:
        flash(_changed_meanwhile(), "warning")
    else:
        flash(gettext("%(name)s was deleted.", name=stored.title), "success")
    return redirect(url_for("other_surveys.index"))


@blueprint.route("/crosswalk/import", methods=["GET", "POST"])
@requires(EDIT)
def upload_and_check_crosswalk() -> ResponseReturnValue:
    """Take a crosswalk table in and check it; a clean one waits to be confirmed."""
    require_permission_at(EDIT)
    return _import().handle_upload()


@blueprint.get("/crosswalk/import/<int:number>")
@requires(EDIT)
def preview_crosswalk(number: int) -> ResponseReturnValue:
    """Show what a checked table would change."""
    require_permission_at(EDIT)
    return _import().show_preview(number)


@blueprint.post("/crosswalk/import/<int:number>")
@requires(EDIT)
def confirm_crosswalk(number: int) -> ResponseReturnValue:
    """Import a table that was checked, or give it up."""
    require_permission_at(EDIT)
    return _import().confirm(number)


@blueprint.get("/<any(template, crosswalk):what>.<any(csv, xlsx):kind>")
@requires(EDIT)
def download_crosswalk(what: str, kind: str) -> ResponseReturnValue:
    """Hand out the empty crosswalk table, or the stored one as a table that can be imported."""
    with read_session() as session:
        content = (
            other_surveys.empty_crosswalk_file(kind=kind)
            if what == "template"
            else other_surveys.export_crosswalk(session, kind=kind)
        )
    return send_table_file(content, kind=kind, name=what)


def _require_seen(stored: OtherSurvey, seen: str) -> None:
    if seen_digest(stored) != seen:
        raise other_surveys.ChangedMeanwhile(str(stored.id))


def _changed_meanwhile() -> str:
    return str(gettext("Someone else changed or deleted this survey. Open it again to see what it is now."))


def _may_edit(municipality: str) -> bool:
    return has_permission_at(EDIT, municipality=municipality)


def _place(municipality: str) -> Municipality:
    with read_session() as session:
        places = {place.id: place for place in organisations.municipalities(session)}
    return places.get(municipality) or abort(404)


def _stored(number: int) -> OtherSurvey:
    """Return a survey that the account may change; 404 if there is none, 403 if it may not."""
    with read_session() as session:
        survey = other_surveys.find_other_survey(session, number) or abort(404)
    require_permission_at(EDIT, municipality=survey.municipality)
    return survey


def _edit_page(form: OtherSurveyForm, place: Municipality, stored: OtherSurvey | None = None) -> ResponseReturnValue:
    with read_session() as session:
        names = sorted({match.survey for match in other_surveys.load_crosswalk(session)}, key=sort_key)
    page = render_template("staff/other_surveys/edit.html", form=form, place=place, stored=stored, known_surveys=names)
    return page, 422 if form.errors else 200


def _import() -> TableImport[CheckedCrosswalk]:
    return TableImport(
        most_bytes=other_surveys.MOST_BYTES,
        upload_kind=other_surveys.UPLOAD_KIND,
        check=other_surveys.check_crosswalk,
        store=lambda session, content: other_surveys.import_crosswalk(
            session, content, by=current_account().id, now=now()
        ),
        form=CrosswalkImportForm,
        page=_import_page,
        preview=lambda checked, name: render_template(
            "staff/other_surveys/preview.html",
            checked=checked,
            name=name,
            notices=list(map(notice_sentence, checked.notices)),
        ),
        done=lambda checked: flash(gettext("%(number)s scales imported.", number=len(checked.matches)), "success"),
        addresses=ImportEndpoints(
            "other_surveys.upload_and_check_crosswalk", "other_surveys.preview_crosswalk", "other_surveys.index"
        ),
    )


def _import_page(form: CrosswalkImportForm, problems: tuple[TableError, ...]) -> ResponseReturnValue:
    page = render_template("staff/other_surveys/import.html", form=form, problems=error_sentences(problems))
    return page, 422 if problems or form.errors else 200
