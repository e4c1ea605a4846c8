"""Find the line of a key in a TOML source, which `tomllib` does not report."""

import re
from collections import Counter
from collections.abc import Mapping

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\s]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+(?:\s*\.\s*[A-Za-z0-9_\-]+)*)\s*=")
_LONG_QUOTE = re.compile(r'"""|' + "'''")


def map_lines(source: str) -> Mapping[Path, int]:
    """Return the line (from 1) of every table and key that begins a line of `source`.

    A table of an array is addressed by its index: the key `text` of the second item of the first
    theme is `("themes", 0, "items", 1, "text")`.

    >>> map_lines('id = "a"\\n[[themes]]\\nid = "b"')[("themes", 0, "id")]
    3
    """
    result: dict[Path, int] = {}
    counts: Counter[Path] = Counter()
    table: Path = ()
    within_long_text = False
    for number, line in enumerate(source.split("\n"), start=1):
        if not within_long_text:
            if header := _HEADER.match(line):
                table = _open(header, counts)
                result.setdefault(table, number)
            elif key := _KEY.match(line):
                _note(result, table + tuple(part.strip() for part in key[1].split(".")), len(table), number)
        if len(_LONG_QUOTE.findall(line)) % 2:
            within_long_text = not within_long_text
    return result


def line_of_path_or_parent(path: Path, lines: Mapping[Path, int]) -> int:
    """Return the line of `path`, or of its nearest enclosing table or key that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def _open(header: re.Match[str], counts: Counter[Path]) -> Path:
    names = [part.strip() for part in header[2].split(".")]
    table: Path = ()
    for name in names[:-1]:
        table += (name,)
        if counts[table]:
            table += (counts[table] - 1,)
    table += (names[-1],)
    if header[1] == "[[":
        counts[table] += 1
        table += (counts[table] - 1,)
    return table


def _note(result: dict[Path, int], path: Path, outer: int, number: int) -> None:
    for length in range(outer + 1, len(path) + 1):
        result.setdefault(path[:length], number)
