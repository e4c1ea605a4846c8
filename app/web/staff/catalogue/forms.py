"""Forms of a course and of an offering: a field for each column of the catalogue's table."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _
from wtforms import Field, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField, widgets

from app.core.catalogue import AUDIENCES, DIMENSIONS, Area, ChangeTarget, CourseStatus, DeliveryMode, EvidenceGrade
from app.core.languages import Language
from app.core.tables.errors import TableImportError
from app.web.shared.app_context import settings
from app.web.shared.forms import Form
from app.web.shared.languages import language
from app.web.shared.recommendation_words import AREAS, EVIDENCE, MODES, STATUSES, TARGETS
from app.web.shared.table_error_words import error_message_without_location

NOTES_OF_COURSE = ("evidence_note", "prerequisites")
NOTES_OF_OFFERING = ("accessibility",)


class CheckboxListField(SelectMultipleField):
    """Multiple choice as a list of checkboxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class CourseForm(Form):
    """Form of a course, without its offerings."""

    external_id = StringField(
        _("Identifier"), description=_("Permanent, such as TYO-01: letters, digits, dot, hyphen.")
    )
    title_fi = StringField(_("Title in Finnish"))
    title_sv = StringField(_("Title in Swedish"), description=_("If a language is left empty, another one is shown."))
    title_en = StringField(_("Title in English"))
    description_fi = TextAreaField(_("Description in Finnish"))
    description_sv = TextAreaField(_("Description in Swedish"))
    description_en = TextAreaField(_("Description in English"))
    area = SelectField(_("Area"), choices=[SelectChoice(each_area.value, AREAS[each_area]) for each_area in Area])
    target = SelectField(
        _("Type of course"),
        choices=[SelectChoice(each_target.value, TARGETS[each_target]) for each_target in ChangeTarget],
    )
    audience = CheckboxListField(_("For whom"), choices=[SelectChoice(word, word) for word in AUDIENCES])
    evidence_grade = SelectField(
        _("Evidence"),
        choices=[
            SelectChoice(each_evidence_grade.value, EVIDENCE[each_evidence_grade])
            for each_evidence_grade in EvidenceGrade
        ],
        default="D",
    )
    evidence_note_fi = TextAreaField(_("What the evidence is based on, in Finnish"))
    evidence_note_sv = TextAreaField(_("What the evidence is based on, in Swedish"))
    evidence_note_en = TextAreaField(_("What the evidence is based on, in English"))
    evidence_url = StringField(_("Source of the evidence"), description=_("An address that begins with https://."))
    hours = StringField(_("Hours"), render_kw={"inputmode": "decimal"})
    ects = StringField(_("Credits (ECTS)"), render_kw={"inputmode": "decimal"})
    languages = CheckboxListField(
        _("Language of the course"),
        choices=[SelectChoice(each_language.value, each_language.own_name) for each_language in Language],
    )
    prerequisites_fi = TextAreaField(_("Preparation, in Finnish"))
    prerequisites_sv = TextAreaField(_("Preparation, in Swedish"))
    prerequisites_en = TextAreaField(_("Preparation, in English"))
    provider = StringField(_("Provider"))
    led_from_outside = SelectField(
        _("Led from outside the community"),
        choices=[SelectChoice("no", _("no")), SelectChoice("yes", _("yes"))],
        default="no",
        description=_("Someone from outside leads the work, so that no one has to lead a discussion about themselves."),
    )
    course_status = SelectField(
        _("Status"),
        choices=[SelectChoice(status.value, STATUSES[status]) for status in CourseStatus],
        default="active",
    )


