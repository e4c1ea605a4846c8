"""Data packages: export what the account may export, check a package, and import it."""

from functools import partial

from flask import Blueprint, Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.accounts import Permission
from app.core.tables.errors import TableError
from app.services.data_package import package
from app.services.data_package.package import CheckedPackage, PartFormat
from app.services.data_package.round_choice import omitted_rounds
from app.store.database import dry_run_session, read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.data_parts import PERMISSIONS, part_formats_in_import_order
from app.web.shared.table_error_words import error_sentences
from app.web.staff.data_package.forms import NEVER_EXPORTED, PART_WORDS, DataPackageImportForm
from app.web.staff.imports.tables import ImportEndpoints, TableImport

blueprint = Blueprint("data_package", __name__, url_prefix="/staff/data")
EDIT = Permission.EDIT_ORGANISATIONS
MOST_BYTES = 7_000_000  # a request may have 8 MB, including its form


@blueprint.route("/", methods=["GET", "POST"])
@requires(EDIT)
def show_export_or_check_upload() -> ResponseReturnValue:
    """Show what an export contains; check an uploaded package, which then waits for confirmation."""
    require_permission_at(EDIT)
    return _import().handle_upload()


@blueprint.get("/voimavara-data.zip")
@requires(EDIT)
def download() -> ResponseReturnValue:
    """Hand out the data package of the parts that the account may export."""
    require_permission_at(EDIT)
    with write_session() as session:
        content = package.export_package(session, _permitted(), by=current_account().id, now=now())
    headers = {"Content-Disposition": 'attachment; filename="voimavara-data.zip"'}
    return Response(content, mimetype="application/zip", headers=headers)


@blueprint.get("/import/<int:number>")
@requires(EDIT)
def preview(number: int) -> ResponseReturnValue:
    """Show what a checked package would change."""
    require_permission_at(EDIT)
    return _import().show_preview(number)


@blueprint.post("/import/<int:number>")
@requires(EDIT)
def confirm(number: int) -> ResponseReturnValue:
    """Import a package that was checked, or cancel the import."""
    require_permission_at(EDIT)
    return _import().confirm(number)


def _permitted() -> tuple[PartFormat, ...]:
    """Return the parts that the account may export and import in the whole region."""
    return tuple(
        each
        for each in part_formats_in_import_order()
        if each.part in PERMISSIONS and has_permission_at(PERMISSIONS[each.part])
    )


def _import() -> TableImport[CheckedPackage]:
    formats = _permitted()
    run = partial(package.import_package, formats=formats, by=current_account().id, now=now())
    return TableImport(
        most_bytes=MOST_BYTES,
        upload_kind=package.UPLOAD_KIND,
        check=run,  # in a session that is always rolled back
        store=run,
        form=DataPackageImportForm,
        page=partial(_page, formats),
        preview=lambda checked, name: render_template(
            "staff/data_package/preview.html", checked=checked, name=name, notices=(), words=PART_WORDS
        ),
        done=lambda _checked: flash(gettext("The data package was imported."), "success"),
        addresses=ImportEndpoints(
            "data_package.show_export_or_check_upload",
            "data_package.preview",
            "data_package.show_export_or_check_upload",
        ),
        checking=dry_run_session,
    )


def _page(
    formats: tuple[PartFormat, ...], form: DataPackageImportForm, problems: tuple[TableError, ...]
) -> ResponseReturnValue:
    with read_session() as session:
        omitted = omitted_rounds(session)
    page = render_template(
        "staff/data_package/index.html",
        form=form,
        problems=error_sentences(problems),
        parts=[PART_WORDS[each.part] for each in formats],
        omitted=omitted,
        never_exported=list(NEVER_EXPORTED.values()),
    )
    return page, 422 if problems or form.errors else 200
