"""Matching weights: current values, history, and a new version with its reason."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired

from app.core.accounts import Permission
from app.core.matching.weight_numbers import NAMES, InvalidWeights, WeightErrorCode, weight_differences, weight_numbers
from app.core.matching.weights import Weights
from app.services import weights
from app.services.weights import WeightsUnchanged
from app.store.database import read_session, write_session
from app.web.shared.access import current_account, has_permission_at, require_permission_at, requires
from app.web.shared.app_context import now
from app.web.shared.forms import Form, max_length
from app.web.staff.matching.weight_words import NUMBER_WORDS, PARTS, format_weight

blueprint = Blueprint("weights", __name__, url_prefix="/staff/weights")
EDIT = Permission.EDIT_CATALOGUE

FAULTS: dict[WeightErrorCode, LazyString] = {
    WeightErrorCode.NOT_A_NUMBER: _("Write a number, such as 0.25."),
    WeightErrorCode.OUT_OF_RANGE: _("Out of range: a share lies between 0 and 1, days up to 730."),
    WeightErrorCode.NOT_WHOLE: _("Write the days as a whole number."),
    WeightErrorCode.BETTER_THAN_STRONGER: _("Weaker evidence cannot weigh more than stronger evidence."),
    WeightErrorCode.PERSON_NOT_LAST: _("A course for individuals cannot weigh more than one that changes the work."),
    WeightErrorCode.NOT_AFTER_NOTICE: _("This must be longer than what counts as short notice."),
}


class WeightsForm(Form):
    """A new version: every number, and the reason."""

    reason = TextAreaField(
        _("Reason for the change"),
        [DataRequired(_("Fill this in.")), max_length(500)],
        description=_("Everyone who reads the lists can read it."),
    )


for _name in NAMES:
    setattr(WeightsForm, _name, StringField(NUMBER_WORDS[_name], [max_length(10)], render_kw={"inputmode": "decimal"}))


@blueprint.get("/")
@requires(Permission.READ_CATALOGUE)
def index() -> ResponseReturnValue:
    """Show the weights in use and every version before them."""
    with read_session() as session:
        known = weights.versions(session)
    return _version_page(known, len(known) - 1)


@blueprint.get("/<int:number>")
@requires(Permission.READ_CATALOGUE)
def show(number: int) -> ResponseReturnValue:
    """Show one version and what it changed."""
    with read_session() as session:
        known = weights.versions(session)
    place = next((place for place, weights_version in enumerate(known) if weights_version.number == number), None)
    if place is None:
        abort(404)
    return _version_page(known, place)


@blueprint.route("/change", methods=["GET", "POST"])
@requires(EDIT)
def new_version() -> ResponseReturnValue:
    """Make a new version; earlier lists keep theirs."""
    require_permission_at(EDIT)
    with read_session() as session:
        current = weights.versions(session)[-1].weights
    form = WeightsForm(data={name: format_weight(number) for name, number in weight_numbers(current).items()})
    if form.validate_on_submit() and (saved := _saved(form)):
        return saved
    page = render_template("staff/weights/change.html", form=form, parts=PARTS, version=current.version)
    return page, 422 if form.errors else 200


def _saved(form: WeightsForm) -> ResponseReturnValue | None:
    try:
        with write_session() as session:
            number = weights.add_version(
                session, request.form, reason=form.reason.data or "", by=current_account().id, now=now()
            )
    except InvalidWeights as refused:
        for name, fault in refused.faults.items():
            form.add_error(form[name], str(FAULTS[fault]))
    except WeightsUnchanged:
        form.add_error(form.reason, gettext("Nothing differs from the version in use."))
    else:
        flash(gettext("The new weights are now in use."), "success")
        return redirect(url_for("weights.show", number=number))
    return None


def _version_page(known: tuple[weights.WeightsVersion, ...], place: int) -> ResponseReturnValue:
    weights_version = known[place]
    before = known[place - 1].weights if place else weights_version.weights
    return render_template(
        "staff/weights/index.html",
        chosen=weights_version,
        known=known,
        is_current=place == len(known) - 1,
        cells=_cells(weights_version.weights),
        changed=weight_differences(before, weights_version.weights),
        parts=PARTS,
        words=NUMBER_WORDS,
        written=format_weight,
        may_edit=has_permission_at(EDIT),
    )


def _cells(found_weights: Weights) -> dict[str, str]:
    return {name: format_weight(number) for name, number in weight_numbers(found_weights).items()}
