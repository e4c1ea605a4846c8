"""What every form of the staff area stands on."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, SearchField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.core.mail import ADDRESS
from app.core.text import normal_line

ONE_LINE = (StringField, EmailField, SearchField)


class Form(FlaskForm):
    """A form with a guard against posts from elsewhere and errors in the reader's language."""

    class Meta(FlaskForm.Meta):
        """Brings texts of one line into their normal form, whatever was pasted."""

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """Bind a field; a text of one line loses blanks around it and what nobody sees."""
            if unbound_field.field_class in ONE_LINE:
                options["filters"] = [*options.get("filters", ()), _one_line]
            return super().bind_field(form, unbound_field, options)

    def add_error(self, field: Field, reason: str) -> None:
        """Put an error beside a field that only a service could find."""
        field.errors = [*field.errors, reason]


def _one_line(text: Any) -> Any:
    return normal_line(text) if isinstance(text, str) else text


def required(message: Any = None) -> InputRequired:
    """Return the check that a field was filled in."""
    return InputRequired(message=message or _("Fill this in."))


def max_length(length: int) -> Length:
    """Return the check that a text is not too long."""
    return Length(max=length, message=_("At most %(max)d characters."))


def optional() -> Optional:
    """Return the check that stops at an empty field without a complaint."""
    return Optional()


def email() -> Regexp:
    """Return the check that a letter can bear an address; whether it exists, a letter will tell."""
    return Regexp(ADDRESS, message=_("Write an e-mail address such as name@example.org."))
