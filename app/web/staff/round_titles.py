"""Form fields for the title of a round in up to three languages."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import StopValidation

from app.core.languages import Language, PartlyTranslatedText, Translations
from app.web.shared.forms import Form, max_length
from app.web.shared.translated_texts import text_of_fields

MOST_TITLE = 120  # characters


class RoundTitleForm(Form):
    """Form with a round's title: one language is enough."""

    title_fi = StringField(
        _("Title in Finnish"),
        [max_length(MOST_TITLE)],
        description=_("One language is enough: it is then shown in the other languages too."),
        render_kw={"lang": Language.FI.value},
    )
    title_sv = StringField(_("Title in Swedish"), [max_length(MOST_TITLE)], render_kw={"lang": Language.SV.value})
    title_en = StringField(_("Title in English"), [max_length(MOST_TITLE)], render_kw={"lang": Language.EN.value})

    def validate_title_fi(self, _field: StringField) -> None:
        """Require a title in at least one language."""
        if not self.written_title():
            raise StopValidation(_("Write the title in at least one language."))

    def written_title(self) -> PartlyTranslatedText:
        """Return the title in the languages in which it was written."""
        return text_of_fields(self.data, "title")


def title_service_arguments(title: PartlyTranslatedText) -> dict[str, Any]:
    """Return a title as keyword arguments of the services: the main text and its translations."""
    translations: Translations | None = title.translations
    return {"title": title.main, "title_translations": translations}
