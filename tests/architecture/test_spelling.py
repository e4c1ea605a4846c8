"""Every word that people read is spelt as the dictionaries have it, or is listed in `tests/architecture/words.txt`.

Finnish is checked with Voikko, Swedish (as in Finland) and English (as in Britain) with Hunspell, offline.
`./run spelling` installs them and runs these tests. Without REQUIRE_SPELLING they are skipped, since the dictionaries
differ from one system to another.
"""

import ctypes
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.texts import ALL_LANGUAGES, HANDBOOKS, everything, prose

pytestmark = pytest.mark.skipif(not os.environ.get("REQUIRE_SPELLING"), reason="./run spelling")
HERE = Path(__file__).parent
HUNSPELL = {"sv": "sv_FI", "en": "en_GB"}
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*")


def listed() -> set[str]:
    """Return the words that no dictionary has: names, formats, column names and our own compounds."""
    lines = (HERE / "words.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def words(language: str) -> set[str]:
    """Return the different words of all texts in a language; handbooks name too many programs and commands."""
    shown = [text for text in everything() if text.source not in HANDBOOKS.values()]
    texts = (prose(text.words) for text in shown if text.language == language)
    return {word.replace("’", "'") for text in texts for word in WORD.findall(text)}


def unknown_to_voikko(checked: Iterable[str]) -> set[str]:
    """Return the words that are not Finnish.

    Raises OSError where the library is missing, and ValueError where its dictionary is.
    """
    library = ctypes.CDLL("libvoikko.so.1")
    library.voikkoInit.restype = ctypes.c_void_p
    library.voikkoSpellCstr.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    error = ctypes.c_char_p()
    handle = library.voikkoInit(ctypes.byref(error), b"fi", None)
    if not handle:
        raise ValueError(error.value)
    return {word for word in checked if not library.voikkoSpellCstr(handle, word.encode())}


def unknown_to_hunspell(dictionary: str, checked: Iterable[str]) -> set[str]:
    """Return the words that are not in a dictionary of Hunspell.

    Raises OSError where the program is missing, and ValueError where its dictionary is.
    """
    command = ["hunspell", "-l", "-i", "utf-8", "-d", dictionary]
    done = subprocess.run(command, input="\n".join(checked), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr)
    return set(done.stdout.split())


def unknown(language: str, checked: Iterable[str]) -> set[str]:
    """Return the misspelt words of a language."""
    return unknown_to_voikko(checked) if language == "fi" else unknown_to_hunspell(HUNSPELL[language], checked)


@pytest.mark.parametrize("language", ALL_LANGUAGES)
def test_every_word_is_spelt_right(language):
    assert sorted(unknown(language, words(language) - listed())) == []


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [("fi", "työyhteisö", "tyoyhteiso"), ("sv", "arbetsgemenskap", "arbetsgemenskapp"), ("en", "colour", "collour")],
)
def test_a_misspelt_word_is_found(language, right, wrong):
    assert unknown(language, [right, wrong]) == {wrong}


def test_no_listed_word_is_known_to_every_dictionary():
    """A word is listed because some dictionary lacks it."""
    lacking = [unknown(language, listed()) for language in ALL_LANGUAGES]
    assert sorted(listed() - set().union(*lacking)) == []
