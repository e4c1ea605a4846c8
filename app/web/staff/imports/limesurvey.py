"""Structure files of LimeSurvey made questionnaires; what they do not say is asked here, and nothing is stored."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.core.accounts import Permission
from app.core.languages import Language
from app.core.tables.errors import TableImportError
from app.services.imports.import_files import file_from_text, files_as_text
from app.services.imports.limesurvey_questionnaire import (
    OmissionReason,
    ScaleDirections,
    conversion_report,
    convertible_items,
    questionnaire_toml,
    scale_id,
)
from app.services.imports.limesurvey_structure import LimeSurvey, Texts, read_structure
from app.web.shared.access import require_permission_at, requires
from app.web.shared.languages import language
from app.web.shared.table_error_words import error_sentences
from app.web.staff.imports.forms import (
    CarriedFilesTooLarge,
    InvalidCarriedFiles,
    StructureForm,
    files_too_large_message,
    pack_files,
    unpack_files,
    uploaded_file,
)

blueprint = Blueprint("limesurvey", __name__, url_prefix="/staff/imports/structure")
PLAN = Permission.PLAN_ROUND
LEFT_OUT = {
    OmissionReason.LIST: _l("a list; name it on the page before to score it"),
    OmissionReason.TOO_MANY_OPTIONS: _l("more than 11 options"),
    OmissionReason.TOO_FEW_OPTIONS: _l("fewer than two options that are steps of a scale"),
    OmissionReason.NO_SCALE: _l("its answers are not steps of a scale (yes/no, choices, numbers, ranks, dates)"),
    OmissionReason.TWO_SCALES: _l("an array with two scales; make two arrays of it"),
    OmissionReason.TEXT: _l("free text; no text is taken from LimeSurvey"),
    OmissionReason.DISPLAY: _l("a text to read; nobody answers it"),
    OmissionReason.STAFF_GROUP: _l("its options are the staff groups"),
    OmissionReason.REPEATED_CODE: _l(
        "another question before it has the same code; give it a code of its own in LimeSurvey"
    ),
}


@blueprint.route("/", methods=["GET", "POST"])
@requires(PLAN)
def index() -> ResponseReturnValue:
    """Read a structure file of LimeSurvey and ask what it does not say: directions."""
    require_permission_at(PLAN)
    form = StructureForm()
    if not form.validate_on_submit():
        return _page(form, ())
    name, content = uploaded_file(form.structure) or abort(400)
    lists = (form.lists.data or "").split()
    group = (form.group_question.data or "").strip() or None
    try:
        survey = read_structure(content, name=name)
        questionnaire_toml(survey, name=name, items=lists, group=group)
        parts = files_as_text({"structure": (name, content)}) | {"lists": " ".join(lists), "group": group or ""}
        packed = pack_files(parts)
    except TableImportError as refusal:
        return _page(form, tuple(error_sentences(refusal.problems)))
    except CarriedFilesTooLarge:
        return _page(form, (files_too_large_message(),))
    return render_template(
        "staff/imports/directions.html",
        scales=_scales(survey, lists),
        outcome=conversion_report(survey, items=lists, group=group),
        why=LEFT_OUT,
        files=packed,
    )


@blueprint.post("/questionnaire.toml")
@requires(PLAN)
def write() -> Response:
    """Hand out the questionnaire file, with the directions that were given."""
    require_permission_at(PLAN)
    try:
        parts = unpack_files(request.form.get("files", ""))
    except InvalidCarriedFiles:
        abort(400)
    name, content = file_from_text(parts, "structure") or abort(400)
    scale_directions = ScaleDirections(
        frozenset(request.form.getlist("bad")), frozenset(request.form.getlist("reversed")), checked=True
    )
    survey = read_structure(content, name=name)
    result = questionnaire_toml(
        survey,
        name=name,
        items=parts.get("lists", "").split(),
        group=parts.get("group") or None,
        directions=scale_directions,
    )
    headers = {"Content-Disposition": 'attachment; filename="questionnaire.toml"'}
    return Response(result, mimetype="application/toml", headers=headers)


def _scales(survey: LimeSurvey, lists: list[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return every scale with its title and its items, as they will stand in the questionnaire."""
    result: dict[str, tuple[str, str, list[tuple[str, str]]]] = {}
    for item in convertible_items(survey, lists):
        code = item.question.code
        entry = result.setdefault(code, (scale_id(code), _words(item.question.texts, code), []))
        entry[2].append((item.id, _words(item.texts, item.id)))
    return list(result.values())


def _words(texts: Texts, otherwise: str) -> str:
    wanted = [language(), *Language]
    return next((texts[each_language] for each_language in wanted if each_language in texts), otherwise)


def _page(form: StructureForm, problems: tuple[str, ...]) -> ResponseReturnValue:
    page = render_template("staff/imports/structure.html", form=form, problems=problems, most=200)
    return page, 422 if problems or form.errors else 200
