"""Forms of accounts: person, role and organisation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from app.core.accounts import Grant
from app.core.languages import Language
from app.core.organisations import Community, Municipality
from app.web.shared.forms import Form, email, max_length, required
from app.web.staff.enum_words import ROLES

REGION = "region"


class GrantForm(Form):
    """A role at a place."""

    role = SelectField(_("Role"), choices=[SelectChoice(role.value, word) for role, word in ROLES.items()])
    place = SelectField(
        _("Area of responsibility"),
        [required(_("Choose an area."))],
        description=_("A principal is responsible for one community, a coordinator for a municipality or the region."),
    )

    def __init__(self, names: Mapping[str, str], **more: Any):
        super().__init__(**more)
        self.place.choices = [
            SelectChoice("", _("Choose an area")),
            *(SelectChoice(value, name) for value, name in names.items()),
        ]


class NewAccountForm(GrantForm):
    """A new account with its first role."""

    name = StringField(_("Name"), [required(), max_length(120)])
    email = EmailField(
        _("E-mail address"),
        [required(), max_length(254), email()],
        render_kw={"autocomplete": "off"},
    )
    language = SelectField(
        _("Language"), choices=[SelectChoice(each_language.value, each_language.own_name) for each_language in Language]
    )


def place_names_by_value(municipalities: Iterable[Municipality], communities: Sequence[Community]) -> dict[str, str]:
    """Return the names of all places by form value: the region, then each municipality with its communities."""
    names = {REGION: gettext("The whole region")}
    for municipality in municipalities:
        names[f"m:{municipality.id}"] = municipality.name
        inside = (community for community in communities if community.municipality == municipality.id)
        names.update({f"c:{community.id}": f"{municipality.name}: {community.name}" for community in inside})
    return names


def parse_place_value(value: str) -> tuple[str | None, str | None]:
    """Return municipality and community that a form's value means.

    >>> parse_place_value("region"), parse_place_value("m:564"), parse_place_value("c:12")
    ((None, None), ('564', None), (None, '12'))
    """
    kind, _colon, name = value.partition(":")
    return (name if kind == "m" else None, name if kind == "c" else None)


def place_value(grant: Grant) -> str:
    """Return a grant's place as the forms write it."""
    if grant.community is not None:
        return f"c:{grant.community}"
    return REGION if grant.municipality is None else f"m:{grant.municipality}"
