"""Form of a community: a head count for each staff group."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange

from app.core.languages import TranslatedText
from app.core.organisations import Community, CommunityKind
from app.services.organisations import MOST_STAFF
from app.web.shared.forms import Form, email, max_length, optional, required
from app.web.shared.languages import language
from app.web.staff.enum_words import KINDS

PREFIX = "staff_"


class CommunityForm(Form):
    """What may be changed of a community."""

    name = StringField(_("Name"), [required(), max_length(120)])
    kind = SelectField(_("Kind"), choices=[SelectChoice(kind.value, word) for kind, word in KINDS.items()])
    joined_to = SelectField(
        _("Reported together with"),
        description=_("A unit of fewer than ten people gets figures only together with another unit."),
    )
    contact = StringField(
        _("E-mail address of the person who hands out the codes"),
        [optional(), max_length(254), email()],
    )


def community_form(
    known: Community, everybody: Sequence[Community], groups: Mapping[str, TranslatedText]
) -> CommunityForm:
    """Return the form of `known`, filled with what is stored."""
    names = [*groups, *(name for name in known.head_counts if name not in groups)]
    counts = {
        f"{PREFIX}{name}": IntegerField(
            groups[name].in_language(language()) if name in groups else name,
            [optional(), NumberRange(0, MOST_STAFF, _("Write a whole number from 0 to %(max)s."))],
            render_kw={"min": 0},
        )
        for name in names
    }
    shape: Any = type("CommunityForm", (CommunityForm,), counts)
    stored = {f"{PREFIX}{name}": number for name, number in known.head_counts.items()}
    form: CommunityForm = shape(
        data={"name": known.name, "kind": known.kind.value, "joined_to": known.joined_to or "", **stored}
        | {"contact": known.contact}
    )
    others = [
        community
        for community in everybody
        if community.municipality == known.municipality and community.id != known.id and not community.joined_to
    ]
    form.joined_to.choices = [
        SelectChoice("", _("None: reported on its own")),
        *(SelectChoice(other.id, other.name) for other in others),
    ]
    return form


def community_from_form(form: CommunityForm, known: Community) -> Community:
    """Return the community as the form says it."""
    counts = {field.short_name.removeprefix(PREFIX): field.data for field in form if field.name.startswith(PREFIX)}
    return replace(
        known,
        name=form.name.data.strip(),
        kind=CommunityKind(form.kind.data),
        head_counts={name: number or 0 for name, number in counts.items()},
        joined_to=form.joined_to.data or None,
        contact=(form.contact.data or "").strip(),
    )
