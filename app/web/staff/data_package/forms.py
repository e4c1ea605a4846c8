"""The form that takes a data package, and the words for its parts."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf.file import FileField, FileRequired

from app.core.data_package import DataPart
from app.web.shared.forms import Form

PART_WORDS: dict[DataPart, LazyString] = {
    DataPart.COMMUNITIES: _("Municipalities and communities"),
    DataPart.PEOPLE: _("People and their roles, without passwords"),
    DataPart.SUPPORT: _("Support contacts and shared staff"),
    DataPart.COURSES: _("Courses and their offerings"),
    DataPart.QUESTIONNAIRES: _("Questionnaires of the rounds"),
    DataPart.WEIGHTS: _("Weights of the ranking"),
    DataPart.ROUNDS: _("Planned rounds, and rounds with released results"),
    DataPart.CONTACTS: _("E-mail addresses to invite in planned rounds"),
    DataPart.SEATS: _("Seat requests, seat allocations and used seats"),
    DataPart.FOLLOW_UP: _("Follow-up: plans, actions and issues"),
}


class DataPackageForm(Form):
    """A data package to check and then import."""

    file = FileField(
        _("Data package"),
        [FileRequired(_("Choose a file."))],
        description=_("The ZIP file that an export wrote. At most 7 MB; for a larger one use the command line."),
        render_kw={"accept": ".zip,application/zip"},
    )
