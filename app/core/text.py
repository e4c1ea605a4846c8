"""Normalise text that people write: one-line names, longer texts, comparison keys and sort keys.

The same letter may be written in several ways (`ä`, or `a` with a combining diaeresis), a blank may be a no-break
space, and a text that was copied from a web page may hold characters that nobody sees. Everything that comes in is
brought into one form, and names are compared by a key, so that what looks equal is equal.
"""

import re
import unicodedata
from functools import lru_cache

ZERO_WIDTH_JOINER = "\N{ZERO WIDTH JOINER}"
# Overrides of the writing direction let a text read differently from what it is; a byte order mark is no text.
_NEVER_TEXT = dict.fromkeys(map(ord, "\u202d\u202e\ufeff"))
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-") | dict.fromkeys(map(ord, "’‘`´ʼ"), "'")
_ACCEPTED_CONTROLS = frozenset("\n\t")
_SIMPLE = re.compile(r"[!-~]+(?: [!-~]+)*")  # printable ASCII, single blanks inside: its own normal form


def normal_line(text: str) -> str:
    """Return a name or another text of one line in its normal form: NFC, single blanks, nothing invisible.

    Control characters stay, so that a check can name them.

    >>> normal_line(" Ma\\u0308kela\\u0308n\\u00a0 kou\\u00adlu "), normal_line("a\\u2028b")
    ('Mäkelän koulu', 'a b')
    """
    if _SIMPLE.fullmatch(text):
        return text
    visible = "".join(_visible(text))
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def normal_text(text: str) -> str:
    """Return a text of several lines in its normal form: NFC, line ends as `\\n`; no-break spaces and emoji stay.

    >>> normal_text("One\\r\\ntwo\\u2028three 100\\u00a0%")
    'One\\ntwo\\nthree 100\\xa0%'
    """
    return unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text).translate(_NEVER_TEXT))


def match_key(text: str) -> str:
    """Return what two names have in common that a reader takes for the same: letter case and kinds of dashes aside.

    >>> match_key("Mäkelän  KOULU") == match_key("ma\\u0308kela\\u0308n\\u00a0koulu")
    True
    >>> match_key("A–B") == match_key("a-b")
    True
    """
    line = normal_line(text).translate(_DASHES)  # before NFKC too: it takes the acute accent apart
    folded = unicodedata.normalize("NFKC", line).casefold().translate(_DASHES)
    return normal_line(unicodedata.normalize("NFKC", folded))


def bad_characters_with_positions(text: str) -> tuple[tuple[int, str], ...]:
    """Return the characters that cannot be stored or shown, each with its place counted from 1, as `U+0000`.

    These are control characters other than a line end and a tab, halves of a surrogate pair, and noncharacters.

    >>> bad_characters_with_positions("Ma\\x00ija"), bad_characters_with_positions("Maija 👩\\u200d🏫\\u00a0")
    (((3, 'U+0000'),), ())
    """
    if text.isprintable():
        return ()
    return tuple((place, f"U+{ord(char):04X}") for place, char in enumerate(text, start=1) if _is_bad(char))


def without_bad_characters(text: str) -> str:
    """Return a text of several lines in its normal form, without what cannot be stored or shown.

    >>> without_bad_characters("One\\r\\ntwo\\x00")
    'One\\ntwo'
    """
    normal = normal_text(text)
    return normal if normal.isprintable() else "".join(char for char in normal if not _is_bad(char))


@lru_cache(maxsize=16_384)
def sort_key(text: str) -> tuple[str, str, str]:
    """Return the key of Finnish and Swedish alphabetical order: å, ä and ö follow z; letter case decides last.

    Letters of other languages stand with the letter that they are read as: é with e, ü with y, æ with ä, ø with ö.
    The order of a database is not relied upon: it differs between SQLite and PostgreSQL and between servers.

    >>> sorted(["Öja", "Zeta", "Åbo", "alfa", "Ähtäri", "Émile", "Edla"], key=sort_key)
    ['alfa', 'Edla', 'Émile', 'Zeta', 'Åbo', 'Ähtäri', 'Öja']
    """
    composed = unicodedata.normalize("NFC", text)
    lower = composed.lower()
    return "".join(map(_primary, lower)), lower, composed.swapcase()


_LETTERS = {
    "å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "œ": "oe", "ü": "y", "ð": "d", "đ": "d", "þ": "th",
    "ł": "l", "ß": "ss", "ı": "i", "ŋ": "n", "ŧ": "t", "{": "(", "|": "(", "}": "(", "~": "(",
}  # fmt: skip


def _primary(char: str) -> str:
    known = _LETTERS.get(char)
    if known is not None or char.isascii():
        return known or char
    decomposed = unicodedata.normalize("NFKD", char)
    return "".join(part for part in decomposed if not unicodedata.combining(part)) or char


def _visible(text: str) -> list[str]:
    """Return a text without its invisible characters; a joiner inside an emoji is part of what is seen."""
    return [
        char
        for place, char in enumerate(text)
        if unicodedata.category(char) != "Cf" or (char == ZERO_WIDTH_JOINER and _joins(text, place))
    ]


def _joins(text: str, place: int) -> bool:
    following = text[place + 1 : place + 2]
    return place > 0 and bool(following) and ord(following) > 0x2000 and ord(text[place - 1]) > 0x2000


def _is_bad(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cc":
        return char not in _ACCEPTED_CONTROLS
    return category == "Cs" or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
