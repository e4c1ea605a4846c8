"""Every text is in every language, whole, and compiled: `./run translate` mends what is missing."""

import re

import polib
import pytest

from tests.catalogues import LANGUAGES, Key, extracted, kept, key, path_of

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def wanted() -> set[Key]:
    return set(extracted())


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_the_texts_of_the_code_and_no_others(language, wanted):
    assert {key(entry) for entry in kept(language)} == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_for_sure(language):
    assert not [entry.msgid for entry in kept(language) if entry.fuzzy or not entry.translated()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_breaks_a_placeholder(language):
    """A plural may leave out its number; nothing else may be left out, added or misspelt."""
    for entry in kept(language):
        names = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
        for text in texts(entry):
            found = set(PLACEHOLDER.findall(text))
            assert found <= names, entry.msgid
            assert names - found <= ({"num"} if entry.msgid_plural else set()), entry.msgid
            assert "%" not in PLACEHOLDER.sub("", text).replace("%%", ""), entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    compiled = polib.mofile(str(path_of(language).with_suffix(".mo")))
    assert {key(one): texts(one) for one in compiled} == {key(one): texts(one) for one in kept(language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_and_its_per_cent_sign_stay_together(language):
    """Finnish and Swedish write a space before the sign: it must be one that does not break."""
    assert not [text for entry in kept(language) for text in texts(entry) if re.search(r"[\ds] %%", text)]
