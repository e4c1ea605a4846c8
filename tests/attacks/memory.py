"""Read the memory of running processes as root, and tie answers to codes with what is found there.

The attacker holds the installation's secret and a backup from the open round: every code that is found is digested
and looked up there, so whatever leads to a digest leads, for mailed codes, to an address.
"""

import base64
import binascii
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.vault import codes

NEAR = 4096  # bytes of text between an identifier and answers that are read as one form or page
NEAR_POINTERS = 512  # bytes between two pointers that are read as one object
FEWEST = 8  # answers in a row that tell one person of a small round from all others
CHUNK = 16 << 20
PIECE = 1 << 18
PAGE = 4096
# where the text of a str (Python 3.11, 3.12 and later) or bytes begins in its object
STRING = (48, 40)
BYTES = (32,)
TICKET = re.compile(rb"paper(?:=|\" value=\")([A-Za-z0-9_-]{120,2000})")
TICKET_HEAD = 40


@dataclass(frozen=True, slots=True)
class Person:
    """What is true of one respondent: the code and what was answered, one sign for each item."""

    code: str
    digest: bytes
    marks: str


@dataclass(frozen=True, slots=True)
class Region:
    """A readable part of a process's memory."""

    start: int
    content: bytes


def tree(root: int) -> list[int]:
    """Return a process and all of its descendants."""
    found = [root]
    for pid in found:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(word) for word in task.read_text().split()]
    return found


def read(pid: int) -> list[Region]:
    """Return everything readable in a process but for the files that its programs and libraries come from."""
    found = []
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            words = line.split(maxsplit=5)
            start, end = (int(word, 16) for word in words[0].split("-"))
            name = words[5].strip() if len(words) > 5 else ""
            if words[1][0] != "r" or name in ("[vvar]", "[vsyscall]", "[vvar_vclock]") or _is_program(words[1], name):
                continue
            found.append(Region(start, b"".join(_pieces(memory, start, end))))
    return found


def _is_program(rights: str, name: str) -> bool:
    return "w" not in rights and name.startswith("/")


def _pieces(memory, start: int, end: int):
    for at in range(start, end, CHUNK):
        size = min(CHUNK, end - at)
        try:
            memory.seek(at)
            piece = memory.read(size)
        except OSError:
            piece = b""
        yield piece.ljust(size, b"\0")


def answers_of(person: Person) -> tuple[bytes, ...]:
    """Return the forms in which some of a person's answers may lie in memory: eight in a row at least."""
    first = person.marks[:FEWEST]
    form = "&".join(f"q{at}={mark}" for at, mark in enumerate(person.marks[:FEWEST]))
    return first.encode(), form.encode(), _telling(bytes(int(mark, 36) for mark in person.marks))


def _telling(positions: bytes) -> bytes:
    """Return eight answers in a row, as positions of options, with the fewest zeros, of which memory is full."""
    rows = [positions[at : at + FEWEST] for at in range(len(positions) - FEWEST + 1)]
    return min(rows, key=lambda row: row.count(0))


def names_of(person: Person) -> tuple[bytes, ...]:
    """Return what leads to one person by the code or, with the backup, by its digest."""
    return person.code.encode(), codes.normalise_code(person.code).encode(), person.digest.hex().encode(), person.digest


@dataclass(frozen=True, slots=True)
class _Hits:
    """Where somebody's needles lie, by person, sorted."""

    of: dict[int, list[int]]

    def near(self, other: "_Hits", distance: int) -> set[int]:
        return {one for one, mine in self.of.items() if _within(mine, other.of.get(one, []), distance)}


def _within(mine: list[int], theirs: list[int], distance: int) -> bool:
    for at in mine:
        place = bisect_left(theirs, at - distance)
        if place < len(theirs) and theirs[place] <= at + distance:
            return True
    return False


def find(regions: list[Region], needles: dict[bytes, int]) -> tuple[_Hits, dict[int, int]]:
    """Return where each person's needles lie, and for each place whose it is; no needle is shorter than eight bytes."""
    of: dict[int, list[int]] = defaultdict(list)
    places: dict[int, int] = {}
    by_head: dict[bytes, list[bytes]] = defaultdict(list)
    for needle in needles:
        by_head[needle[:FEWEST]].append(needle)
    tables = [_table(by_head, at) for at in range(0, FEWEST, 2)]
    heads = np.sort(np.array([int.from_bytes(head, "little") for head in by_head], dtype=np.uint64))
    for region in regions:
        for at in _head_places(region.content, tables, heads):
            for needle in by_head[region.content[at : at + FEWEST]]:
                if region.content.startswith(needle, at):
                    place = region.start + at
                    of[needles[needle]].append(place)
                    places[place] = needles[needle]
    return _Hits({one: sorted(found) for one, found in of.items()}), places


def _table(heads: Iterable[bytes], at: int) -> NDArray[np.bool_]:
    """Return which pairs of bytes stand at a place of some head."""
    table = np.zeros(1 << 16, dtype=np.bool_)
    table[[int.from_bytes(head[at : at + 2], "little") for head in heads]] = True
    return table


