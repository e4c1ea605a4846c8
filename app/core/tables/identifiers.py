"""Reject identifiers that differ from an existing one only by a leading zero or the letter O.

Identifiers go through spreadsheets, which take `091` for the number 91, `1E5` for 100000 and `k1` at the start of a
sentence for `K1`. Without a check the same school would be registered twice.
"""

import re
from collections.abc import Iterable, Mapping

from app.core.tables.errors import TableErrorCode
from app.core.tables.row_reader import RowReader
from app.core.text import match_key

_ZEROS = re.compile(r"(?<![0-9.])0+(?=[0-9])")
_POWER = re.compile(r"([0-9]+)(?:\.([0-9]+))?e\+?([0-9]{1,2})")
_CONFUSED = str.maketrans("oil", "011")
_NUMBER_WITH_LETTERS = re.compile(r"[0-9oil]*[0-9][0-9oil]*")


def look_alike_key(identifier: str) -> str:
    """Return what identifiers have in common that a person or a spreadsheet takes for one another.

    >>> look_alike_key("091") == look_alike_key("91"), look_alike_key("1E5") == look_alike_key("100000")
    (True, True)
    >>> look_alike_key("K1") == look_alike_key("k01"), look_alike_key("O91") == look_alike_key("091")
    (True, True)
    >>> len({look_alike_key(text) for text in ("K1", "K10", "K1.0", "2027-1", "2027-10", "a1", "b1")})
    7
    """
    key = match_key(identifier)
    power = _POWER.fullmatch(key)
    if power is not None:
        fraction = power[2] or ""
        key = power[1] + fraction + "0" * max(0, int(power[3]) - len(fraction))
    if _NUMBER_WITH_LETTERS.fullmatch(key):
        key = key.translate(_CONFUSED)
    return _ZEROS.sub("", key)


def find_look_alikes(new: Iterable[str], known: Iterable[str]) -> Mapping[str, str]:
    """Return, for each new identifier that looks like another, that other one: known, or earlier among the new."""
    exact = frozenset(known)
    taken = {look_alike_key(identifier): identifier for identifier in exact}
    result: dict[str, str] = {}
    for identifier in new:
        if identifier in exact:
            continue
        other = taken.setdefault(look_alike_key(identifier), identifier)
        if other != identifier:
            result[identifier] = other
    return result


def add_look_alike_errors(readers: Mapping[str, RowReader], known: Iterable[str], *, column: str) -> None:
    """Add an error to the reader of each new identifier that looks like another one."""
    for identifier, other in find_look_alikes(readers, known).items():
        readers[identifier].add_error(column, TableErrorCode.LOOKS_LIKE, identifier, other)
