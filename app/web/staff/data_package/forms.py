"""Form to upload a data package, and labels of its parts."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf.file import FileField, FileRequired

from app.core.data_package import DataPart, NeverExported
from app.web.shared.forms import Form

PART_WORDS: dict[DataPart, LazyString] = {
    DataPart.COMMUNITIES: _("Municipalities and communities"),
    DataPart.PEOPLE: _("People and their roles, without passwords"),
    DataPart.SUPPORT: _("Support contacts and shared staff"),
    DataPart.OTHER_SURVEYS: _("Days of other surveys, and scales that resemble our dimensions"),
    DataPart.COURSES: _("Courses and their offerings"),
    DataPart.QUESTIONNAIRES: _("Questionnaires of the rounds"),
    DataPart.WEIGHTS: _("Weights of the ranking"),
    DataPart.ROUNDS: _("Planned rounds, and rounds with released results"),
    DataPart.CONTACTS: _("E-mail addresses to invite in planned rounds"),
    DataPart.SEATS: _("Seat requests, seat allocations and used seats"),
    DataPart.FOLLOW_UP: _("Follow-up: plans, actions and issues"),
}


NEVER_EXPORTED: dict[NeverExported, LazyString] = {
    NeverExported.BALLOTS: _("Ballots and codes of respondents, and the keys of rounds"),
    NeverExported.COMMENTS: _("Comments of respondents"),
    NeverExported.LETTERS: _("Messages, and reports of returned mail"),
    NeverExported.VOTES: _("Votes of meetings"),
    NeverExported.ACCESS_PHRASES: _("Access phrases of communities: each community draws a new one"),
    NeverExported.SIGN_IN: _("Passwords, second steps, one-time codes and connections to single sign-on"),
    NeverExported.TOKENS: _("Tokens of the interface"),
    NeverExported.CLOSED_ACCOUNTS: _("Accounts that are closed"),
    NeverExported.WAITING: _("Unfinished calculations of seats and supply plans, and files not yet confirmed"),
    NeverExported.AUDIT_LOG: _("The audit log"),
}


class DataPackageImportForm(Form):
    """Form to upload a data package to import."""

    file = FileField(
        _("Data package"),
        [FileRequired(_("Choose a file."))],
        description=_("The ZIP file from an export. At most 7 MB; for a larger one use the command line."),
        render_kw={"accept": ".zip,application/zip"},
    )
