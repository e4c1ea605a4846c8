"""Publications in parts: one for the region and each municipality and community, sealed by a header.

The header is the publication's JSON in which each long list is replaced by a description of its order; at its end are
the parts with their digests (a hash list). The digest of the header seals everything. From header and parts the very
text of the whole publication can be joined again, so a digest of the whole text stays checkable.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain, groupby, islice
from typing import Any, NamedTuple

from app.core.publication.cell_lookup import CellLookup
from app.core.publication.codec import FORMAT, InvalidPublication, decode_value, digest_of_json, from_json, to_json
from app.core.publication.figures import (
    Balance,
    Cell,
    DisclosureState,
    Figure,
    Level,
    MeasureKind,
    Participation,
    Quadrants,
)
from app.core.publication.json_writer import encode_objects, encode_plain_data
from app.core.publication.publication import Publication

HEADER_FORMAT = 2
PartKey = tuple[Level, str]
PART_LISTS: Mapping[str, Any] = {
    "participation": Participation,
    "figures": Figure,
    "quadrants": Quadrants,
    "balances": Balance,
    "items": Figure,  # the last in a part, so that they can be left for later: see `part_lookup`
}
_ITEMS = ',"items":['
# How the elements of a list follow one another: part by part, or measure by measure and within it part by part.
BY_PART = "parts"
BY_MEASURE = "measures"


@dataclass(frozen=True, slots=True)
class PublicationPart:
    """What is published of the region, a municipality or a community, with its staff groups."""

    level: Level
    unit: str
    participation: tuple[Participation, ...] = ()
    figures: tuple[Figure, ...] = ()
    items: tuple[Figure, ...] = ()
    quadrants: tuple[Quadrants, ...] = ()
    balances: tuple[Balance, ...] = ()


@dataclass(frozen=True, slots=True)
class PartEntry:
    """A part in the header's hash list.

    `groups` are the staff groups of its cells in order, None for everybody. `has_results`: numbers or a placement of
    everybody in the unit are published. `means` and `estimates` are those of `Publication.mean_of` and
    `sort_estimate_of`, in the order of the scales; empty where all are None.
    """

    level: Level
    unit: str
    digest: str
    groups: tuple[str | None, ...] = (None,)
    has_results: bool = True
    means: tuple[float | None, ...] = ()
    estimates: tuple[float | None, ...] = ()

    @property
    def key(self) -> PartKey:
        """Level and unit, which name the part within its publication."""
        return self.level, self.unit


@dataclass(frozen=True, slots=True)
class PublicationHeader:
    """The header: the publication without its long lists, and the hash list of its parts.

    `places` are the places of the parts in `entries`; `orders` says how the elements of each long list follow one
    another.
    """

    publication: Publication
    entries: tuple[PartEntry, ...]
    places: Mapping[PartKey, int]
    orders: Mapping[str, str | list[list[int]]]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells of the round, in order."""
        return tuple(Cell(entry.level, entry.unit, group) for entry in self.entries for group in entry.groups)

    def entry_of(self, cell: Cell) -> PartEntry | None:
        """Return the entry of the part that holds a cell, or None."""
        place = self.places.get((cell.level, cell.unit))
        return None if place is None else self.entries[place]


@dataclass(frozen=True, slots=True)
class PartText:
    """A part as text with its digest."""

    level: Level
    unit: str
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class SplitPublication:
    """A publication as text: `digest` is that of the header, which seals all parts."""

    digest: str
    header: str
    parts: tuple[PartText, ...]


class _Element(NamedTuple):
    """An element of a long list as text, and what decides its place."""

    key: PartKey
    group: str | None
    measure: str
    has_results: bool
    mean: float | None
    estimate: float | None
    text: str


def split_publication(publication: Publication) -> SplitPublication:
    """Split a publication into a header and parts; equal publications give equal texts."""
    whole = publication.load_completely()
    elements = {name: _elements(getattr(whole, name), kind) for name, kind in PART_LISTS.items()}
    without: dict[str, Any] = dict.fromkeys(PART_LISTS, ())
    short: dict[str, Any] = json.loads(to_json(replace(whole, **without)))
    names = ["format", *(field.name for field in fields(Publication))]
    plain = {name: short.get(name) for name in names if name in short or elements.get(name)}
    return _seal(plain, elements)


def split_publication_json(text: str) -> SplitPublication:
    """Split the JSON of a whole publication of any version; the texts are those of `split_publication`.

    Raises InvalidPublication for a text that could not be joined again byte by byte.
    """
    from_json(text)
    plain: dict[str, Any] = json.loads(text)
    elements = {name: _plain_elements(plain.get(name, ())) for name in PART_LISTS}
    sealed = _seal(plain, elements)
    if join_texts(sealed.header, (part.text for part in sealed.parts)) != text:
        raise InvalidPublication("The text of this publication is not written as it was sealed.")
    return sealed


