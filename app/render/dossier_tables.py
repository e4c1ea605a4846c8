"""The numbers of the dossier as tables, in one language; the document and the workbook print the same ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from babel.dates import format_date
from babel.numbers import format_decimal

from app.core.catalogue import DIMENSIONS, Course
from app.core.instruments import Polarity
from app.core.languages import Language
from app.core.matching.dossier import DimensionLine, Dossier
from app.core.publication import Capped, Figure
from app.render.dossier_words import WORDS

NONE = "–"
DIGEST_SHOWN = 16


@dataclass(frozen=True, slots=True)
class DossierTable:
    """A table of the dossier: its name, its header, and rows of words and numbers."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


DAYS = {Language.FI: "d. MMMM y", Language.SV: "d MMMM y", Language.EN: "d MMMM y"}


@dataclass(frozen=True, slots=True)
class DossierFormatter:
    """Says words, numbers and tables of one dossier in one language."""

    dossier: Dossier
    language: Language
    zone: tzinfo

    def __call__(self, word: str, **numbers: object) -> str:
        """Say something by its name in the list of words."""
        return WORDS[word].read(self.language).format(**numbers)

    def day(self, moment: datetime | None) -> str:
        """Write a day in words; a dash for none."""
        if moment is None:
            return NONE
        return str(format_date(moment.astimezone(self.zone), format=DAYS[self.language], locale=self.language.value))

    def number(self, number: float, decimals: int = 0) -> str:
        """Write a number as the language does."""
        return str(format_decimal(round(number, decimals), format="#,##0.####", locale=self.language.value))

    def name(self, dimension: str) -> str:
        """Say what a dimension is called."""
        return DIMENSIONS[dimension].read(self.language)

    def span(self, ends: tuple[float, float] | None) -> str:
        """Write an interval; a dash for none."""
        return NONE if ends is None else f"{self.number(ends[0])}–{self.number(ends[1])}"

    def mean(self, figure: Figure) -> str:
        """Write a mean; a capped one as a bound."""
        bound = {Capped.LOW: "≤ ", Capped.HIGH: "≥ "}.get(figure.capped, "") if figure.capped else ""
        return bound + self.number(figure.mean or 0.0, 1)

    def cell(self, figure: Figure | None) -> str | float:
        """Return what stands in a table for a figure: a number, a bound, or a dash."""
        if figure is None or figure.mean is None:
            return NONE
        return self.mean(figure) if figure.capped else figure.mean

    def direction(self, line: DimensionLine) -> str:
        """Say which end of a scale is the good one."""
        return self("low" if line.measure.polarity is Polarity.HIGH_IS_BAD else "high")

    def tables(self) -> tuple[DossierTable, ...]:
        """Return every table, in the order of the document."""
        lines = self.dossier.dimensions
        return (
            self._of("needs", ("dimension", "mean", "interval", "good", "staff", "in_need"), map(self._need, lines)),
            self._of("supply", ("dimension", "needed", "interval", "offered", "missing"), map(self._supply, lines)),
            self._equity(),
            DossierTable(
                self("groups"),
                (self("group"), *(self.name(line.dimension) for line in lines)),
                tuple((one.name.read(self.language), *map(self.cell, one.figures)) for one in self.dossier.groups),
            ),
            self._of(
                "courses", ("course", "about", "grade", "evidence_source", "seats"),
                map(self._course, self.dossier.courses),
            ),
            self._of(
                "sources", ("round", "closed", "invited", "counted", "digest"),
                (
                    (one.title, self.day(one.closed_at), one.invited, one.counted, one.digest[:DIGEST_SHOWN])
                    for one in self.dossier.rounds
                ),
            ),
        )  # fmt: skip

    def _of(self, name: str, header: Sequence[str], rows: Iterable[tuple[str | float, ...]]) -> DossierTable:
        return DossierTable(self(name), tuple(self(one) for one in header), tuple(rows))

    def _need(self, line: DimensionLine) -> tuple[str | float, ...]:
        interval = line.figure.interval if line.figure else None
        return (
            self.name(line.dimension),
            self.cell(line.figure),
            self.span(interval),
            self.direction(line),
            line.staff,
            line.staff_in_need,
        )

    def _supply(self, line: DimensionLine) -> tuple[str | float, ...]:
        return (
            self.name(line.dimension),
            round(line.forecast),
            self.span(line.interval),
            line.offered,
            seats_missing(line),
        )

    def _equity(self) -> DossierTable:
        header = ("municipality", "communities", "own", "staff", "in_need", "greatest", "wished", "given", "per_100")
        rows = (
            (
                one.name if one.member else f"{one.name} ({self('paying')})",
                one.communities,
                one.own,
                one.staff,
                one.staff_in_need,
                self.name(one.greatest) if one.greatest else NONE,
                one.wished,
                NONE if one.given is None else one.given,
                NONE if one.given_for_100 is None else round(one.given_for_100, 1),
            )
            for one in self.dossier.municipalities
        )
        return self._of("equity", header, rows)

    def _course(self, course: Course) -> tuple[str | float, ...]:
        about = ", ".join(f"{self.name(one.dimension)}\u00a0{one.value}" for one in course.dimensions if one.value)
        source = " ".join(filter(None, (course.evidence_note, course.evidence_url))) or NONE
        seats = sum(one.capacity for one in course.offerings)
        return course.title.read(self.language), about or NONE, course.evidence_grade.value, source, seats


def seats_missing(line: DimensionLine) -> int:
    """Return how many seats fewer there are than the lower end of the estimate asks for."""
    return max(0, round(line.interval[0]) - line.offered)
