"""Read pages and files as text, and find numbers that are bad when high and do not say so."""

import csv
import html
import io
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import openpyxl
from flask_babel import gettext
from pptx import Presentation

from app.core.instruments import Instrument, Polarity
from app.core.languages import Language
from app.core.publication import Cell, Figure, Level, Publication
from app.render import dossier_words
from app.reports import orientation

HIDDEN = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<(/?)([a-zA-Z0-9]+)\b[^>]*>")
ALTERNATIVE = re.compile(r'(?:alt|aria-label)="([^"]*)"')
# Tags within a sentence or a row; every other tag ends it.
INLINE = {"a", "abbr", "b", "bdi", "br", "button", "em", "i", "small", "span", "strong", "td", "th", "tspan", "wbr"}
LISTS = {"tbody", "table", "ul", "svg"}
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
TABLE_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
SENTENCE = re.compile(r"(?<=\.)\s+(?=[^\d(\s])")
NUMBER = re.compile(r"[+−]?\d+(?:[.,]\d+)?")
SPACE = re.compile(r"[\s\u00a0\u202f\u00ad\u2060\u200b]+")
RANGE = re.compile(r"[+−]?\d+(?:[.,]\d+)?\s*[–…]\s*[+−]?\d+(?:[.,]\d+)?")
# Years are no figures. Shares say themselves which end they are about, or have no good end.
SHARE = re.compile(r"\b20\d\d\b|(?:\d+\s*–\s*)?\d+ %(?:\s*\(\s*\d+–\d+\s*\))?")
COUNTED = re.compile(r"of \d+ questions \d+ better and \d+ worse")
VALUE = re.compile(r"\s*[≤≥]?\s*\d")
GROUP_LINES = 5  # printed lines below a heading, which stand for the only scale of the group
ROUND = re.compile(r"/(?:results|meetings|followup)/(\d+)")


@dataclass(frozen=True)
class Told:
    """One sentence, or one row or cell of a table or chart, and whether a heading above it says that low is good.

    `around` are the names of the row and the column of a cell.
    """

    kind: str
    text: str
    is_labelled: bool = False
    around: tuple[str, ...] = ()


def read(kind: str, content: bytes, is_heading: Callable[[str], bool]) -> Iterator[Told]:
    """Yield the sentences, the rows and the text alternatives of a page or file."""
    readers = {
        "page": _markup, "chart": _chart, "paper": _paper, "slides": _slides, "workbook": _workbook, "table": _table
    }  # fmt: skip
    for told in readers[kind](content, is_heading):
        text = SPACE.sub(" ", told.text).strip()
        if text:
            yield Told(told.kind, text, told.is_labelled, told.around)


def _markup(content: bytes, is_heading: Callable[[str], bool], kind: str = "page") -> Iterator[Told]:
    text = HIDDEN.sub(" ", content.decode())
    for words in ALTERNATIVE.findall(text):
        yield from _sentences("text alternative", html.unescape(words))
    yield from _cells(text)
    gathered: list[str] = []
    is_labelled = False
    end = 0
    for tag in TAG.finditer(text):
        gathered.append(text[end : tag.start()])
        end = tag.end()
        name = tag[2].lower()
        if name in INLINE:
            gathered.append(" ")
            continue
        whole = html.unescape("".join(gathered))
        gathered.clear()
        is_labelled = is_labelled or is_heading(whole)
        yield from _sentences("text alternative" if name == "desc" else kind, whole, is_labelled=is_labelled)
        if tag[1] and name in LISTS:
            is_labelled = False


def _cells(text: str) -> Iterator[Told]:
    """Yield each cell of every table with the names of its column and its row."""
    for table in TABLE.findall(text):
        header, *rows = [_texts(row) for row in TABLE_ROW.findall(table)]
        for row in rows:
            if len(row) == len(header):
                yield from (Told("page", cell, around=(name, row[0])) for name, cell in zip(header, row, strict=True))


def _texts(row: str) -> list[str]:
    return [html.unescape(TAG.sub(" ", cell)).strip() for cell in re.findall(r"<t[dh]\b.*?</t[dh]>", row, re.DOTALL)]


def _sentences(kind: str, text: str, *, is_labelled: bool = False) -> Iterator[Told]:
    yield from (Told(kind, part, is_labelled) for part in SENTENCE.split(SPACE.sub(" ", text)))


def _chart(content: bytes, is_heading: Callable[[str], bool]) -> Iterator[Told]:
    """Yield the texts of a drawing, a name together with the number that follows it."""
    told = list(_markup(content, is_heading, "chart"))
    yield from (item for item in told if item.kind != "chart")
    drawn = [item for item in told if item.kind == "chart" and item.text.strip()]
    for item, following in pairwise(drawn):
        number = f" {following.text}" if VALUE.match(following.text) else ""
        yield Told("chart", item.text + number, item.is_labelled)