def _head_places(content: bytes, tables: Sequence[NDArray[np.bool_]], heads: NDArray[np.uint64]) -> list[int]:
    """Return where one of the heads stands: first where each pair of bytes is one of some head, which is quickly seen.

    What is left is compared as whole numbers: of zeros, and of other small bytes, memory is full.
    """
    signs = np.frombuffer(content, dtype=np.uint8)
    found: list[int] = []
    for start, end in _written(signs):
        piece = signs[start : min(end + FEWEST, len(signs))]
        # An odd and an even view of the pairs: no pair is put together twice.
        for odd in range(2):
            pairs = piece[odd : odd + (len(piece) - odd) // 2 * 2].view(np.uint16)
            places = np.flatnonzero(tables[0][pairs[: len(pairs) - len(tables) + 1]])
            for number, table in enumerate(tables[1:], start=1):
                places = places[table[pairs[places + number]]]
            words = np.zeros(len(places), dtype=np.uint64)
            for number in range(len(tables)):
                words |= pairs[places + number].astype(np.uint64) << np.uint64(16 * number)
            places = places[heads[np.searchsorted(heads, words).clip(max=len(heads) - 1)] == words]
            found += (2 * places + odd + start).tolist()
    return found


def _written(signs: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Yield the runs of pages that hold anything, in pieces that fit a processor's cache."""
    whole = len(signs) // PAGE * PAGE
    full = np.append(signs[:whole].view(np.uint64).reshape(-1, PAGE // 8).any(axis=1), [False])
    edges = np.flatnonzero(np.diff(full.astype(np.int8), prepend=0))
    for first, last in edges.reshape(-1, 2).tolist():
        for start in range(first * PAGE, last * PAGE, PIECE):
            yield start, min(start + PIECE, last * PAGE)


def holds_any(regions: list[Region], secrets: Iterable[bytes]) -> bool:
    """Tell whether a process holds one of these keys, as bytes or as hexadecimal digits."""
    needles = [form for secret in secrets for form in (secret, secret.hex().encode())]
    return any(needle in region.content for region in regions for needle in needles)


def pointers(regions: list[Region], objects: dict[int, int]) -> _Hits:
    """Return where pointers to somebody's objects lie; `objects` tells whose object begins at an address."""
    wanted = np.asarray(sorted(objects), dtype=np.uint64)
    of: dict[int, list[int]] = defaultdict(list)
    if len(wanted):
        for region in regions:
            words = np.frombuffer(region.content, dtype=np.uint64, count=len(region.content) // 8)
            near = np.flatnonzero((words >= wanted[0]) & (words <= wanted[-1]))
            for place in near[np.isin(words[near], wanted)]:
                of[objects[int(words[place])]].append(region.start + 8 * int(place))
    return _Hits({one: sorted(found) for one, found in of.items()})


def objects_at(places: dict[int, int]) -> dict[int, int]:
    """Return the addresses at which an object that holds the text at a place may begin."""
    return {place - head: one for place, one in places.items() for head in (*STRING, *BYTES)}


def tickets(regions: list[Region]) -> dict[int, bytes]:
    """Return where tickets lie: words that are as long as those that the pages carry."""
    return {
        region.start + match.start(1): match.group(1) for region in regions for match in TICKET.finditer(region.content)
    }


def _digests_in(tickets_at: dict[int, bytes], people: list[Person]) -> dict[int, int]:
    """Return whose code's digest stands in a ticket, for those that tell it."""
    known = {person.digest.hex().encode(): number for number, person in enumerate(people)}
    found = {}
    for place, ticket in tickets_at.items():
        try:
            content = base64.urlsafe_b64decode(ticket[: len(ticket) // 4 * 4])
        except (ValueError, binascii.Error):
            continue
        told = re.search(rb'"digest":"([0-9a-f]{64})"', content)
        if told and told.group(1) in known:
            found[place] = known[told.group(1)]
    return found


def linked(regions: list[Region], people: list[Person]) -> set[int]:
    """Return the people, by number, whose answers can be tied to their code with what one process holds."""
    named, name_places = find(regions, {needle: n for n, one in enumerate(people) for needle in names_of(one)})
    answered, answer_places = find(regions, {needle: n for n, one in enumerate(people) for needle in answers_of(one)})
    found = named.near(answered, NEAR)
    found |= pointers(regions, objects_at(name_places)).near(
        pointers(regions, objects_at(answer_places)), NEAR_POINTERS
    )
    return found | _by_tickets(regions, people, named, answered)


def _by_tickets(regions: list[Region], people: list[Person], named: _Hits, answered: _Hits) -> set[int]:
    at = tickets(regions)
    read: dict[int, list[int]] = defaultdict(list)
    for place, one in sorted(_digests_in(at, people).items()):
        read[one].append(place)
    found = _Hits(read).near(answered, NEAR)
    # A ticket that nobody can read still is one thread where it stands beside a code here and beside answers there.
    names = _Owned(named)
    answers = _Owned(answered)
    beside_names: dict[bytes, set[int]] = defaultdict(set)
    beside_answers: dict[bytes, set[int]] = defaultdict(set)
    for place, ticket in at.items():
        head = ticket[:TICKET_HEAD]
        beside_names[head] |= names.near(place)
        beside_answers[head] |= answers.near(place)
    for head, owners in beside_names.items():
        found |= owners & beside_answers[head]
    return found


class _Owned:
    """Places in their order, with whose they are."""

    def __init__(self, hits: _Hits) -> None:
        both = sorted((place, one) for one, places in hits.of.items() for place in places)
        self._places = [place for place, _ in both]
        self._owners = [one for _, one in both]

    def near(self, place: int) -> set[int]:
        """Return whose places lie near another."""
        first = bisect_left(self._places, place - NEAR)
        last = bisect_left(self._places, place + NEAR)
        return set(self._owners[first:last])
