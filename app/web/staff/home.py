"""The first page after signing in: what waits for me."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core.accounts import Permission
from app.core.languages import Language
from app.services import accounts
from app.store.database import transaction
from app.web.shared import access
from app.web.shared.access import account, allowed

blueprint = Blueprint("home", __name__, url_prefix="/staff")


@blueprint.get("/")
@allowed(Permission.SEE_OWN_PAGE)
def index() -> ResponseReturnValue:
    """Show what waits for the account at hand."""
    return render_template("staff/home/index.html")


@blueprint.post("/language")
@allowed(Permission.SEE_OWN_PAGE)
def choose_language() -> ResponseReturnValue:
    """Remember the language of the account's pages, and go back to the page."""
    chosen = request.form.get("language", "")
    if chosen in set(Language):
        with transaction() as store:
            accounts.choose_language(store, account().id, Language(chosen))
    return redirect(access.way_back(request.form.get("next")))