def matches_publication_digest(text: str, seal: str) -> bool:
    """Tell whether a certificate's digest is that of a whole text, or of the header that the text is split into."""
    if digest_of_json(text) == seal:
        return True
    try:
        return split_publication_json(text).digest == seal
    except InvalidPublication:
        return False


def _elements(values: Sequence[Any], kind: Any) -> list[_Element]:
    return [
        _element(
            value.cell.level,
            value.cell.unit,
            value.cell.group,
            {name: getattr(value, name, None) for name in ("measure", "state", "mean", "shrunken")},
            text,
        )
        for value, text in zip(values, encode_objects(values, kind), strict=True)
    ]


def _plain_elements(values: Iterable[Mapping[str, Any]]) -> list[_Element]:
    return [
        _element(
            value["cell"]["level"], value["cell"]["unit"], value["cell"].get("group"), value, encode_plain_data(value)
        )
        for value in values
    ]


def _element(level: str, unit: str, group: str | None, values: Mapping[str, Any], text: str) -> _Element:
    """Return an element; `values` are those of a figure, if it is one."""
    state = values.get("state") or DisclosureState.WITHHELD
    mean = values.get("mean") if state == DisclosureState.SHOWN else None
    shrunken = values.get("shrunken") if state == DisclosureState.SHOWN else None
    return _Element(
        key=(Level(level), unit),
        group=group,
        measure=values.get("measure") or "",
        has_results=state != DisclosureState.WITHHELD,
        mean=mean,
        estimate=mean if shrunken is None else shrunken,
        text=text,
    )


def _seal(plain: Mapping[str, Any], elements: Mapping[str, Sequence[_Element]]) -> SplitPublication:
    """Return the sealed publication of a plain header, in which long lists stand for their place only."""
    keys = dict.fromkeys(element.key for name in PART_LISTS for element in elements[name])
    places = {key: place for place, key in enumerate(keys)}
    measures = {measure["id"]: place for place, measure in enumerate(plain.get("measures", ()))}
    orders = {name: _order(elements[name], places, measures) for name in PART_LISTS if elements[name]}
    parts = _sealed_parts(tuple(keys), elements)
    groups: dict[PartKey, list[str | None]] = {key: [] for key in keys}
    for element in elements["participation"]:
        groups[element.key].append(element.group)
    scales: dict[PartKey, dict[str, _Element]] = {key: {} for key in keys}
    for element in elements["figures"]:
        if element.group is None:
            scales[element.key][element.measure] = element
    names = [measure["id"] for measure in plain.get("measures", ()) if measure["kind"] == MeasureKind.SCALE]
    entries = [
        PartEntry(
            *key,
            digest=part.digest,
            groups=tuple(groups[key]),
            has_results=any(element.has_results for element in scales[key].values()),
            means=_unless_empty(scales[key][name].mean if name in scales[key] else None for name in names),
            estimates=_unless_empty(scales[key][name].estimate if name in scales[key] else None for name in names),
        )
        for key, part in zip(keys, parts, strict=True)
    ]
    members = [
        f"{encode_plain_data(name)}:{encode_plain_data(orders.get(name, value))}"
        for name, value in (dict(plain) | {"format": HEADER_FORMAT}).items()
    ]
    header = f'{{{",".join(members)},"parts":[{",".join(encode_objects(entries, PartEntry))}]}}'
    return SplitPublication(digest_of_json(header), header, parts)


def _unless_empty(values: Iterable[float | None]) -> tuple[float | None, ...]:
    result = tuple(values)
    return () if all(value is None for value in result) else result


def _sealed_parts(keys: Sequence[PartKey], elements: Mapping[str, Sequence[_Element]]) -> tuple[PartText, ...]:
    texts: dict[PartKey, dict[str, list[str]]] = {key: {} for key in keys}
    for name in PART_LISTS:
        for element in elements[name]:
            texts[element.key].setdefault(name, []).append(element.text)
    result = []
    for level, unit in keys:
        lists = "".join(f',"{name}":[{",".join(of_part)}]' for name, of_part in texts[level, unit].items())
        text = f'{{"level":{encode_plain_data(level.value)},"unit":{encode_plain_data(unit)}{lists}}}'
        result.append(PartText(level, unit, digest_of_json(text), text))
    return tuple(result)