class OfferingForm(Form):
    """Form of an offering."""

    offering_id = StringField(_("Identifier of the offering"), description=_("Permanent, such as TYO-01-a."))
    mode = SelectField(
        _("Form of participation"),
        choices=[SelectChoice(delivery_mode.value, MODES[delivery_mode]) for delivery_mode in DeliveryMode],
    )
    sessions = TextAreaField(
        _("Sessions"),
        description=_(
            "One session per line: start and end separated by a space, such as 2027-01-31T14:00 2027-01-31T16:00."
        ),
    )
    place = StringField(_("Place"))
    accessibility_fi = TextAreaField(_("Accessibility of the venue, in Finnish"))
    accessibility_sv = TextAreaField(_("Accessibility of the venue, in Swedish"))
    accessibility_en = TextAreaField(_("Accessibility of the venue, in English"))
    capacity = StringField(_("Seats"), render_kw={"inputmode": "numeric"})
    min_participants = StringField(_("Minimum number of participants"), render_kw={"inputmode": "numeric"})
    member_quota = StringField(
        _("Seats reserved for members"),
        description=_("Empty: members come first for all seats; others get what is left."),
        render_kw={"inputmode": "numeric"},
    )
    quotas = StringField(
        _("Maximum seats per municipality"), description=_("Such as tyrskyla:5|kuusela:3; may be empty.")
    )
    registration_url = StringField(_("Registration address"), description=_("Begins with https://."))
    reg_opens = StringField(_("Registration opens"), render_kw={"type": "date"})
    reg_closes = StringField(_("Registration closes"), render_kw={"type": "date"})
    price_eur = StringField(_("Price in euros"), render_kw={"inputmode": "decimal"})
    payer = StringField(_("Who pays"))
    status = SelectField(
        _("Status"),
        choices=[SelectChoice(status.value, STATUSES[status]) for status in CourseStatus],
        default="active",
    )


def cells_with_notes_in_default_language(cells: Mapping[str, str], notes: Iterable[str]) -> dict[str, str]:
    """Return cells in which notes of unknown language stand in the columns of the default language, for editing."""
    unknown = {f"{note}_{settings().default_language}": cells[note] for note in notes if cells.get(note)}
    return {**cells, **unknown}


def course_form_from_cells(cells: Mapping[str, str]) -> CourseForm:
    """Return the form of a course filled with the cells of its row."""
    listed = {"audience", "languages"}
    written = cells_with_notes_in_default_language(cells, NOTES_OF_COURSE)
    data = {name: cell.split("|") if name in listed else cell for name, cell in written.items() if cell}
    form = CourseForm(data=data)
    form.audience.choices = [SelectChoice(word, text.in_language(language())) for word, text in AUDIENCES.items()]
    return form


def cells_from_course_form(form: CourseForm, known_cells: Mapping[str, str]) -> dict[str, str]:
    """Return the table cells of a course form; `known_cells` holds the relevances by dimension."""
    cells = {field.name: _cell(field) for field in form if field.name != "csrf_token"}
    cells["dimensions"] = _pairs(known_cells, "relevance")
    cells["second_view"] = _pairs(known_cells, "second")
    return cells | dict.fromkeys(NOTES_OF_COURSE, "")  # otherwise the text without a language would return


def _cell(field: Field) -> str:
    return "|".join(field.data or ()) if isinstance(field, CheckboxListField) else (field.data or "")


def _pairs(cells: Mapping[str, str], kind: str) -> str:
    values = {word: cells.get(f"{kind}-{word}", "") for word in DIMENSIONS}
    return "|".join(f"{word}:{value}" for word, value in values.items() if value)


def cells_and_sessions_from_offering_form(form: OfferingForm) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the table cells of an offering form, and the starts and ends of its sessions."""
    cells = {field.name: field.data or "" for field in form if field.name not in {"csrf_token", "sessions"}}
    cells |= dict.fromkeys(NOTES_OF_OFFERING, "")
    lines = [line.split() for line in (form.sessions.data or "").splitlines() if line.strip()]
    return cells, [(line[0], line[-1] if len(line) > 1 else "") for line in lines]


def add_import_errors(form: Form, refused: TableImportError) -> None:
    """Put every fault beside the field that it is about."""
    places = {"start": "sessions", "end": "sessions", "status": "course_status", "second_view": "evidence_grade"}
    for problem in refused.problems:
        name = problem.column if problem.column in form._fields else places.get(problem.column, "")
        field = form._fields.get(name) or next(iter(form))
        form.add_error(field, error_message_without_location(problem))
