"""Convert LimeSurvey structure files to questionnaires; missing facts are asked, nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.core.accounts import Permission
from app.core.languages import Language
from app.core.tables.errors import TableImportError
from app.services.imports.import_files import file_from_text, files_as_text
from app.services.imports.limesurvey_questionnaire import (
    MOST_OPTIONS,
    OmissionReason,
    ScaleDirections,
    conversion_report,
    convertible_items,
    no_longer_convertible_questions,
    questionnaire_toml,
    scale_id,
)
from app.services.imports.limesurvey_structure import LimeSurvey, Texts, mark_options_as_not_answered, read_structure
from app.web.shared.access import require_permission_at, requires
from app.web.shared.languages import language
from app.web.shared.table_error_words import error_sentences
from app.web.staff.imports.forms import (
    InvalidPackedFiles,
    LimeSurveyStructureForm,
    PackedFilesTooLarge,
    Parts,
    files_too_large_message,
    pack_files,
    read_uploaded_file,
    unpack_files,
)

blueprint = Blueprint("limesurvey", __name__, url_prefix="/staff/imports/structure")
PLAN = Permission.PLAN_ROUND
UNASKED = ScaleDirections()
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
def upload_structure() -> ResponseReturnValue:
    """Upload a structure file of LimeSurvey and ask for what it lacks: the direction of each scale."""
    require_permission_at(PLAN)
    form = LimeSurveyStructureForm()
    if not form.validate_on_submit():
        return _page(form, ())
    name, content = read_uploaded_file(form.structure) or abort(400)
    lists = (form.lists.data or "").split()
    group = (form.group_question.data or "").strip() or None
    try:
        survey = read_structure(content, name=name)
        questionnaire_toml(survey, name=name, items=lists, group=group)
        parts = files_as_text({"structure": (name, content)}) | {"lists": " ".join(lists), "group": group or ""}
        packed = pack_files(parts)
    except TableImportError as refusal:
        return _page(form, tuple(error_sentences(refusal.problems)))
    except PackedFilesTooLarge:
        return _page(form, (files_too_large_message(),))
    return _directions_page(survey, parts, packed)


@blueprint.post("/questionnaire.toml")
@requires(PLAN)
def download_questionnaire() -> ResponseReturnValue:
    """Send the questionnaire file, with the chosen directions and the confirmed options."""
    require_permission_at(PLAN)
    try:
        parts = unpack_files(request.form.get("files", ""))
    except InvalidPackedFiles:
        abort(400)
    name, content = file_from_text(parts, "structure") or abort(400)
    scale_directions = ScaleDirections(
        frozenset(request.form.getlist("bad")), frozenset(request.form.getlist("reversed")), checked=True
    )
    lists = parts.get("lists", "").split()
    read = read_structure(content, name=name)
    confirmed = _confirmed_no_answers(read, lists)
    survey = mark_options_as_not_answered(read, confirmed)
    lost = no_longer_convertible_questions(read, survey, items=lists)
    if lost:
        packed = request.form["files"]
        return _directions_page(read, parts, packed, chosen=scale_directions, confirmed=confirmed, faults=lost)
    result = questionnaire_toml(
        survey,
        name=name,
        items=lists,
        group=parts.get("group") or None,
        directions=scale_directions,
    )
    headers = {"Content-Disposition": 'attachment; filename="questionnaire.toml"'}
    return Response(result, mimetype="application/toml", headers=headers)


def _directions_page(
    survey: LimeSurvey,
    parts: Parts,
    packed: str,
    *,
    chosen: ScaleDirections = UNASKED,
    confirmed: Mapping[str, Sequence[str]] | None = None,
    faults: Sequence[str] = (),
) -> ResponseReturnValue:
    """Ask for directions and for the options that are no step of a scale.

    `chosen` and `confirmed` are what was ticked before; `faults` are the questions of which it leaves no scale.
    """
    lists = parts.get("lists", "").split()
    page = render_template(
        "staff/imports/directions.html",
        scales=_scales(survey, lists, confirmed or {}),
        outcome=conversion_report(survey, items=lists, group=parts.get("group") or None),
        why=LEFT_OUT,
        files=packed,
        chosen=chosen,
        faults=faults,
        most=MOST_OPTIONS,
    )
    return page, 422 if faults else 200


@dataclass(slots=True)
class ScaleQuestions:
    """What is asked of one scale: items are ids with texts; options are codes, labels and whether they count."""

    id: str
    code: str
    title: str
    options: list[tuple[str, str, bool]]
    items: list[tuple[str, str]]


def _scales(survey: LimeSurvey, lists: list[str], confirmed: Mapping[str, Sequence[str]]) -> list[ScaleQuestions]:
    """Return what is asked of every scale, as it will stand in the questionnaire."""
    result: dict[str, ScaleQuestions] = {}
    for item in convertible_items(survey, lists):
        question = item.question
        if question.code not in result:
            title = _words(question.texts, question.code)
            unscored = {option.code for option in question.options if option not in question.scale_options}
            ticked = confirmed.get(question.code, unscored)
            options = [
                (option.code, _words(option.labels, option.code), option.code not in ticked)
                for option in question.options
            ]
            result[question.code] = ScaleQuestions(scale_id(question.code), question.code, title, options, [])
        result[question.code].items.append((item.id, _words(item.texts, item.id)))
    return list(result.values())


def _confirmed_no_answers(survey: LimeSurvey, lists: list[str]) -> dict[str, list[str]]:
    """Return the options that were ticked as no step, for every question that the page asked about.

    A page of an earlier version did not ask; then the words of the options decide.
    """
    if "asked_no_answers" not in request.form:
        return {}
    return {scale.code: request.form.getlist(f"no_answer_{scale.id}") for scale in _scales(survey, lists, {})}


def _words(texts: Texts, otherwise: str) -> str:
    wanted = [language(), *Language]
    return next((texts[each_language] for each_language in wanted if each_language in texts), otherwise)


def _page(form: LimeSurveyStructureForm, problems: tuple[str, ...]) -> ResponseReturnValue:
    page = render_template("staff/imports/structure.html", form=form, problems=problems, most=200)
    return page, 422 if problems or form.errors else 200