def _order(
    elements: Sequence[_Element], places: Mapping[PartKey, int], measures: Mapping[str, int]
) -> str | list[list[int]]:
    """Return the order of a list: by part, by measure, or else the runs of elements of one part [place, length]."""
    by_part = [places[element.key] for element in elements]
    if _is_sorted(by_part):
        return BY_PART
    by_measure = [(measures.get(element.measure, -1), places[element.key]) for element in elements]
    if by_measure[0][0] >= 0 and _is_sorted(by_measure):
        return BY_MEASURE
    return [[place, len(list(run))] for place, run in groupby(by_part)]


def _is_sorted(values: Sequence[Any]) -> bool:
    return all(values[index] <= values[index + 1] for index in range(len(values) - 1))


def read_header(text: str) -> PublicationHeader:
    """Decode a header; InvalidPublication for any other text."""
    plain = _plain_header(text)
    orders = {name: plain[name] for name in PART_LISTS if plain.get(name)}
    members = {name: () if name in orders else value for name, value in plain.items() if name != "parts"}
    publication = decode_value(members | {"format": FORMAT}, Publication)
    entries = decode_value(plain.get("parts"), tuple[PartEntry, ...])
    places = {entry.key: place for place, entry in enumerate(entries)}
    return PublicationHeader(publication, entries, places, orders)


def is_header(text: str) -> bool:
    """Tell whether a stored text is a header, and not a whole publication of an earlier version."""
    return text.startswith(f'{{"format":{HEADER_FORMAT},')


def _plain_header(text: str) -> dict[str, Any]:
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise InvalidPublication(f"This is not JSON: {error}.") from error
    if not isinstance(plain, dict) or plain.get("format") != HEADER_FORMAT:
        raise InvalidPublication("This is not the header of a publication that this version reads.")
    return plain


def read_part(text: str) -> PublicationPart:
    """Decode a part; InvalidPublication for any other text."""
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise InvalidPublication(f"This is not JSON: {error}.") from error
    part: PublicationPart = decode_value(plain, PublicationPart)
    return part


def part_lookup(text: str) -> CellLookup:
    """Return the lookup of a part as it was sealed; its items are decoded when one of them is asked for."""
    others, has_items, items = text.partition(_ITEMS)
    part = read_part(f"{others}}}" if has_items else text)
    return CellLookup.build(
        participation=part.participation,
        figures=part.figures,
        quadrants=part.quadrants,
        balances=part.balances,
        read_items=lambda: _read_items(items) if has_items else (),
    )


def _read_items(text: str) -> tuple[Figure, ...]:
    items: tuple[Figure, ...] = decode_value(json.loads(f"[{text.removesuffix('}')}"), tuple[Figure, ...])
    return items


def join_parts(header: PublicationHeader, parts: Iterable[PublicationPart]) -> Publication:
    """Return the whole publication; `parts` in the order of the header's entries."""
    ready = tuple(parts)
    measures = {measure.id: place for place, measure in enumerate(header.publication.measures)}
    lists: dict[str, Any] = {
        name: tuple(
            _joined(
                [getattr(part, name) for part in ready],
                header.orders.get(name),
                measures,
                lambda value: str(value.measure),
            )
        )
        for name in PART_LISTS
    }
    return replace(header.publication, **lists)


def join_texts(header: str, parts: Iterable[str]) -> str:
    """Return the JSON text of the whole publication, byte for byte; `parts` in the order of the header's entries."""
    plain = _plain_header(header)
    ready = [json.loads(part) for part in parts]
    measures = {measure["id"]: place for place, measure in enumerate(plain.get("measures", ()))}
    members = []
    for name, value in (plain | {"format": FORMAT}).items():
        if name == "parts":
            continue
        if name in PART_LISTS and value:
            lists = [part.get(name, ()) for part in ready]
            joined = _joined(lists, value, measures, lambda element: str(element.get("measure")))
            members.append(f"{encode_plain_data(name)}:[{','.join(map(encode_plain_data, joined))}]")
        else:
            members.append(f"{encode_plain_data(name)}:{encode_plain_data(value)}")
    return f"{{{','.join(members)}}}"


def _joined(
    lists: Sequence[Sequence[Any]],
    order: str | list[list[int]] | None,
    measures: Mapping[str, int],
    measure_of: Callable[[Any], str],
) -> Iterator[Any]:
    """Yield the elements of all parts' lists in their order."""
    if isinstance(order, list):
        rest = [iter(of_part) for of_part in lists]
        for place, count in order:
            yield from islice(rest[place], count)
    elif order == BY_MEASURE:
        # The sort is stable: within a measure parts keep their order, and elements theirs within a part.
        elements = [element for of_part in lists for element in of_part]
        yield from sorted(elements, key=lambda element: measures[measure_of(element)])
    else:
        yield from chain.from_iterable(lists)
