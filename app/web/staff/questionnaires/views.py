"""Questionnaires available for rounds, and published keys that need their item texts."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.accounts import Permission
from app.core.instruments import Instrument, InvalidQuestionnaire
from app.core.instruments.key_completion import option_sets
from app.services import questionnaires
from app.services.questionnaires import Listed, UnknownScoringKey
from app.store.database import read_session, write_session
from app.web.shared import questionnaire_error_words
from app.web.shared.access import current_account, require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.staff.questionnaires.forms import (
    pasted_labels_by_option_set,
    pasted_sentences_by_language,
    scoring_key_texts_form,
    validate_texts_and_get_languages,
)

blueprint = Blueprint("questionnaires", __name__, url_prefix="/staff/questionnaires")
PLAN = Permission.PLAN_ROUND


@blueprint.get("/")
@requires(PLAN)
def index() -> ResponseReturnValue:
    """List the questionnaires for rounds, and the published scoring keys."""
    require_permission_at(PLAN)
    with read_session() as session:
        completed = questionnaires.completed_scoring_keys_by_id(session, settings().surveys)
    return render_template(
        "staff/questionnaires/index.html",
        ready=[instrument for instrument, _source in askable_questionnaires().values()],
        keys=questionnaires.published_scoring_keys(settings().surveys),
        completed=set(completed),
    )


@blueprint.route("/keys/<name>", methods=["GET", "POST"])
@requires(PLAN)
def complete_scoring_key(name: str) -> ResponseReturnValue:
    """Save the items of a published instrument, after checking them against its scoring key."""
    require_permission_at(PLAN)
    try:
        known, source = questionnaires.published_scoring_key_and_source(settings().surveys, name)
    except UnknownScoringKey:
        abort(404)
    with read_session() as session:
        written = questionnaires.completed_scoring_keys_by_id(session, settings().surveys).get(name)
    sets = option_sets(source)
    form = scoring_key_texts_form(known, sets, written[1] if written else None)
    if not form.validate_on_submit():
        return _page(form, known, written is not None)
    languages = validate_texts_and_get_languages(form, known, sets)
    if form.errors:
        return _page(form, known, written is not None)
    try:
        with write_session() as session:
            questionnaires.save_completed_scoring_key(
                session,
                name,
                sentences=pasted_sentences_by_language(form, languages),
                labels=pasted_labels_by_option_set(form, sets, languages),
                folder=settings().surveys,
                by=current_account().id,
                now=now(),
            )
    except InvalidQuestionnaire as refusal:
        messages = tuple(map(questionnaire_error_words.error_message_without_location, refusal.problems))
        return _page(form, known, written is not None, messages)
    flash(_("The questionnaire is ready. Read it through before you plan a round with it."), "success")
    return redirect(url_for("rounds.questionnaire", name=name, text=languages[0].value))


@blueprint.post("/keys/<name>/remove")
@requires(PLAN)
def remove_completed_scoring_key(name: str) -> ResponseReturnValue:
    """Remove the items that were added to a scoring key."""
    require_permission_at(PLAN)
    with write_session() as session:
        questionnaires.remove_completed_scoring_key(session, name)
    flash(_("The items have been removed. Rounds planned with them keep their text."), "success")
    return redirect(url_for("questionnaires.index"))


def askable_questionnaires() -> Listed:
    """Return the questionnaires that a round may use, with their source, by id."""
    with read_session() as session:
        return questionnaires.askable_questionnaires_by_id(session, settings().surveys)


def questionnaires_for_answer_import() -> Listed:
    """Return the questionnaires that imported answers may be counted with, with their source, by id."""
    with read_session() as session:
        return questionnaires.questionnaires_for_answer_import_by_id(session, settings().surveys)


def _page(form: object, known: Instrument, written: bool, problems: tuple[str, ...] = ()) -> ResponseReturnValue:
    failing = bool(problems) or bool(getattr(form, "errors", None))
    page = render_template("staff/questionnaires/key.html", form=form, key=known, written=written, problems=problems)
    return page, 422 if failing else 200
