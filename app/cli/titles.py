"""Command options for the title of a round, in one to three languages."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from app.cli.texts import SingleLineText
from app.core.languages import Language, PartlyTranslatedText, partly_translated_text

NAMES = {Language.FI: "Finnish", Language.SV: "Swedish", Language.EN: "English"}


def title_options(most: int = 120) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the options `--title-fi`, `--title-sv` and `--title-en` to a command."""

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for language in reversed(Language):
            name = f"--title-{language.value}"
            command = click.option(name, type=SingleLineText(most), help=f"The title in {NAMES[language]}.")(command)
        return command

    return add_options


def chosen_title(title: str | None, titles: Mapping[str, str | None]) -> PartlyTranslatedText:
    """Return the title that was given; click.UsageError for none, and for one both with and without a language."""
    written = partly_translated_text({language: titles[f"title_{language.value}"] or "" for language in Language})
    if bool(title) == bool(written):
        message = "Give the title once, or by --title-fi, --title-sv and --title-en: one of these is enough."
        raise click.UsageError(message)
    return written or PartlyTranslatedText(title or "")
