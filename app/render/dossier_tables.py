"""Tables of the dossier in one language, shared by the document and the workbook."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from babel.dates import format_date
from babel.numbers import format_decimal

from app.core.catalogue import DIMENSIONS, Course
from app.core.instruments import Polarity
from app.core.languages import Language
from app.core.matching.dossier import DimensionLine, Dossier, MunicipalityFloorLine, SeatUseLine, SupplyPlanLine
from app.core.publication import Capped, Figure
from app.render.dossier_words import WORDS

NONE = "–"
DIGEST_SHOWN = 16
NEEDS_HEADER = ("dimension", "mean", "interval", "good", "staff", "need", "need_interval")
HUNDRED = 100  # the mean need of the region, as it is printed


@dataclass(frozen=True, slots=True)
class DossierTable:
    """A table of the dossier: its name, its header, and rows of words and numbers."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


DAYS = {Language.FI: "d. MMMM y", Language.SV: "d MMMM y", Language.EN: "d MMMM y"}


@dataclass(frozen=True, slots=True)
class DossierFormatter:
    """Formats the words, numbers and tables of one dossier in one language."""

    dossier: Dossier
    language: Language
    zone: tzinfo

    def __call__(self, key: str, **numbers: object) -> str:
        """Return the text of a key of `WORDS`, with its numbers filled in."""
        return WORDS[key].in_language(self.language).format(**numbers)

    def day(self, moment: datetime | None) -> str:
        """Write a day in words; a dash for none."""
        if moment is None:
            return NONE
        return str(format_date(moment.astimezone(self.zone), format=DAYS[self.language], locale=self.language.value))

    def number(self, number: float, decimals: int = 0) -> str:
        """Write a number as the language does."""
        return str(format_decimal(round(number, decimals), format="#,##0.####", locale=self.language.value))

    def dimension_name(self, dimension: str) -> str:
        """Return the name of a dimension in the language of the dossier."""
        return DIMENSIONS[dimension].in_language(self.language)

    def interval(self, ends: tuple[float, float] | None) -> str:
        """Write an interval; a dash for none."""
        return NONE if ends is None else f"{self.number(ends[0])}–{self.number(ends[1])}"

    def mean(self, figure: Figure) -> str:
        """Write a mean; a capped one as a bound."""
        bound = {Capped.LOW: "≤ ", Capped.HIGH: "≥ "}.get(figure.capped, "") if figure.capped else ""
        return bound + self.number(figure.mean or 0.0, 1)

    def mean_cell(self, figure: Figure | None) -> str | float:
        """Return what stands in a table for a figure: a number, a bound, or a dash."""
        if figure is None or figure.mean is None:
            return NONE
        return self.mean(figure) if figure.capped else figure.mean

    def good_direction(self, line: DimensionLine) -> str:
        """Say which end of a scale is the good one."""
        return self("low" if line.measure.polarity is Polarity.HIGH_IS_BAD else "high")

    def dimension_name_or_questionnaire_title(self, line: DimensionLine) -> str:
        """Return the name of a line's dimension; where a low number is good, the title in its questionnaire."""
        if line.measure.polarity is Polarity.HIGH_IS_BAD:
            return line.title.in_language(self.language)
        return self.dimension_name(line.dimension)

    def directed_name(self, line: DimensionLine) -> str:
        """Return the name of a dimension; where a low number is good, it says so."""
        name = self.dimension_name_or_questionnaire_title(line)
        if line.measure.polarity is Polarity.HIGH_IS_GOOD:
            return name
        return f"{name} ({self('good').lower()}: {self.good_direction(line)})"

    def main_tables(self) -> tuple[DossierTable, ...]:
        """Return the six tables that every dossier has, in the order of the document.

        Seats used and the supply plan are not among them.
        """
        lines = self.dossier.dimensions
        return (
            self._of("needs", NEEDS_HEADER, map(self._need, lines)),
            self._of("supply", ("dimension", "needed", "interval", "offered", "missing"), map(self._supply, lines)),
            self._equity(),
            DossierTable(
                self("groups"),
                (self("group"), *(self.directed_name(line) for line in lines)),
                tuple(
                    (line.name.in_language(self.language), *map(self.mean_cell, line.figures))
                    for line in self.dossier.groups
                ),
            ),
            self._of(
                "courses", ("course", "about", "grade", "evidence_source", "seats"),
                map(self._course, self.dossier.courses),
            ),
            self._of(
                "sources", ("round", "closed", "invited", "counted", "digest"),
                (
                    (
                        line.title.in_language(self.language), self.day(line.closed_at), line.invited, line.counted,
                        line.digest[:DIGEST_SHOWN],
                    )
                    for line in self.dossier.rounds
                ),
            ),
        )  # fmt: skip

    def seat_use_table(self) -> DossierTable | None:
        """Return the table of seats used; None where no numbers are known."""
        if not self.dossier.used:
            return None
        header = ("course", "granted", "taken", "completed", "completed_share")
        return self._of("used", header, map(self._used, self.dossier.used))

    def supply_plan_tables(self) -> tuple[DossierTable, ...]:
        """Return the tables of the supply plan: its courses, and the seats guaranteed; none without a plan."""
        plan = self.dossier.plan
        if plan is None:
            return ()
        courses = self._of(
            "plan", ("course", "times", "seats", "money", "hours", "gain_share"), map(self._planned, plan.lines)
        )
        if not plan.floors:
            return (courses,)
        floors = self._of(
            "plan_floors", ("municipality", "seats", "promised", "floor_price"), map(self._floor, plan.floors)
        )
        return courses, floors

    def _used(self, line: SeatUseLine) -> tuple[str | float, ...]:
        share = round(100 * line.completed / line.granted) if line.granted else NONE
        return line.course.in_language(self.language), line.granted, line.taken, line.completed, share

    def _planned(self, line: SupplyPlanLine) -> tuple[str | float, ...]:
        name = line.course.in_language(self.language)
        return name, line.times, line.seats, round(line.money), round(line.hours), round(100 * line.gain, 1)

    def _floor(self, line: MunicipalityFloorLine) -> tuple[str | float, ...]:
        return line.municipality, line.seats, line.promised, round(100 * line.price, 1)

    def _of(self, name: str, header: Sequence[str], rows: Iterable[tuple[str | float, ...]]) -> DossierTable:
        return DossierTable(self(name), tuple(self(item) for item in header), tuple(rows))

    def _need(self, line: DimensionLine) -> tuple[str | float, ...]:
        interval = line.figure.interval if line.figure else None
        return (
            self.dimension_name_or_questionnaire_title(line),
            self.mean_cell(line.figure),
            self.interval(interval),
            self.good_direction(line),
            line.staff,
            round(HUNDRED * line.need),
            self.interval(scale_interval_to_region_mean_100(line.need_interval)),
        )

    def _supply(self, line: DimensionLine) -> tuple[str | float, ...]:
        return (
            self.dimension_name(line.dimension),
            round(line.forecast),
            self.interval(line.interval),
            line.offered,
            min_seats_missing(line),
        )

    def _equity(self) -> DossierTable:
        header = ("municipality", "communities", "own", "staff", "greatest", "need", "requested", "granted", "per_100",
                  "expected")  # fmt: skip
        rows = (
            (
                municipality.name if municipality.member else f"{municipality.name} ({self('paying')})",
                municipality.communities,
                municipality.own,
                municipality.staff,
                self.dimension_name(municipality.greatest) if municipality.greatest else NONE,
                round(HUNDRED * municipality.need),
                municipality.requested,
                NONE if municipality.granted is None else municipality.granted,
                NONE
                if municipality.granted_seats_per_100_staff is None
                else round(municipality.granted_seats_per_100_staff, 1),
                NONE if municipality.expected is None else municipality.expected,
            )
            for municipality in self.dossier.municipalities
        )
        return self._of("equity", header, rows)

    def _course(self, course: Course) -> tuple[str | float, ...]:
        about = ", ".join(
            f"{self.dimension_name(dimension.dimension)}\u00a0{dimension.value}"
            for dimension in course.dimensions
            if dimension.value
        )
        source = " ".join(filter(None, (course.evidence_note.in_language(self.language), course.evidence_url))) or NONE
        seats = sum(offering.capacity for offering in course.offerings)
        return course.title.in_language(self.language), about or NONE, course.evidence_grade.value, source, seats


def scale_interval_to_region_mean_100(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return an interval of needs as it is printed, 100 being the mean of the region."""
    return None if interval is None else (HUNDRED * interval[0], HUNDRED * interval[1])


def min_seats_missing(line: DimensionLine) -> int:
    """Return how many seats fewer there are than the lower end of the estimate asks for."""
    return max(0, round(line.interval[0]) - line.offered)
