"""Characters that PDF documents can show: those in the bundled fonts.

A document in which one character has no glyph is refused as a whole (PDF/UA), be it a keycap that a phone put into a
title. Such characters are replaced, and the pages tell before anything is printed.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.lazy import LazyCallable

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
else:
    TTFont = LazyCallable("fontTools.ttLib", "TTFont")

REPLACEMENT = "\N{WHITE SQUARE}"
_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_LINES = "\n\t"
# Joiners, enclosing keycap, selectors of a form, skin tones, tags of flags: parts of a picture, nothing by themselves.
_PARTS = {0x200D, 0x20E3, 0xFEFF, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400), *range(0xE0000, 0xE01F0)}


def font_folder() -> Path:
    """Return the folder of the fonts that documents are set in; LookupError where they are missing."""
    # They come with matplotlib: no host needs fonts of its own, and every host prints alike.
    package = find_spec("matplotlib")
    if package is None or not package.submodule_search_locations:
        message = "matplotlib, whose fonts documents are set in, is not installed"
        raise LookupError(message)
    return Path(package.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"


def replace_unprintable(text: str) -> str:
    """Return a text with a replacement for each character that the fonts lack; parts of emoji are left out.

    >>> replace_unprintable("Kevät 1\\ufe0f\\u20e3 👩\\u200d🏫 €")
    'Kevät 1 □□ €'
    """
    return "".join(_printed(character) for character in unicodedata.normalize("NFC", text))


def unprintable_characters(*texts: str) -> tuple[str, ...]:
    """Return the characters of some texts that are replaced in print, each once.

    >>> unprintable_characters("Kevät 1\\ufe0f\\u20e3", "Syksy 🍁", "🍁")
    ('🍁',)
    """
    characters = unicodedata.normalize("NFC", "".join(texts))
    return tuple(dict.fromkeys(found for found in characters if _printed(found) == REPLACEMENT != found))


def replace_unprintable_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a document with every text in it made printable."""
    return {name: _value(value) for name, value in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else replace_unprintable(value)
    if isinstance(value, Mapping):
        return replace_unprintable_values(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_value(item) for item in value]
    return value


def _printed(character: str) -> str:
    if character in _LINES or ord(character) in _glyphs():
        return "" if ord(character) in _PARTS else character
    if ord(character) in _PARTS:
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Zs", "Zl", "Zp"} else REPLACEMENT


@cache
def _glyphs() -> frozenset[int]:
    glyphs = []
    for name in _FONTS:
        with TTFont(font_folder() / name, lazy=True) as font:
            glyphs.append(set(font.getBestCmap()))
    # Control characters have a glyph in some fonts, and no place in a document.
    return frozenset(code for code in set.intersection(*glyphs) if unicodedata.category(chr(code)) not in {"Cc", "Cs"})
