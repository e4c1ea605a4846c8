"""Answers collected elsewhere: check the files, count them as a round, store no answer.

Nothing that was sent is stored between the check and the count: the page itself carries it.
"""

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument, InvalidQuestionnaire
from app.core.languages import PartlyTranslatedText
from app.core.tables.errors import TableImportError
from app.services import accounts
from app.services.imports.answers import COMMUNITY
from app.services.imports.import_files import file_from_text, files_as_text, gather_import
from app.services.imports.limesurvey_responses import LimeRespondentQuestions
from app.services.imports.publish_import import (
    ImportData,
    ImportedRoundDetails,
    overlap_error,
    preview_import,
    publish_import,
)
from app.store.database import read_session, write_session
from app.store.instruments import parse_questionnaire_source
from app.web.shared import questionnaire_error_words
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.table_error_words import error_sentences, notice_sentence
from app.web.shared.translated_texts import text_of_fields
from app.web.staff.imports.forms import (
    AnswerImportForm,
    InvalidPackedFiles,
    PackedFilesTooLarge,
    Parts,
    files_too_large_message,
    opening_and_closing,
    pack_files,
    read_uploaded_file,
    unpack_files,
)
from app.web.staff.questionnaires.views import questionnaires_for_answer_import

blueprint = Blueprint("imports", __name__, url_prefix="/staff/imports")
PLAN = Permission.PLAN_ROUND
FILES = ("questionnaire", "answers", "invited", "structure")
TITLE_FIELDS = ("title_fi", "title_sv", "title_en")
MOST_LISTED = 200


@blueprint.route("/", methods=["GET", "POST"])
@requires(PLAN)
def upload_and_preview() -> ResponseReturnValue:
    """Upload answer files and preview what would be counted and published; nothing is stored."""
    require_permission_at(PLAN)
    form = _form()
    if not form.validate_on_submit() or form.errors:
        return _page(form, ())
    opened, closed = opening_and_closing(form)
    parts = files_as_text({name: read_uploaded_file(form[name]) for name in FILES})
    parts |= {**_title_parts(form), "opened": opened.isoformat(), "closed": closed.isoformat()}
    parts |= {"create": "yes"} if form.create.data else {}
    parts |= {name: form[name].data or "" for name in ("instrument", "community_question", "group_question")}
    return _try(form, parts)


@blueprint.post("/count")
@requires(PLAN)
def count() -> ResponseReturnValue:
    """Count the uploaded answers as a round that can be released next."""
    require_permission_at(PLAN)
    try:
        parts = unpack_files(request.form.get("files", ""))
        with write_session() as session:
            data = _gathered(parts)
            imported = _asking(parts, because=request.form.get("because", ""))
            publication = publish_import(
                session,
                data,
                imported=imported,
                policy=Policy(),
                now=now(),
                create=parts.get("create") == "yes",
                account_id=current_account().id,
            )
            accounts.record_audit_event(
                session, current_account().id, AuditEvent.ROUND_COUNTED, f"round:{publication.round}", now=now()
            )
    except InvalidPackedFiles:
        abort(400)
    except TableImportError as refusal:  # organisation data may have changed since the check
        return _page(_form(), tuple(error_sentences(refusal.problems)))
    except InvalidQuestionnaire as refusal:
        return _page(_form(), tuple(map(questionnaire_error_words.error_sentence, refusal.problems)))
    flash(_("%(number)s answers counted. No single answers were stored.", number=publication.counted), "success")
    return redirect(url_for("rounds.show", number=publication.round))


def _try(form: AnswerImportForm, parts: Parts) -> ResponseReturnValue:
    try:
        packed = pack_files(parts)
        data = _gathered(parts)
        with read_session() as session:
            tried = preview_import(
                session,
                data,
                imported=_asking(parts),
                policy=Policy(),
                now=now(),
                create=parts.get("create") == "yes",
            )
    except TableImportError as refusal:
        return _page(form, tuple(error_sentences(refusal.problems)))
    except InvalidQuestionnaire as refusal:
        return _page(form, tuple(map(questionnaire_error_words.error_sentence, refusal.problems)))
    except PackedFilesTooLarge:
        return _page(form, (files_too_large_message(),))
    imported = replace(_asking(parts), because="given on the next page")
    faults = filter(None, (overlap_error(overlap, imported) for overlap in tried.overlapping))
    problems = tuple(error_sentences(faults))
    if problems:
        return _page(form, problems)
    return render_template(
        "staff/imports/check.html",
        tried=tried,
        title=_title(parts),
        instrument=data.instrument,
        files=packed,
        not_answered=data.not_answered,
        notices=[notice_sentence(notice) for notice in (*data.answered.notices, *data.asked.notices)],
    )


def _gathered(parts: Parts) -> ImportData:
    given, answers, invited = (file_from_text(parts, name) for name in ("questionnaire", "answers", "invited"))
    if given is not None:
        source = given[1].decode("utf-8", "replace")
        chosen: tuple[Instrument, str] | None = (
            parse_questionnaire_source(source, name=given[0], folder=settings().surveys),
            source,
        )
    else:
        chosen = questionnaires_for_answer_import().get(parts.get("instrument", ""))
    if chosen is None or answers is None or invited is None:
        raise InvalidPackedFiles
    columns = LimeRespondentQuestions(parts.get("community_question") or COMMUNITY, parts.get("group_question") or None)
    structure = file_from_text(parts, "structure")
    return gather_import(chosen[0], chosen[1], answers=answers, invited=invited, structure=structure, columns=columns)


def _asking(parts: Parts, *, because: str = "") -> ImportedRoundDetails:
    try:
        opened, closed = (datetime.fromisoformat(parts.get(name, "")) for name in ("opened", "closed"))
    except ValueError as error:
        raise InvalidPackedFiles from error
    title = _title(parts)
    return ImportedRoundDetails(
        title.main, opened, closed, title_translations=title.translations, because=because.strip()
    )


def _title_parts(form: AnswerImportForm) -> Parts:
    return {name: form[name].data or "" for name in TITLE_FIELDS}


def _title(parts: Parts) -> PartlyTranslatedText:
    """Return the title that a page carried; one of before the update has no languages."""
    return text_of_fields(parts, "title") or PartlyTranslatedText(parts.get("title", ""))


def _form() -> AnswerImportForm:
    return AnswerImportForm([instrument for instrument, _source in questionnaires_for_answer_import().values()])


def _page(form: AnswerImportForm, problems: tuple[str, ...]) -> ResponseReturnValue:
    page = render_template("staff/imports/index.html", form=form, problems=problems, most=MOST_LISTED)
    return page, 422 if problems or form.errors else 200
