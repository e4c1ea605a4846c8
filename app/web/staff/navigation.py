"""Main menu: the sections that an account may open."""

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.accounts import Account, Permission
from app.web.shared.access import permission_of

PLACES: tuple[tuple[LazyString, str], ...] = (
    (_("Overview"), "home.index"),
    (_("Rounds"), "rounds.index"),
    (_("Results"), "results.redirect_or_choose_results"),
    (_("Follow-up"), "followup.index"),
    (_("Municipality"), "municipality.index"),
    (_("Progress of communities"), "followup_overview.index"),
    (_("Issues"), "inbox.index"),
    (_("Courses"), "catalogue.index"),
    (_("Needs and courses"), "matching.index"),
    (_("Seats"), "seats.index"),
    (_("Seat allocation"), "allocations.index"),
    (_("Communities"), "organisations.index"),
    (_("People"), "people.index"),
    (_("Audit log"), "audit.index"),
)
MENU_BLUEPRINT_OF = {
    "questions": "results",
    "comments": "results",
    "data_package": "organisations",
    "other_surveys": "organisations",
    "supply": "matching",
}  # blueprints that belong to the menu entry of another one


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the navigation."""

    title: LazyString
    url: str
    here: bool


def register(app: Flask) -> None:
    """Give the templates of `app` the navigation."""
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> tuple[Link, ...]:
    """Return the navigation links of the current account; none if nobody is signed in."""
    user = g.get("account")
    if user is None:
        return ()
    return tuple(
        Link(title, url_for(endpoint), here=_is_here(endpoint))
        for title, endpoint in PLACES
        if endpoint in current_app.view_functions and _may_enter(user, endpoint)
    )


def _may_enter(account: Account, endpoint: str) -> bool:
    # Users with access to the whole region reach a municipality from the map of needs.
    if endpoint == "municipality.index" and account.may_everywhere(Permission.READ_REGION):
        return False
    needed = permission_of(current_app, endpoint)
    return needed is None or account.may(needed)


def _is_here(endpoint: str) -> bool:
    listed = {place for _title, place in PLACES}
    if request.endpoint in listed:
        return request.endpoint == endpoint
    menu_blueprint = MENU_BLUEPRINT_OF.get(request.blueprint or "", request.blueprint)
    return menu_blueprint == endpoint.partition(".")[0] and endpoint.endswith(".index")
