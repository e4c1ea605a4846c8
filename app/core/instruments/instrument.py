"""Questionnaire: items, options, scales and themes, and the scoring method of each scale.

An instrument is read from a file in `surveys/` (see docs/questionnaires.md) and never changes once a
round has opened with it; `Instrument.digest` tells two versions apart.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.languages import Language, PartlyTranslatedText, TranslatedText


class Polarity(StrEnum):
    """Whether a high score is good. Stored scores are never reversed; `reports.orientation` reverses what is shown."""

    HIGH_IS_GOOD = "high_is_good"
    HIGH_IS_BAD = "high_is_bad"


class Scoring(StrEnum):
    """How the answered items of a scale become one number."""

    PERCENT = "percent"  # 0-100: 0 is the lowest option, 100 the highest
    MEAN = "mean"  # the mean of the raw option numbers
    SUM = "sum"  # the sum of the raw option numbers


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that can be chosen: a number and what it is called."""

    value: int
    label: TranslatedText


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Two instruments that carry the same `anchor` ask the very same thing."""

    id: str
    text: TranslatedText
    options: tuple[Option, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class Theme:
    """The items that stand on one page, with a heading above them.

    `from_second_survey`: asked only in a community that has taken part in a released survey before.
    """

    id: str
    title: TranslatedText
    introduction: TranslatedText
    items: tuple[str, ...]
    from_second_survey: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Items that are scored together. `dimension` is the word that the catalogue uses for it."""

    id: str
    title: TranslatedText
    description: TranslatedText
    polarity: Polarity
    items: tuple[str, ...]
    reversed: frozenset[str]
    min_answered: int
    scoring: Scoring
    dimension: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Norm:
    """A reference value of a scale from elsewhere, in the unit in which the scale is scored.

    `mean` and `deviation` are those of `n` persons of `population` in `year`; `source` and `licence` say where the
    numbers are from and why they may be shown.
    """

    scale: str
    mean: float
    deviation: float
    n: int
    year: int
    population: TranslatedText
    source: str
    licence: PartlyTranslatedText


@dataclass(frozen=True, slots=True)
class StaffGroup:
    """A group of staff that a respondent may choose to belong to."""

    id: str
    name: TranslatedText


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to tell which of two is the newer.

    >>> version_numbers("2026.1.10") > version_numbers("2026.1.9")
    True
    """
    return tuple(int(number) for number in re.findall(r"\d+", version))


def staff_group_names_by_id(instruments: Iterable["Instrument"]) -> dict[str, tuple[str, ...]]:
    """Return what each staff group of some questionnaires is called, by its id, in the order of the questionnaires."""
    words: dict[str, set[str]] = {}
    for instrument in instruments:
        for group in instrument.groups:
            words.setdefault(group.id, set()).update(group.name.in_language(language) for language in Language)
    return {group: tuple(sorted(names)) for group, names in words.items()}


@dataclass(frozen=True, slots=True)
class Instrument:
    """A whole questionnaire of one version.

    `digest` is the SHA-256 of what the file says (comments and spacing apart). `key` names the
    published key that the file claims to follow; such a file may come without its sentences.
    """

    id: str
    version: str
    title: TranslatedText
    introduction: TranslatedText
    languages: tuple[Language, ...]
    items: tuple[Item, ...]
    themes: tuple[Theme, ...]
    scales: tuple[Scale, ...]
    groups: tuple[StaffGroup, ...]
    licence: PartlyTranslatedText
    source: str
    digest: str = ""
    key: str | None = None
    norms: tuple[Norm, ...] = ()

    def find_norm(self, scale_id: str) -> Norm | None:
        """Return the reference value of a scale, or None where the file has none."""
        return next((norm for norm in self.norms if norm.scale == scale_id), None)

    def item(self, item_id: str) -> Item:
        """Return the item called `item_id`; KeyError if there is none."""
        return {item.id: item for item in self.items}[item_id]

    def scale(self, scale_id: str) -> Scale:
        """Return the scale called `scale_id`; KeyError if there is none."""
        return {scale.id: scale for scale in self.scales}[scale_id]

    @property
    def items_from_second_survey(self) -> frozenset[str]:
        """The items that are asked only from a community's second survey on."""
        return frozenset(name for theme in self.themes if theme.from_second_survey for name in theme.items)

    @property
    def without_second_survey_themes(self) -> "Instrument":
        """The questionnaire without the pages and scales that ask of an earlier survey.

        Its items stay as they are: a ballot has the same places for everybody.
        """
        later = self.items_from_second_survey
        if not later:
            return self
        return replace(
            self,
            themes=tuple(theme for theme in self.themes if not theme.from_second_survey),
            scales=tuple(scale for scale in self.scales if not later.issuperset(scale.items)),
        )

    @property
    def item_ids(self) -> Sequence[str]:
        """The item ids, in the order in which ratings are stored in a ballot."""
        return tuple(item.id for item in self.items)

    @property
    def parts_with_missing_texts(self) -> tuple[str, ...]:
        """The items, and the items' options, that still lack a sentence in some language."""
        silent = [f"item {item.id}" for item in self.items_without_text]
        return (*silent, *(f"options of item {item.id}" for item in self.items_without_option_labels))

    @property
    def items_without_text(self) -> tuple[Item, ...]:
        """The items whose text is missing in some language."""
        return tuple(item for item in self.items if not _is_written(item.text))

    @property
    def items_without_option_labels(self) -> tuple[Item, ...]:
        """The items with an option whose label is missing in some language."""
        return tuple(item for item in self.items if not all(_is_written(option.label) for option in item.options))

    @property
    def has_all_texts(self) -> bool:
        """Whether no text is missing, so that a round may be opened with it."""
        return not self.parts_with_missing_texts


def _is_written(text: TranslatedText) -> bool:
    return all((text.fi, text.sv, text.en))