def _paper(content: bytes, is_heading: Callable[[str], bool]) -> Iterator[Told]:
    written = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout
    labelled_lines = 0
    for line in written.decode().splitlines():
        labelled_lines = GROUP_LINES if is_heading(line) else labelled_lines - 1
        is_labelled = labelled_lines > 0
        # Two columns stand side by side; a dot begins what is said of one dimension.
        yield from (Told("paper", part, is_labelled) for part in re.split(r"\s{3,}|•", line))
        yield Told("paper", line, is_labelled)


def _slides(content: bytes, is_heading: Callable[[str], bool]) -> Iterator[Told]:
    for slide in Presentation(io.BytesIO(content)).slides:
        for shape in slide.shapes:
            yield from _sentences("text alternative", shape._element._nvXxPr.cNvPr.get("descr", ""))
            if shape.has_text_frame:
                yield from (Told("slides", paragraph.text) for paragraph in shape.text_frame.paragraphs)
            if shape.has_table:
                yield from (Told("slides", ": ".join(cell.text for cell in row.cells)) for row in shape.table.rows)
            if shape.has_chart:
                for series in shape.chart.plots[0].series:
                    for name, value in zip(shape.chart.plots[0].categories, series.values, strict=True):
                        yield Told("slides", f"{name}: {value:g}" if value is not None else name)


def _workbook(content: bytes, is_heading: Callable[[str], bool]) -> Iterator[Told]:
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        header, *rows = sheet.iter_rows(values_only=True)
        for row in rows:
            yield Told("workbook", "; ".join(f"{name}={cell}" for name, cell in zip(header, row, strict=True) if cell))


def _table(content: bytes, is_heading: Callable[[str], bool]) -> Iterator[Told]:
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"):
        yield Told("table", "; ".join(f"{name}={cell}" for name, cell in row.items() if cell))


