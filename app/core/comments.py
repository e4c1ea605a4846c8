"""Comments: free text, encrypted like a ballot but not linked to it, and reviewed before it is shown.

Every slot has the same length, and every respondent of a round with comments fills one, even with an
empty text. So neither the box nor its key reveals who wrote a comment.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SLOT_BYTES = 2048
MAX_COMMENT_LENGTH = 1000
POOLED = ""  # key of the shared list of communities with too few comments
_HEAD = 3
_ENCODINGS = ("utf-8", "utf-16-le")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORTEST_NAME = 3

ROLE_WORDS = (
    "rehtor", "apulaisrehtor", "vararehtor", "johtaja", "apulaisjohtaja", "varajohtaja", "koulunjohtaja",
    "päiväkodinjohtaja", "esihenkilö", "esimies", "esimieh", "kuraattor", "psykolog", "erityisopettaj",
    "terveydenhoitaj", "koulusihteer", "vahtimest", "luottamusmies", "luottamusmieh", "luottamushenkil", "pomo",
    "rektor", "biträdande", "föreståndar", "chef", "förman", "kurator", "speciallärar", "skolsekreterar",
    "vaktmästar", "förtroende", "hälsovårdar",
    "principal", "headteacher", "headmaster", "headmistress", "director", "manager", "supervisor", "boss",
    "counsellor", "psychologist", "caretaker", "secretary", "steward",
)  # fmt: skip


class InvalidComment(Exception):
    """The bytes are not a comment."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its text, its community, the words found suspicious, and whether it is withheld.

    `key` is random and identifies the comment during review. `unit` is empty for comments from communities
    with too few comments for a list of their own.
    """

    key: str
    unit: str
    text: str
    suspicious_words: tuple[str, ...] = ()
    withheld: bool = False


def fits_slot(text: str) -> bool:
    """Tell whether a text fits into a slot.

    >>> fits_slot("x" * 1000), fits_slot("x" * 1001)
    (True, False)
    """
    return not text or (len(text) <= MAX_COMMENT_LENGTH and _encoded(text) is not None)


def encode_text(text: str) -> bytes:
    """Return the text as exactly 2,048 bytes; ValueError if it does not fit.

    >>> len(encode_text("Less noise")), decode_text(encode_text("Enemmän rauhaa"))
    (2048, 'Enemmän rauhaa')
    """
    result = _encoded(text) if fits_slot(text) else None
    if result is None:
        message = "these words do not fit a slot"
        raise ValueError(message)
    encoding, content = result
    return (bytes((encoding,)) + len(content).to_bytes(2) + content).ljust(SLOT_BYTES, b"\0")


def decode_text(content: bytes) -> str:
    """Return the text that `encode_text` wrote; InvalidComment for other bytes."""
    length = int.from_bytes(content[1:_HEAD])
    if len(content) != SLOT_BYTES or content[0] >= len(_ENCODINGS) or length > SLOT_BYTES - _HEAD:
        raise InvalidComment
    try:
        return content[_HEAD : _HEAD + length].decode(_ENCODINGS[content[0]]).replace("\0", "")
    except UnicodeDecodeError as fault:
        raise InvalidComment from fault


def find_suspicious_words(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the words of a text that look like one of `names` or like a role that few people have.

    Cuts endings roughly, in a way that suits Finnish and Swedish; prefers false positives to misses.

    >>> find_suspicious_words("Kysykää Virtaselta tai rehtorilta.", ["Virtanen"])
    ('Virtaselta', 'rehtorilta')
    """
    stems = {_stem(name) for name in names if len(name) >= _SHORTEST_NAME}
    result = (word for word in _WORD.findall(text) if _is_role(word) or _is_named(word, stems))
    return tuple(dict.fromkeys(result))


def name_parts(texts: Iterable[str]) -> frozenset[str]:
    """Return the parts of addresses and names that could be a person's name.

    >>> sorted(name_parts(["maija.virtanen@school.example", "Kim Demo"]))
    ['Demo', 'Kim', 'maija', 'virtanen']
    """
    parts = (part for text in texts for part in _WORD.findall(text.partition("@")[0].replace("-", " ")))
    return frozenset(part for part in parts if len(part) >= _SHORTEST_NAME)


def publishable_own_and_pooled_comments(
    written: Mapping[str, Sequence[str]], *, min_comments: int
) -> dict[str, tuple[str, ...]]:
    """Return the comments that may be read, by community.

    A community needs `min_comments` comments for a list of its own. The remaining communities share one list, which
    needs as many.

    >>> publishable_own_and_pooled_comments({"a": ["1"] * 10, "b": ["2"] * 6, "c": ["3"] * 3}, min_comments=10).keys()
    dict_keys(['a'])
    """
    own = {unit: tuple(words) for unit, words in written.items() if len(words) >= min_comments}
    rest = tuple(word for unit, words in written.items() if unit not in own for word in words)
    return own | ({POOLED: rest} if len(rest) >= min_comments else {})


def _encoded(words: str) -> tuple[int, bytes] | None:
    # Databases do not store every control character, and one comment must not make a count fail.
    printable = "".join(sign for sign in words if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})
    ways = ((number, printable.encode(encoding)) for number, encoding in enumerate(_ENCODINGS))
    shortest = min(ways, key=lambda way: len(way[1]))
    return shortest if len(shortest[1]) <= SLOT_BYTES - _HEAD else None


def _is_role(word: str) -> bool:
    return word.casefold().startswith(ROLE_WORDS)


def _is_named(word: str, stems: Iterable[str]) -> bool:
    folded = _folded(word)
    return any(folded.startswith(stem) and len(folded) <= len(stem) + 8 for stem in stems)


def _stem(name: str) -> str:
    folded = _folded(name)
    return folded[: max(4, len(folded) - 3)]


def _folded(word: str) -> str:
    # Double consonants depend on the ending: Matti, Matin.
    return re.sub(r"(.)\1", r"\1", word.casefold())
