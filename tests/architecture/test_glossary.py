"""The texts use the terms of `docs/glossary.md`, and none of the words that it tells not to use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.config import ROOT
from tests.catalogues import LANGUAGES, kept
from tests.texts import ALL_LANGUAGES, Text, everything, prose

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
CODE_ONLY = {"rating", "cell", "crosswalk"}  # terms of the code that no page needs
VERBS = {"count", "plan"}  # the labels of buttons, not the nouns of the glossary
NAMES = {"English": "en", "Finnish": "fi", "Swedish": "sv"}


@dataclass(frozen=True, slots=True)
class Term:
    """One concept: the terms that may name it, by language."""

    words: dict[str, tuple[str, ...]]


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def alternatives(cell: str) -> tuple[str, ...]:
    """Return the terms of a cell without remarks in brackets, in small letters."""
    return tuple(word.strip().lower() for word in re.sub(r"\([^)]*\)", "", cell).split(",") if word.strip())


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the rows of the table whose first line begins with `heading`."""
    table = GLOSSARY[GLOSSARY.index(f"| {heading} |") :].split("\n\n")[0].splitlines()
    yield from map(cells, table[2:])


TERMS = [Term(dict(zip(ALL_LANGUAGES, map(alternatives, row[:3]), strict=True))) for row in rows("English")]
AVOIDED = [(NAMES[row[0]], word) for row in rows("language") for word in alternatives(row[1])]


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return everything()


def pattern(words: str) -> re.Pattern[str]:
    """Return what finds a term as whole words; a star stands for any ending."""
    return re.compile(r"(?<!\w)" + re.escape(words).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") + r"(?!\w)", re.I)


def found(texts: list[Text], language: str, words: str) -> list[str]:
    searched = pattern(words)
    return [f"{t.source}: {t.words}" for t in texts if t.language == language and searched.search(prose(t.words))]


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.words["en"][0])
def test_every_concept_is_called_by_its_term_somewhere(texts, term):
    """A concept that no text names needs no entry, and a term that no text uses is not the term."""
    words = term.words["en"]
    assert CODE_ONLY.intersection(words) or any(found(texts, "en", f"{word}*") for word in words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_is_a_term_is_translated_by_the_term(language):
    allowed = {word: term.words[language] for term in TERMS for word in term.words["en"]}
    wrong = {
        entry.msgid: entry.msgstr
        for entry in kept(language)
        if entry.msgid.lower() in allowed.keys() - VERBS and entry.msgstr.lower() not in allowed[entry.msgid.lower()]
    }
    assert wrong == {}


@pytest.mark.parametrize(("language", "word"), AVOIDED)
def test_a_word_not_to_use_is_in_no_text(texts, language, word):
    assert found(texts, language, word) == []


def test_the_tables_are_read():
    assert len(TERMS) > 50
    assert {language for language, _ in AVOIDED} == set(ALL_LANGUAGES)
    assert ("sv", "rutkod*") in AVOIDED
    assert found([Text("sv", "page", "Läs av rutkoden.")], "sv", "rutkod*")
    assert not found([Text("sv", "page", "Läs av %(rutkod)s.")], "sv", "rutkod*")
