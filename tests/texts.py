"""Every text that people read, by language: catalogues, texts in modules, survey files, statements and handbooks."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import polib

from app.config import ROOT
from tests.catalogues import LANGUAGES, kept

ALL_LANGUAGES = ("en", *LANGUAGES)
HANDBOOKS = {"en": "handbook.en.md", "fi": "handbook.fi.md"}
# Placeholders, addresses, commands and code are no words of a language.
NO_WORDS = re.compile(r"%\(\w+\)[sd]|\{\w*\}|https?://\S+|\S+@\S+|`[^`]*`|```.*?```|\]\([^)]*\)|&\w+;", flags=re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one language, and where it comes from."""

    language: str
    source: str
    words: str


def prose(text: str) -> str:
    """Return a text without what is not language.

    >>> prose("%(count)s codes at https://example.org")
    ' codes at '
    """
    return NO_WORDS.sub("", text).replace("%%", "%")


def _of_entry(language: str, entry: polib.POEntry) -> Iterator[Text]:
    for text in [entry.msgstr, *entry.msgstr_plural.values()]:
        yield Text(language, entry.msgid[:60], text)


def _of_catalogues() -> Iterator[Text]:
    for entry in kept(LANGUAGES[0]):
        yield Text("en", entry.msgid[:60], entry.msgid)
        yield Text("en", entry.msgid[:60], entry.msgid_plural)
    for language in LANGUAGES:
        for entry in kept(language):
            yield from _of_entry(language, entry)


def _of_modules() -> Iterator[Text]:
    """Yield what modules give in three languages: `TranslatedText(fi="…", sv="…", en="…")`."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TranslatedText":
                for keyword in node.keywords:
                    if keyword.arg in ALL_LANGUAGES and isinstance(keyword.value, ast.Constant):
                        yield Text(keyword.arg, f"{path.name}:{node.lineno}", keyword.value.value)


def _of_table(source: str, table: object) -> Iterator[Text]:
    if isinstance(table, list):
        yield from chain.from_iterable(_of_table(source, item) for item in table)
    if isinstance(table, dict):
        for key, value in table.items():
            if isinstance(value, str) and key in ALL_LANGUAGES:
                yield Text(key, source, value)
            else:
                yield from _of_table(source, value)


def _of_surveys() -> Iterator[Text]:
    for path in sorted((ROOT / "surveys").rglob("*.toml")):
        yield from _of_table(path.name, tomllib.loads(path.read_text(encoding="utf-8")))


def _of_stored_data() -> Iterator[Text]:
    """Yield what the page of stored data says of each table and column, and what accessibility statements say."""
    for path in (ROOT / "app" / "store" / "stored.toml", ROOT / "app" / "web" / "respondent" / "accessibility.toml"):
        yield from _of_table(path.name, tomllib.loads(path.read_text(encoding="utf-8")))


def _of_handbooks() -> Iterator[Text]:
    for language, name in HANDBOOKS.items():
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        for paragraph in re.sub(r"^( {4,}|```).*$", "", text, flags=re.MULTILINE).split("\n\n"):
            yield Text(language, name, paragraph)


def everything() -> list[Text]:
    """Return every text that people read, without empty ones."""
    texts = chain(_of_catalogues(), _of_modules(), _of_surveys(), _of_stored_data(), _of_handbooks())
    return [text for text in texts if text.words]
