"""Comments: words that are sealed like a ballot, bound to nothing, and looked through before anybody reads them.

Every slot is equally long, and everybody who answers in such a round fills one, empty or not: neither
a box nor its key tells who wrote anything.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SIZE = 2048
LONGEST = 1000
POOLED = ""  # the communities that wrote too little for a list of their own, together
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
    """The bytes are no comment."""


@dataclass(frozen=True, slots=True)
class Comment:
    """Some words, the community they came from, what was noticed in them, and whether they are withheld.

    `key` is chance and names the comment while it is looked through; `unit` is empty for those who
    wrote in communities with too few comments for a list of their own.
    """

    key: str
    unit: str
    words: str
    noticed: tuple[str, ...] = ()
    withheld: bool = False


def fits_slot(words: str) -> bool:
    """Tell whether words are few enough for a slot.

    >>> fits_slot("x" * 1000), fits_slot("x" * 1001)
    (True, False)
    """
    return not words or (len(words) <= LONGEST and _encoded(words) is not None)


def encode(words: str) -> bytes:
    """Return the words as exactly 2,048 bytes; ValueError if they do not fit.

    >>> len(encode("Less noise")), decode(encode("Enemmän rauhaa"))
    (2048, 'Enemmän rauhaa')
    """
    result = _encoded(words) if fits_slot(words) else None
    if result is None:
        message = "these words do not fit a slot"
        raise ValueError(message)
    encoding, content = result
    return (bytes((encoding,)) + len(content).to_bytes(2) + content).ljust(SIZE, b"\0")


def decode(content: bytes) -> str:
    """Return the words that `encode` wrote; InvalidComment if these bytes are none."""
    length = int.from_bytes(content[1:_HEAD])
    if len(content) != SIZE or content[0] >= len(_ENCODINGS) or length > SIZE - _HEAD:
        raise InvalidComment
    try:
        return content[_HEAD : _HEAD + length].decode(_ENCODINGS[content[0]]).replace("\0", "")
    except UnicodeDecodeError as fault:
        raise InvalidComment from fault


def find_names(words: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the words that look like one of `names` or like a role that few people have, as they were written.

    Endings are cut roughly, in a way that suits Finnish and Swedish. It notices too much rather than too little.

    >>> find_names("Kysykää Virtaselta tai rehtorilta.", ["Virtanen"])
    ('Virtaselta', 'rehtorilta')
    """
    stems = {_stem(name) for name in names if len(name) >= _SHORTEST_NAME}
    result = (word for word in _WORD.findall(words) if _is_role(word) or _is_named(word, stems))
    return tuple(dict.fromkeys(result))


def name_parts(texts: Iterable[str]) -> frozenset[str]:
    """Return the parts of addresses and names that could be somebody's name.

    >>> sorted(name_parts(["maija.virtanen@school.example", "Kim Demo"]))
    ['Demo', 'Kim', 'maija', 'virtanen']
    """
    parts = (part for text in texts for part in _WORD.findall(text.partition("@")[0].replace("-", " ")))
    return frozenset(part for part in parts if len(part) >= _SHORTEST_NAME)


def readable_comments(written: Mapping[str, Sequence[str]], *, least: int) -> dict[str, tuple[str, ...]]:
    """Return which comments may be read: each community's own from `least` on, the others together from `least` on.

    >>> readable_comments({"a": ["1"] * 10, "b": ["2"] * 6, "c": ["3"] * 3}, least=10).keys()
    dict_keys(['a'])
    """
    own = {unit: tuple(words) for unit, words in written.items() if len(words) >= least}
    rest = tuple(word for unit, words in written.items() if unit not in own for word in words)
    return own | ({POOLED: rest} if len(rest) >= least else {})


def _encoded(words: str) -> tuple[int, bytes] | None:
    # No database keeps every control character, and a count must not fail over one person's.
    kept = "".join(sign for sign in words if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})
    ways = ((number, kept.encode(encoding)) for number, encoding in enumerate(_ENCODINGS))
    shortest = min(ways, key=lambda way: len(way[1]))
    return shortest if len(shortest[1]) <= SIZE - _HEAD else None


def _is_role(word: str) -> bool:
    return word.casefold().startswith(ROLE_WORDS)


def _is_named(word: str, stems: Iterable[str]) -> bool:
    folded = _folded(word)
    return any(folded.startswith(stem) and len(folded) <= len(stem) + 8 for stem in stems)


def _stem(name: str) -> str:
    folded = _folded(name)
    return folded[: max(4, len(folded) - 3)]


def _folded(word: str) -> str:
    # Doubled consonants come and go with the ending: Matti, Matin.
    return re.sub(r"(.)\1", r"\1", word.casefold())
