"""Base class and validators of all forms in the staff area."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, SearchField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.core.mail import ADDRESS
from app.core.text import normal_line

ONE_LINE = (StringField, EmailField, SearchField)


class Form(FlaskForm):
    """A form with CSRF protection and error messages in the reader's language."""

    class Meta(FlaskForm.Meta):
        """Brings texts of one line into their normal form, whatever was pasted."""

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """Bind a field; a text of one line loses blanks around it and what nobody sees."""
            if unbound_field.field_class in ONE_LINE:
                options["filters"] = [*options.get("filters", ()), _one_line]
            return super().bind_field(form, unbound_field, options)

    def add_error(self, field: Field, reason: str) -> None:
        """Add an error that only a service could find to a field."""
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
    """Return the validator of the form of an e-mail address; whether it exists is not checked."""
    return Regexp(ADDRESS, message=_("Write an e-mail address such as name@example.org."))
