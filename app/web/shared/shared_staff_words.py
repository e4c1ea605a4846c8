"""Sentence on who is responsible for shared staff, for every page and document of results."""

from collections.abc import Iterable

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.core.organisations import SharedService

SERVICES: dict[SharedService, LazyString] = {
    SharedService.KITCHEN: _("Kitchen"),
    SharedService.CLEANING: _("Cleaning"),
    SharedService.SPECIAL_EDUCATION: _("Special education"),
}


def shared_staff_sentence(responsible: Iterable[tuple[SharedService, str]]) -> str:
    """Say who is responsible for shared staff in a community's results; empty where nobody is named."""
    named = "; ".join(f"{SERVICES[service]}: {who}" for service, who in responsible)
    if not named:
        return ""
    elsewhere = gettext("Shared staff here have a supervisor elsewhere.")
    return f"{elsewhere} {named}."
