"""Forms of the plan editor, and how concurrent changes are shown in them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, NumberInput

from app.core.accounts import Role
from app.core.catalogue import DIMENSIONS, Course, CourseStatus
from app.core.followup import ActionStatus as ActionStatus
from app.core.followup import MergeResult, SuggestedAction
from app.core.text import sort_key
from app.core.working_days import same_or_next_working_day
from app.services import followup
from app.services.followup import FollowUp
from app.store.plans import PLAN_SUBJECT, PlanChange
from app.web.shared.followup_words import AIMS, POWERS, STATUSES
from app.web.shared.formats import long_date
from app.web.shared.forms import Form
from app.web.shared.languages import language
from app.web.staff.enum_words import ROLES


class MeetingForm(Form):
    """Form of the minutes: date, attendance, focus."""

    discussed_on = StringField(_("Date of the discussion with the staff"), widget=DateInput())
    present = StringField(
        _("Number of people present"),
        widget=NumberInput(min=1),
        description=_("Only a number; no names are recorded."),
    )
    focus = SelectMultipleField(
        _("What the staff chose to work on"),
        description=_("One or two. The staff choose, not the software and not the principal alone."),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    note = TextAreaField(
        _("Summary of the discussion"),
        description=_("Staff read this on their page. No names, and nothing about individuals."),
    )
    pulse = BooleanField(_("Ask the staff in a pulse survey a couple of months later whether the change has helped"))
    version = HiddenField()

    def __init__(self, texts: Mapping[str, str] | None = None, version: int = 0):
        texts_by_name = dict(texts or {})
        start = {
            **texts_by_name,
            "focus": texts_by_name.get("focus", "").split(","),
            "pulse": texts_by_name.get("pulse") == "yes",
        }
        super().__init__(data={**start, "version": str(version)})
        self.focus.choices = [(name, text.in_language(language())) for name, text in DIMENSIONS.items()]

    def texts(self) -> dict[str, str]:
        """Return the form's values as plain texts."""
        return {
            "discussed_on": self.discussed_on.data or "",
            "present": self.present.data or "",
            "note": (self.note.data or "").replace("\r\n", "\n"),
            "focus": ",".join(self.focus.data or ()),
            "pulse": "yes" if self.pulse.data else "",
        }


class ActionForm(Form):
    """Form of an action: change, decision level, owner, due date and sign of success."""

    dimension = SelectField(_("Dimension that it concerns"), validate_choice=False)
    what = TextAreaField(
        _("What changes"), description=_("One thing, written so that anyone can see whether it was done.")
    )
    aim = SelectField(
        _("What kind of change it is"),
        description=_("If the problem is in the work, change the work first."),
        validate_choice=False,
    )
    power = SelectField(
        _("Who decides"),
        description=_("Issues that the municipality or the region decides on can be escalated to the municipality."),
        validate_choice=False,
    )
    owner = StringField(_("Responsible role"), description=_("A role, such as “vice principal”; no names."))
    first_step = TextAreaField(_("The first visible step"), description=_("Something that staff will see."))
    first_by = StringField(_("First step by"), description=_("Soon: see the timeline."), widget=DateInput())
    due = StringField(_("Completed by"), widget=DateInput())
    sign = TextAreaField(_("How it will be noticed"), description=_("How staff can see that something has changed."))
    course = SelectField(_("A course that helps"), description=_("May be left empty."), validate_choice=False)
    status = SelectField(_("Status of the action"), validate_choice=False)
    outcome = TextAreaField(_("Outcome"), description=_("May be left empty for now. Staff read it under “we did”."))
    version = HiddenField()

    def __init__(self, courses: Iterable[Course], texts: Mapping[str, str] | None = None, version: int = 0):
        super().__init__(data={**(texts or {}), "version": str(version)})
        self.dimension.choices = [(name, text.in_language(language())) for name, text in DIMENSIONS.items()]
        self.aim.choices = _choices(AIMS)
        self.power.choices = _choices(POWERS)
        self.status.choices = _choices(STATUSES)
        titles = [
            (each.external_id, each.title.in_language(language()))
            for each in courses
            if each.status is CourseStatus.ACTIVE
        ]
        self.course.choices = [("", _("No course")), *sorted(titles, key=lambda pair: sort_key(pair[1]))]

    def texts(self) -> dict[str, str]:
        """Return the form's values as plain texts."""
        fields = [field for field in self if field.name not in ("version", "csrf_token")]
        return {field.name: (field.data or "").replace("\r\n", "\n").strip() for field in fields}


