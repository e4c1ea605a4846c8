"""Home page: what to do, what is late, the open round, and what comes next."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core.accounts import Permission
from app.core.languages import Language
from app.core.matching.gaps import NeedComparisonOutcome
from app.services import accounts
from app.store.database import read_session, write_session
from app.web.shared import access
from app.web.shared.access import current_account, requires
from app.web.staff.home.dashboards import dashboard

blueprint = Blueprint("home", __name__, url_prefix="/staff")


@blueprint.get("/")
@requires(Permission.SEE_OWN_PAGE)
def index() -> ResponseReturnValue:
    """Show the tasks and the overview of the current account."""
    with read_session() as session:
        shown = dashboard(session, current_account())
    return render_template("staff/home/index.html", overview=shown, GapSide=NeedComparisonOutcome)


@blueprint.post("/language")
@requires(Permission.SEE_OWN_PAGE)
def choose_language() -> ResponseReturnValue:
    """Remember the language of the account's pages, and go back to the page."""
    chosen = request.form.get("language", "")
    if chosen in set(Language):
        with write_session() as store:
            accounts.choose_language(store, current_account().id, Language(chosen))
    return redirect(access.safe_next_url(request.form.get("next")))
