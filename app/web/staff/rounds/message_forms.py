"""Forms for the e-mails of a round."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, EmailField, StringField
from wtforms.validators import InputRequired

from app.core.mail import MailServerFaultCode, MessagePurpose
from app.web.shared.forms import Form, email, max_length, optional

DAY_FAULTS = {
    "day_passed": _("This day has passed. Choose a later one."),
    "day_outside": _(
        "Reminders are sent at eight in the morning while the round is open. Choose a day in that period."
    ),
    "day_off": _(
        "Reminders are sent on working days only: no weekend, no public holiday, not in July. Choose another."
    ),
    "day_taken": _("A reminder is already planned for this day."),
}
PURPOSES = {
    MessagePurpose.INVITATION: _("Invitations"),
    MessagePurpose.REMINDER: _("Reminder"),
    MessagePurpose.THANKS: _("Thanks to everyone"),
    MessagePurpose.RELEASED: _("Notice that the results are ready"),
}

SETBACKS = {
    MailServerFaultCode.UNREACHABLE: _("The mail server does not answer."),
    MailServerFaultCode.CERTIFICATE: _("The mail server's certificate is not trusted."),
    MailServerFaultCode.SIGN_IN: _("The mail server refuses the sign-in of this service."),
    MailServerFaultCode.SENDER: _("The mail server accepts no messages from this sender."),
    MailServerFaultCode.ALL_REFUSED: _("The mail server refused several messages in a row for the same reason."),
    MailServerFaultCode.MESSAGE: _("The sender's name or address cannot be used in a message."),
}


class ContactImportForm(Form):
    """A list of addresses to check and then import."""

    file = FileField(
        _("List of addresses"),
        [FileRequired(_("Choose a file."))],
        description=_("XLSX or CSV in UTF-8. At most 5 MB."),
        render_kw={"accept": ".csv,.xlsx"},
    )


class SenderForm(Form):
    """Form for the sender of a round's messages."""

    name = StringField(
        _("Name of the sender"),
        [max_length(100)],
        description=_(
            "The name that staff see as the sender, for example the municipality. Empty: the name of this service."
        ),
    )
    reply_to = EmailField(
        _("Address for replies"),
        [optional(), max_length(254), email()],
        description=_("Address to which replies are sent. May be empty."),
    )


class ReminderForm(Form):
    """Form for the day on which people with an unused code are reminded."""

    day = DateField(
        _("Day of the reminder"),
        [InputRequired(_("Choose a day."))],
        description=_(
            "All reminders of a day are sent together at eight in the morning to those whose code is unused."
        ),
    )

    def __init__(self, suggested: date | None = None, **more: Any):
        super().__init__(data={"day": suggested}, **more)