def submitted_version(form: MeetingForm | ActionForm) -> int:
    """Return the version that the form was filled from; 0 if not submitted."""
    written = form.version.data or ""
    return int(written) if written.isascii() and written.isdigit() else 0


def merge_their_changes_into_form(form: MeetingForm | ActionForm, clashed: followup.EditConflict) -> None:
    """Fill the form with the fields that only the other person changed, and with the version to save over."""
    form.version.data = str(clashed.version)
    for name in clashed.merged.taken_from_theirs:
        value: Any = clashed.merged.values[name]
        if name == "focus":
            value = value.split(",")
        form[name].data = value == "yes" if name == "pulse" else value


def conflicting_fields(form: MeetingForm | ActionForm, merged: MergeResult) -> list[tuple[str, str, str]]:
    """Return label, the other person's text and field id of each field that both changed."""
    return [
        (str(form[name].label.text), _label(form[name], text), form[name].id) for name, text in merged.conflicts.items()
    ]


def labelled_change_fields(change: PlanChange, courses: Iterable[Course]) -> list[tuple[str, str]]:
    """Return label and text of each field of a plan or an action after a change."""
    form: MeetingForm | ActionForm = MeetingForm() if change.subject == PLAN_SUBJECT else ActionForm(courses)
    return [(str(form[name].label.text), _label(form[name], text)) for name, text in change.texts.items()]


def texts_from_suggestion(suggested_action: SuggestedAction) -> dict[str, str]:
    """Return the initial form values from an action of the library."""
    spoken = language()
    return {
        "dimension": suggested_action.dimension,
        "what": suggested_action.what.in_language(spoken),
        "aim": suggested_action.aim.value,
        "power": suggested_action.power.value,
        "first_step": suggested_action.first_step.in_language(spoken),
        "sign": suggested_action.sign.in_language(spoken),
        "status": ActionStatus.PLANNED.value,
    }


def new_action_defaults(follow_up: FollowUp, today: date) -> dict[str, str]:
    """Return what is filled in for a new action: who is responsible, the first step, and the day of the outcome.

    The first step is due half way to the last day allowed, the outcome when the pulse survey asks about it. All are
    working days, and all can be changed.
    """
    template = follow_up.template
    return {
        "owner": str(ROLES[Role.PRINCIPAL]),
        "first_by": same_or_next_working_day(today + template.first_step / 2).isoformat(),
        "due": same_or_next_working_day(today + template.pulse_from).isoformat(),
    }


def _label(field: Any, text: str) -> str:
    """Return what a form text means to a reader: the label of a choice, a day with its month, "yes"."""
    if isinstance(field, BooleanField):
        return gettext("yes") if text else ""
    if isinstance(field.widget, DateInput):
        return _day(text)
    labels = dict(field.choices) if getattr(field, "choices", None) else {}
    return ", ".join(str(labels.get(part, part)) for part in text.split(",")) if labels else text


def _day(text: str) -> str:
    """Return a day in ISO form as it is written in the language of the reader; other texts unchanged."""
    try:
        return long_date(date.fromisoformat(text))
    except ValueError:
        return text


def _choices(texts: Mapping[Any, LazyString]) -> list[tuple[str, LazyString]]:
    return [(item.value, text) for item, text in texts.items()]
