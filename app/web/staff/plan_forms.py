"""The forms of a plan: the meeting with its focus, and one action."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, NumberInput

from app.core.catalogue import DIMENSIONS, Course, CourseStatus
from app.core.followup import ActionStatus as ActionStatus
from app.core.followup import MergeResult, SuggestedAction
from app.core.text import sort_key
from app.services import followup
from app.store.plans import PLAN, PlanChange
from app.web.shared.followup_words import AIMS, POWERS, STATUSES
from app.web.shared.forms import Form
from app.web.shared.languages import language


class MeetingForm(Form):
    """The minutes: when, how many, what was chosen."""

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
        given = dict(texts or {})
        start = {**given, "focus": given.get("focus", "").split(","), "pulse": given.get("pulse") == "yes"}
        super().__init__(data={**start, "version": str(version)})
        self.focus.choices = [(name, text.read(language())) for name, text in DIMENSIONS.items()]

    def texts(self) -> dict[str, str]:
        """Return what was written, as plain texts."""
        return {
            "discussed_on": self.discussed_on.data or "",
            "present": self.present.data or "",
            "note": (self.note.data or "").replace("\r\n", "\n"),
            "focus": ",".join(self.focus.data or ()),
            "pulse": "yes" if self.pulse.data else "",
        }


class ActionForm(Form):
    """One action: what changes, whose power it is in, who sees to it, when, and how it will be noticed."""

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
        self.dimension.choices = [(name, text.read(language())) for name, text in DIMENSIONS.items()]
        self.aim.choices = _choices(AIMS)
        self.power.choices = _choices(POWERS)
        self.status.choices = _choices(STATUSES)
        titles = [
            (cours.external_id, cours.title.read(language()))
            for cours in courses
            if cours.status is CourseStatus.ACTIVE
        ]
        self.course.choices = [("", _("No course")), *sorted(titles, key=lambda pair: sort_key(pair[1]))]

    def texts(self) -> dict[str, str]:
        """Return what was written, as plain texts."""
        fields = [field for field in self if field.name not in ("version", "csrf_token")]
        return {field.name: (field.data or "").replace("\r\n", "\n").strip() for field in fields}


def read_version(form: MeetingForm | ActionForm) -> int:
    """Return which version the writer saw; 0 where the page does not say."""
    written = form.version.data or ""
    return int(written) if written.isascii() and written.isdigit() else 0


def show_conflict(form: MeetingForm | ActionForm, clashed: followup.EditConflict) -> None:
    """Put what only the other changed into the form, and the version to save over next."""
    form.version.data = str(clashed.version)
    for name in clashed.merged.taken_from_theirs:
        value: Any = clashed.merged.values[name]
        if name == "focus":
            value = value.split(",")
        form[name].data = value == "yes" if name == "pulse" else value


def conflicting_fields(form: MeetingForm | ActionForm, merged: MergeResult) -> list[tuple[str, str, str]]:
    """Return the label, the other's words and the field's id of each field that both changed."""
    return [
        (str(form[name].label.text), _label(form[name], text), form[name].id) for name, text in merged.conflicts.items()
    ]


def change_lines(change: PlanChange, courses: Iterable[Course]) -> list[tuple[str, str]]:
    """Return what a plan or an action said after a change: each field's label and its words."""
    form: MeetingForm | ActionForm = MeetingForm() if change.subject == PLAN else ActionForm(courses)
    return [(str(form[name].label.text), _label(form[name], text)) for name, text in change.texts.items()]


def suggested_texts(suggested_action: SuggestedAction) -> dict[str, str]:
    """Return an action of the library as the beginnings of a form."""
    here = language()
    return {
        "dimension": suggested_action.dimension,
        "what": suggested_action.what.read(here),
        "aim": suggested_action.aim.value,
        "power": suggested_action.power.value,
        "first_step": suggested_action.first_step.read(here),
        "sign": suggested_action.sign.read(here),
        "status": ActionStatus.PLANNED.value,
    }


def _label(field: Any, text: str) -> str:
    known = dict(field.choices) if getattr(field, "choices", None) else {}
    return ", ".join(str(known.get(part, part)) for part in text.split(",")) if known else text


def _choices(words: Mapping[Any, LazyString]) -> list[tuple[str, LazyString]]:
    return [(item.value, text) for item, text in words.items()]
