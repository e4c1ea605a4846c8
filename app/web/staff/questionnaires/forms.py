"""Form to paste the item texts of a published key, one per line."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired

from app.core.instruments import Instrument
from app.core.instruments.key_completion import Lines, read_completed_key_texts
from app.core.languages import Language
from app.web.shared.forms import Form, max_length
from app.web.shared.languages import language_name

SENTENCES = "sentences"
LABELS = "labels"
LONGEST = 40_000
Sets = Mapping[str, tuple[int, ...]]  # sets of options with their numbers


class ScoringKeyTextsForm(Form):
    """Fields that all scoring keys share; `scoring_key_texts_form` adds the fields for the texts."""

    may = BooleanField(
        _("We have the right to use the items of this instrument in this way."),
        [InputRequired(_("Without the right to use them the items must not be added."))],
    )


def scoring_key_texts_form(key: Instrument, sets: Sets, written: str | None) -> Any:
    """Return the form for the texts of `key`, filled from the completed questionnaire source `written`, if any."""
    fields: dict[str, TextAreaField] = {}
    for language in key.languages:
        fields[f"{SENTENCES}_{language.value}"] = _area(
            _("Items: %(language)s", language=language_name(language)),
            _("%(count)s lines, one for each item in the order of the instrument.", count=len(key.items)),
            rows=min(len(key.items), 14),
        )
        for name, numbers in sets.items():
            fields[f"{LABELS}_{name}_{language.value}"] = _area(
                _("Options “%(name)s”: %(language)s", name=name, language=language_name(language)),
                _("%(count)s lines, from %(low)s to %(high)s.", count=len(numbers), low=numbers[0], high=numbers[-1]),
                rows=len(numbers),
            )
    shape: Any = type("KeyForm", (ScoringKeyTextsForm,), fields)
    return shape(data=_texts(written) if written else {})


def _area(label: Any, description: Any, *, rows: int) -> Any:
    looks = {"rows": rows, "spellcheck": "false"}
    return TextAreaField(label, [max_length(LONGEST)], description=description, render_kw=looks)


def _texts(written: str) -> dict[str, str]:
    sentences, labels = read_completed_key_texts(written)
    texts = {f"{SENTENCES}_{language.value}": "\n".join(lines) for language, lines in sentences.items()}
    for name, spoken in labels.items():
        texts |= {f"{LABELS}_{name}_{language.value}": "\n".join(lines) for language, lines in spoken.items()}
    return texts


def validate_texts_and_get_languages(form: Any, key: Instrument, sets: Sets) -> tuple[Language, ...]:
    """Return the languages that anything was written in; put an error beside every field with too few or too many."""
    languages = languages_with_text(form, key)
    if not languages:
        first = form[f"{SENTENCES}_{key.languages[0].value}"]
        form.add_error(first, _("Paste the items in at least one language."))
    for language in languages:
        wanted = {f"{SENTENCES}_{language.value}": len(key.items)}
        wanted |= {f"{LABELS}_{name}_{language.value}": len(numbers) for name, numbers in sets.items()}
        for name, count in wanted.items():
            found_count = len(_lines(form[name].data))
            if found_count != count:
                words = _("%(count)s lines are needed; you entered %(found)s.", count=count, found=found_count)
                form.add_error(form[name], words)
    return languages


def languages_with_text(form: Any, key: Instrument) -> tuple[Language, ...]:
    """Return the languages that anything was written in."""
    return tuple(
        language
        for language in key.languages
        if any(
            field.name.endswith(f"_{language.value}") and _lines(field.data) for field in form if field.name != "may"
        )
    )


def pasted_sentences_by_language(form: Any, languages: Sequence[Language]) -> Lines:
    """Return the sentences that were pasted, in each language."""
    return {language: _lines(form[f"{SENTENCES}_{language.value}"].data) for language in languages}


def pasted_labels_by_option_set(form: Any, sets: Sets, languages: Sequence[Language]) -> dict[str, Lines]:
    """Return the labels that were pasted, of each set of options in each language."""
    return {
        name: {language: _lines(form[f"{LABELS}_{name}_{language.value}"].data) for language in languages}
        for name in sets
    }


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
