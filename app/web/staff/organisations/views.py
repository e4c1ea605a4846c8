"""Communities by municipality: import a table, edit one, join small ones."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from app.core.accounts import Permission
from app.core.instruments import staff_group_names_by_id
from app.core.languages import TranslatedText
from app.core.organisations import Community
from app.core.tables.errors import TableError
from app.services import organisations
from app.store.database import read_session, write_session
from app.store.instruments import load_questionnaires
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.forms import Form
from app.web.shared.table_error_words import error_sentences, notice_sentence
from app.web.shared.table_files import send_table_file
from app.web.staff.enum_words import JOIN_FAULTS
from app.web.staff.imports.tables import ImportEndpoints, TableImport
from app.web.staff.organisations.forms import community_form, community_from_form

blueprint = Blueprint("organisations", __name__, url_prefix="/staff/organisations")
EDIT = Permission.EDIT_ORGANISATIONS


class OrganisationImportForm(Form):
    """A table to check and then import."""

    file = FileField(
        _("Table of communities"),
        [FileRequired(_("Choose a file."))],
        description=_("XLSX or CSV in UTF-8. At most 5 MB."),
        render_kw={"accept": ".csv,.xlsx"},
    )


@blueprint.get("/")
@requires(EDIT)
def index() -> ResponseReturnValue:
    """List the communities of the municipalities that the account may edit."""
    with read_session() as session:
        places = organisations.municipalities(session)
        communities = organisations.communities(session)
        region = organisations.region(session)
    municipalities = [place for place in places if has_permission_at(EDIT, municipality=place.id)]
    return render_template(
        "staff/organisations/index.html",
        municipalities=municipalities,
        communities={
            place.id: [community for community in communities if community.municipality == place.id]
            for place in municipalities
        },
        names={community.id: community.name for community in communities},
        sizes={name: unit.invited_count for unit in region.units for name in unit.communities},
        whole=has_permission_at(EDIT),
    )


@blueprint.route("/import", methods=["GET", "POST"])
@requires(EDIT)
def upload_and_check() -> ResponseReturnValue:
    """Take a table in and check it; a clean one waits to be confirmed."""
    require_permission_at(EDIT)
    return _import().handle_upload()


@blueprint.get("/import/<int:number>")
@requires(EDIT)
def preview(number: int) -> ResponseReturnValue:
    """Show what a checked table would change."""
    require_permission_at(EDIT)
    return _import().show_preview(number)


@blueprint.post("/import/<int:number>")
@requires(EDIT)
def confirm(number: int) -> ResponseReturnValue:
    """Import a table that was checked, or give it up."""
    require_permission_at(EDIT)
    return _import().confirm(number)


@blueprint.route("/community/<community>", methods=["GET", "POST"])
@requires(EDIT)
def edit(community: str) -> ResponseReturnValue:
    """Change one community, or join it to another for reporting."""
    with read_session() as session:
        everybody = organisations.communities(session)
    known = next((each_community for each_community in everybody if each_community.id == community), None) or abort(404)
    require_permission_at(EDIT, municipality=known.municipality, community=known.id)
    form = community_form(known, everybody, _group_names())
    if form.validate_on_submit():
        try:
            return _save(community_from_form(form, known))
        except organisations.JoinRefused as refused:
            form.add_error(form.joined_to, JOIN_FAULTS[refused.fault])
    page = render_template("staff/organisations/edit.html", form=form, community=known)
    return page, 422 if form.errors else 200


@blueprint.get("/<any(template, communities):what>.<any(csv, xlsx):kind>")
@requires(EDIT)
def download(what: str, kind: str) -> ResponseReturnValue:
    """Hand out the empty table, or all communities as a table that can be imported."""
    require_permission_at(EDIT)
    with read_session() as session:
        content = (
            organisations.empty_import_file(_groups(), kind=kind)
            if what == "template"
            else organisations.export_organisations(session, _groups(), kind=kind)
        )
    return send_table_file(content, kind=kind, name=what)


def _import() -> TableImport[organisations.CheckedOrganisations]:
    groups = _groups()
    return TableImport(
        most_bytes=organisations.MOST_BYTES,
        upload_kind=organisations.UPLOAD_KIND,
        check=partial(organisations.check_import, groups=groups),
        store=partial(organisations.import_organisations, groups=groups, by=current_account().id, now=now()),
        form=OrganisationImportForm,
        page=_import_page,
        preview=lambda checked, name: render_template(
            "staff/organisations/preview.html",
            checked=checked,
            name=name,
            notices=list(map(notice_sentence, checked.notices)),
        ),
        done=lambda checked: flash(
            gettext("%(number)s communities imported.", number=len(checked.communities)), "success"
        ),
        addresses=ImportEndpoints("organisations.upload_and_check", "organisations.preview", "organisations.index"),
    )


def _import_page(form: OrganisationImportForm, problems: tuple[TableError, ...]) -> ResponseReturnValue:
    page = render_template(
        "staff/organisations/import.html",
        form=form,
        problems=error_sentences(problems),
        groups=_group_names(),
    )
    return page, 422 if problems or form.errors else 200


def _save(changed: Community) -> ResponseReturnValue:
    with write_session() as session:
        organisations.save_community(session, changed, by=current_account().id, now=now())
    flash(gettext("%(name)s saved.", name=changed.name), "success")
    return redirect(url_for("organisations.index"))


def _group_names() -> dict[str, TranslatedText]:
    return {
        group.id: group.name for instrument in load_questionnaires(settings().surveys) for group in instrument.groups
    }


def _groups() -> dict[str, tuple[str, ...]]:
    return staff_group_names_by_id(load_questionnaires(settings().surveys))
