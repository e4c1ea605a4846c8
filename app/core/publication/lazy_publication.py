"""Publications that load only the parts that a page needs."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Protocol

from app.core.organisations import ReportingUnit
from app.core.publication.cell_lookup import EMPTY_LOOKUP, CellLookup
from app.core.publication.figures import Cell, Level, Measure
from app.core.publication.parts import PART_LISTS, PartEntry, PublicationHeader
from app.core.publication.publication import Publication


class PartSource(Protocol):
    """Where a stored publication is read from; PublicationSealMismatch if it was changed or is missing."""

    def header(self) -> PublicationHeader:
        """Return the header."""

    def lookup(self, header: PublicationHeader, entry: PartEntry) -> CellLookup:
        """Return the lookup of one part."""

    def prefetch(self, entries: Sequence[PartEntry]) -> None:
        """Load parts at once, where they are not in memory yet."""

    def load_whole_publication(self, header: PublicationHeader) -> Publication:
        """Return the whole publication."""


class LazyPublication(Publication):
    """A publication of which header and parts are loaded when they are first asked for.

    Fields that `known` names are there at once, the others come from the header. The long lists (`figures` and so on)
    load all parts each time: whoever needs several of them takes `load_completely()` once.
    """

    digest: str
    _source: PartSource
    _unit_count: int

    def __new__(cls, **values: Any) -> "Publication":  # type: ignore[misc]
        """Return a publication in memory: `dataclasses.replace` makes a changed publication in this way."""
        return Publication(**values)

    @staticmethod
    def create(digest: str, source: PartSource, *, unit_count: int, known: Mapping[str, Any]) -> "LazyPublication":
        """Return a publication with the digest of its header, its source, and what is known without the header."""
        publication: LazyPublication = object.__new__(LazyPublication)
        publication.__dict__.update(known, digest=digest, _source=source, _unit_count=unit_count)
        return publication

    @property
    def header(self) -> PublicationHeader:
        """The header; its source keeps it in memory."""
        return self._source.header()

    @property
    def cache_key(self) -> Hashable:
        """What tells this publication apart in caches."""
        return self.digest

    @property
    def unit_count(self) -> int:
        """The number of reporting units."""
        return self._unit_count

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells of the round, in order."""
        return self.header.cells

    @property
    def has_items(self) -> bool:
        """Whether figures of single items are published."""
        return "items" in self.header.orders

    def has_results(self, cell: Cell) -> bool:
        """Tell whether anything is published of a cell: numbers or a placement."""
        if cell.group is not None:
            return super().has_results(cell)
        entry = self.header.entry_of(cell)
        return entry is not None and entry.has_results

    def mean_of(self, unit: str, measure: str) -> float | None:
        """Return the printed mean of a scale over everybody in a unit, a capped one's cap; None if it is not shown."""
        entry = self.header.entry_of(Cell(Level.COMMUNITY, unit))
        return None if entry is None else self._of_scale(entry.means, measure)

    def sort_estimate_of(self, unit: str, measure: str) -> float | None:
        """Return by what units are put in order: the shrunken estimate of a shown scale, else its mean, else None."""
        entry = self.header.entry_of(Cell(Level.COMMUNITY, unit))
        return None if entry is None else self._of_scale(entry.estimates, measure)

    def _of_scale(self, values: tuple[float | None, ...], measure: str) -> float | None:
        names = [scale.id for scale in self.header.publication.scales]
        return values[names.index(measure)] if values and measure in names else None

    def prefetch(self, cells: Iterable[Cell]) -> None:
        """Load what is published of these cells at once, where it is not in memory yet."""
        header = self.header
        entries = dict.fromkeys(header.entry_of(cell) for cell in cells)
        self._source.prefetch([entry for entry in entries if entry is not None])

    def load_completely(self) -> Publication:
        """Return the publication with everything in memory, for readers that need all of it."""
        return self._source.load_whole_publication(self.header)

    def find_unit_of_community(self, community: str) -> ReportingUnit | None:
        """Return the reporting unit with this id, or the one under which this community is reported."""
        return self.header.publication.find_unit_of_community(community)

    def measure(self, measure: str) -> Measure:
        """Return the measure with this id; KeyError if there is none."""
        return self.header.publication.measure(measure)

    def _lookup_of(self, cell: Cell) -> CellLookup:
        entry = self.header.entry_of(cell)
        return EMPTY_LOOKUP if entry is None else self._source.lookup(self.header, entry)

    def __eq__(self, other: object) -> bool:
        """Compare by digest, else by content."""
        if isinstance(other, LazyPublication):
            return self.digest == other.digest
        return self.load_completely() == other

    def __hash__(self) -> int:
        """Return the hash of the digest."""
        return hash(self.digest)

    def __repr__(self) -> str:
        """Name the publication without loading it."""
        return f"LazyPublication(round={self.round}, digest={self.digest[:12]!r})"


class _HeaderField:
    """A field that is read from the header."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, publication: LazyPublication | None, _owner: type) -> Any:
        return self if publication is None else getattr(publication.header.publication, self.name)


class _ListField:
    """A long list, which is read from all parts each time: kept lists would fill the memory of a process."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, publication: LazyPublication | None, _owner: type) -> Any:
        return self if publication is None else getattr(publication.load_completely(), self.name)


# These are found before the class attributes that hold the defaults of `Publication`, and after what an instance holds.
for _field in fields(Publication):
    setattr(LazyPublication, _field.name, (_ListField if _field.name in PART_LISTS else _HeaderField)(_field.name))
