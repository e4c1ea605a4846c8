"""Forms for answers collected elsewhere; the page carries the files until they are confirmed."""

import base64
import json
import zlib
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.core.instruments import Instrument
from app.services.imports.import_files import File
from app.web.shared.app_context import settings
from app.web.shared.forms import Form, max_length
from app.web.shared.languages import language
from app.web.staff.round_titles import RoundTitleForm

MOST_BYTES = 20_000_000  # of all files of one import, unpacked
MOST_CARRIED = 450_000  # characters in a page; larger imports must use the command line
OWN_FILE = ""
TABLES = ".csv,.tsv,.txt,.xlsx"
Parts = dict[str, str]  # hidden fields of a page, by name
LAST_MINUTE = time(23, 59)


class PackedFilesTooLarge(Exception):
    """The uploaded files are too large for a hidden form field; the message says where they can be imported."""


class InvalidPackedFiles(Exception):
    """The hidden form field does not contain files that `pack_files` packed."""


class AnswerImportForm(RoundTitleForm):
    """A round that was asked elsewhere: its name, days, questionnaire and files."""

    opened = DateField(_("First day to answer"), [InputRequired(_("Choose a day."))])
    closed = DateField(_("Last day to answer"), [InputRequired(_("Choose a day."))])
    instrument = SelectField(_("Questionnaire"))
    questionnaire = FileField(_("Questionnaire file"), description=_("TOML; only if it is not in the list."))
    answers = FileField(
        _("Answer file"),
        [FileRequired(_("Choose a file."))],
        description=_("CSV or XLSX: one row per respondent, one row per answer, or LimeSurvey responses."),
        render_kw={"accept": TABLES},
    )
    invited = FileField(
        _("Who was invited"),
        [FileRequired(_("Choose a file."))],
        description=_("CSV or XLSX with the columns community, municipality, invited."),
        render_kw={"accept": TABLES},
    )
    create = BooleanField(_("Register new communities and municipalities"))
    structure = FileField(
        _("LimeSurvey structure file"),
        description=_("Only for LimeSurvey responses: the survey exported as .lss."),
        render_kw={"accept": ".lss"},
    )
    community_question = StringField(_("Code of the question that names the community"), [max_length(60)])
    group_question = StringField(_("Code of the question about the staff group"), [max_length(60)])

    def __init__(self, instruments: Sequence[Instrument], **more: Any):
        super().__init__(**more)
        listed = [
            SelectChoice(instrument.id, f"{instrument.title.in_language(language())} ({instrument.version})")
            for instrument in instruments
        ]
        self.instrument.choices = [*listed, SelectChoice(OWN_FILE, str(_("From a file")))]

    def validate_closed(self, field: DateField) -> None:
        """Check that the last day is not before the first."""
        if field.data and self.opened.data and field.data < self.opened.data:
            field.errors = [*field.errors, _("The last day is before the first. Change one of them.")]

    def validate_questionnaire(self, field: FileField) -> None:
        """Require a questionnaire, from the list or as a file."""
        if self.instrument.data == OWN_FILE and not field.data:
            field.errors = [*field.errors, _("Choose a questionnaire from the list or upload its file.")]

    def validate_community_question(self, field: StringField) -> None:
        """Check that responses of LimeSurvey say where a respondent works."""
        if self.structure.data and not field.data:
            field.errors = [*field.errors, _("Enter the code of the question that names the community.")]


class LimeSurveyStructureForm(Form):
    """A structure file of LimeSurvey, to be made a questionnaire."""

    structure = FileField(
        _("LimeSurvey structure file"), [FileRequired(_("Choose a file."))], render_kw={"accept": ".lss"}
    )
    lists = StringField(
        _("Codes of list questions that are scored as well"),
        [max_length(300)],
        description=_("May be empty; separate with spaces."),
    )
    group_question = StringField(
        _("Code of the question about the staff group"), [max_length(60)], description=_("May be empty.")
    )


def opening_and_closing(form: AnswerImportForm) -> tuple[datetime, datetime]:
    """Return the first and the last moment of the days that were chosen, in the installation's zone."""
    zone = ZoneInfo(settings().time_zone)
    return datetime.combine(form.opened.data, time(0, 0), zone), datetime.combine(form.closed.data, LAST_MINUTE, zone)


def pack_files(parts: Parts) -> str:
    """Pack texts for a hidden form field, so that the server stores nothing; raises PackedFilesTooLarge."""
    packed = base64.b64encode(zlib.compress(json.dumps(parts).encode(), 9)).decode()
    if len(packed) > MOST_CARRIED or sum(map(len, parts.values())) > MOST_BYTES:
        raise PackedFilesTooLarge
    return packed


def unpack_files(packed: str) -> Parts:
    """Unpack what `pack_files` packed; raises InvalidPackedFiles for anything else, however large it would grow."""
    try:
        opened = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), MOST_BYTES * 2)
        parts = json.loads(opened)
    except (ValueError, RecursionError, zlib.error) as error:
        raise InvalidPackedFiles from error
    if not isinstance(parts, dict) or not all(isinstance(part, str) for part in parts.values()):
        raise InvalidPackedFiles
    return parts


def read_uploaded_file(field: FileField) -> File | None:
    """Return name and content of the uploaded file; None where no file was chosen."""
    if not field.data:
        return None
    return field.data.filename or field.name, field.data.read(MOST_BYTES + 1)


def files_too_large_message() -> str:
    """Say that files are too large for a page, and where they can be imported."""
    return str(
        gettext(
            "The files together are too large for this page. The service operator can import them on the command line."
        )
    )