@dataclass
class Directions:
    """Names and numbers of everything that is bad when high, as one language writes them.

    Made in a request of that language. `checked` counts, for each kind of output, the numbers that were found shown
    turned, and those found labelled.
    """

    language: Language
    publications: dict[int, Publication]
    instruments: dict[int, Instrument]
    checked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        scales = [scale for found in self.instruments.values() for scale in found.scales]
        self.raw_names = {
            name: scale.id
            for scale in scales
            if scale.polarity is Polarity.HIGH_IS_BAD
            for name in (scale.title.in_language(self.language), f"scale={scale.id};")
        }
        self.turned_names = {
            title.in_language(self.language): dimension for dimension, title in orientation.TURNED_TITLES.items()
        }
        self.questions = {
            item.text.in_language(self.language).rstrip().removesuffix("."): item.id
            for number, found in self.instruments.items()
            for item in found.items
            if self._is_bad(number, item.id)
        }
        self.heading = gettext("Lower is better")
        self.labels = [orientation.LOW_IS_GOOD.in_language(self.language), self.heading, "good_end=low"]
        self.labels.append(f"{gettext('Good direction')}={gettext('low')}")
        self.good_question = f"{gettext('Good direction')}={gettext('high')}"
        self.question_column = f"{gettext('Question')}="
        good, low = (dossier_words.WORDS[word].in_language(self.language) for word in ("good", "low"))
        self.labels += [f"{good}={low}", f"{good}: {low}"]
        # Neither reliability nor the weight of a dimension has a good end.
        self.undirected = ("ICC(1)=", f"{gettext('Weight, per cent')}=")
        self.low_cell = re.compile(rf"\d {low} \d")

    def _is_bad(self, number: int, measure: str) -> bool:
        measures = {item.id: item for item in self.publications[number].measures}
        return measure in measures and measures[measure].polarity is Polarity.HIGH_IS_BAD

    def is_heading(self, text: str) -> bool:
        """Tell whether a text is the heading of the group in which low is good."""
        return SPACE.sub(" ", text).strip() == self.heading

    def says_label(self, text: str) -> bool:
        """Tell whether a text says that low is good."""
        return any(label.casefold() in text.casefold() for label in self.labels)

    def problems(
        self, kind: str, address: str, content: bytes, *, own: float | None = None
    ) -> Iterator[tuple[str, str]]:
        """Yield the kind of output and a description of every number that is bad when high and does not say so.

        `own` is the stored number of a person's own demands, where the page is about one person.
        """
        for told in read(kind, content, self.is_heading):
            for problem in self._of(told, address, own):
                yield told.kind, f"{problem}: {address}: {told.text[:300]}"

    def _of(self, told: Told, address: str, own: float | None) -> Iterator[str]:
        if told.around:
            yield from self._in_cell(told, address)
            return
        is_labelled = told.is_labelled or self.says_label(told.text)
        # A row of the printed dossier has a column that says which end is good.
        is_labelled = is_labelled or (told.kind == "paper" and self.low_cell.search(told.text) is not None)
        yield from self._without_label(told, is_labelled=is_labelled)
        if not is_labelled:
            yield from self._not_turned(told, address, own)

    def _without_label(self, told: Told, *, is_labelled: bool) -> Iterator[str]:
        if self.good_question in told.text and self.question_column in told.text:
            return  # one question of a scale that is bad when high, whose own high end is the good one
        if any(words in told.text for words in self.undirected) or COUNTED.search(told.text):
            return
        for name in self.raw_names:
            if name in told.text and NUMBER.search(SHARE.sub(" ", told.text.replace(name, " "))):
                if is_labelled:
                    self.checked[f"{told.kind}, labelled"] += 1
                else:
                    yield f"“{name}” without a label"

    def _not_turned(self, told: Told, address: str, own: float | None) -> Iterator[str]:
        for name, measure in {**self.turned_names, **self.questions}.items():
            if name not in told.text:
                continue
            numbers = _numbers_of(name, told.text)
            both = {figure.cell.unit: _both(figure.mean) for figure in self._figures(address, told.text, measure)}
            if own is not None:
                both["the person"] = _both(own)
            explained = {shown for _stored, shown in both.values()}
            for place, (stored, shown) in both.items():
                if shown in numbers:
                    self.checked[f"{told.kind}, turned"] += stored != shown
                elif stored in numbers - explained:
                    yield f"“{name}” has the stored number {stored}, not {shown}, of {place}"

    def _in_cell(self, told: Told, address: str) -> Iterator[str]:
        """Yield what is wrong in a cell whose row or column is a place, and the other one a measure."""
        if any(map(self.says_label, told.around)):
            return
        first = NUMBER.match(told.text)
        names = {**self.turned_names, **self.questions}
        measure = next((id_ for name, id_ in names.items() if any(item.startswith(name) for item in told.around)), None)
        place = next((cell for item in told.around for cell in self._named(address, item)), None)
        if first is None or measure is None or place is None:
            return
        figure = self._publication(address).figure(place, measure)
        if figure is None or figure.mean is None:
            return
        stored, shown = _both(figure.mean)
        if first[0] == shown:
            self.checked["cell, turned"] += stored != shown
        elif first[0] == stored:
            yield f"{told.around}: the stored number {stored}, not {shown}"

    def _publication(self, address: str) -> Publication:
        found = ROUND.search(address)
        number = int(found[1]) if found and int(found[1]) in self.publications else max(self.publications)
        return self.publications[number]

    def _named(self, address: str, name: str) -> Iterator[Cell]:
        area = self._publication(address).region
        yield from (Cell(Level.COMMUNITY, unit.id) for unit in area.units if unit.name == name)
        yield from (Cell(Level.MUNICIPALITY, town.id) for town in area.municipalities if town.name == name)

    def _figures(self, address: str, text: str, measure: str) -> Iterator[Figure]:
        """Yield the shown figures of the place that an address or a sentence names, and of the region."""
        publication = self._publication(address)
        area = publication.region
        units = [unit for unit in area.units if f"/{unit.id}" in address or unit.name in text]
        towns = [unit.municipality for unit in units]
        towns += [town.id for town in area.municipalities if f"/{town.id}" in address]
        shown = list(self._shown(publication, [Cell(Level.COMMUNITY, unit.id) for unit in units], measure))
        yield from shown or self._shown(publication, [Cell(Level.MUNICIPALITY, town) for town in towns], measure)
        yield from self._shown(publication, [publication.region_cell], measure)

    def _shown(self, publication: Publication, cells: list[Cell], measure: str) -> Iterator[Figure]:
        figures = (publication.figure(cell, measure) for cell in cells)
        yield from (figure for figure in figures if figure is not None and figure.mean is not None)


def _numbers_of(name: str, text: str) -> set[str]:
    """Return the numbers that a text says of a name; where it heads a column, those in its cell alone."""
    own = re.search(rf"{re.escape(name)}[^;=]*=([^;]*)", text)
    said = text.replace(name, " ") if own is None else own[1]
    return set(NUMBER.findall(RANGE.sub(" ", said)))


def _both(mean: float | None) -> tuple[str, str]:
    """Return a mean as it is stored, and as it is shown turned."""
    assert mean is not None
    return f"{mean:g}", f"{100 - mean:g}"
