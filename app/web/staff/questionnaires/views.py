"""Questionnaires that rounds can be asked with, and published keys to be completed with their sentences."""

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
from app.web.staff.questionnaires.forms import labels_of, scoring_key_form, sentences_of, validate_scoring_key_form

blueprint = Blueprint("questionnaires", __name__, url_prefix="/staff/questionnaires")
PLAN = Permission.PLAN_ROUND


@blueprint.get("/")
@requires(PLAN)
def index() -> ResponseReturnValue:
    """List what a round can be asked with, and the published keys."""
    require_permission_at(PLAN)
    with read_session() as session:
        completed = questionnaires.completed_scoring_keys(session, settings().surveys)
    return render_template(
        "staff/questionnaires/index.html",
        ready=[instrument for instrument, _source in survey_questionnaires().values()],
        keys=questionnaires.published_scoring_keys(settings().surveys),
        completed=set(completed),
    )


@blueprint.route("/keys/<name>", methods=["GET", "POST"])
@requires(PLAN)
def key(name: str) -> ResponseReturnValue:
    """Take the sentences of a published instrument, and check the whole against its key."""
    require_permission_at(PLAN)
    try:
        known, source = questionnaires.published_scoring_key(settings().surveys, name)
    except UnknownScoringKey:
        abort(404)
    with read_session() as session:
        written = questionnaires.completed_scoring_keys(session, settings().surveys).get(name)
    sets = option_sets(source)
    form = scoring_key_form(known, sets, written[1] if written else None)
    if not form.validate_on_submit():
        return _page(form, known, written is not None)
    languages = validate_scoring_key_form(form, known, sets)
    if form.errors:
        return _page(form, known, written is not None)
    try:
        with write_session() as session:
            questionnaires.save_completed_scoring_key(
                session,
                name,
                sentences=sentences_of(form, languages),
                labels=labels_of(form, sets, languages),
                folder=settings().surveys,
                by=current_account().id,
                now=now(),
            )
    except InvalidQuestionnaire as refusal:
        return _page(
            form, known, written is not None, tuple(map(questionnaire_error_words.error_remedy, refusal.problems))
        )
    flash(_("The questionnaire is ready. Read it through before you plan a round with it."), "success")
    return redirect(url_for("rounds.questionnaire", name=name, text=languages[0].value))


@blueprint.post("/keys/<name>/remove")
@requires(PLAN)
def remove(name: str) -> ResponseReturnValue:
    """Take a completed key off the list."""
    require_permission_at(PLAN)
    with write_session() as session:
        questionnaires.remove_completed_scoring_key(session, name)
    flash(_("The items have been removed. Rounds planned with them keep their text."), "success")
    return redirect(url_for("questionnaires.index"))


def survey_questionnaires() -> Listed:
    """Return what a round may be asked with, with its source, by id."""
    with read_session() as session:
        return questionnaires.askable_questionnaires(session, settings().surveys)


def countable_questionnaires() -> Listed:
    """Return what answers gathered elsewhere may be counted with, with its source, by id."""
    with read_session() as session:
        return questionnaires.countable_questionnaires(session, settings().surveys)


def _page(form: object, known: Instrument, written: bool, problems: tuple[str, ...] = ()) -> ResponseReturnValue:
    failing = bool(problems) or bool(getattr(form, "errors", None))
    page = render_template("staff/questionnaires/key.html", form=form, key=known, written=written, problems=problems)
    return page, 422 if failing else 200
