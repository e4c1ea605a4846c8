"""Validate a questionnaire as a whole: constraints between its parts."""

from collections import Counter

from app.core.instruments.errors import QuestionnaireErrorCode
from app.core.instruments.instrument import Instrument, Item, Polarity, Scale, Scoring
from app.core.instruments.scoring import score_range
from app.core.instruments.toml_tables import TomlTable

MOST_ITEMS = 150  # a ballot has 256 bytes, one for each rating besides its head
MOST_ITEMS_ON_A_PAGE = 6
MOST_GROUPS = 30
FEWEST_OF_A_NORM = 2
EARLIEST_NORM = 1900
LATEST_NORM = 2200


def collect_consistency_errors(instrument: Instrument, top: TomlTable) -> None:
    """Add an error to the file's collector for every way in which its parts are inconsistent."""
    _check_counts(instrument, top)
    _check_unique(instrument, top)
    _check_themes(instrument, top)
    _check_norms(instrument, top)
    for scale, table in zip(instrument.scales, top.tables("scales"), strict=True):
        _check_scale(scale, {item.id: item for item in instrument.items}, table)
        if instrument.items_from_second_survey.intersection(scale.items) not in (frozenset(), frozenset(scale.items)):
            table.add_error("items", QuestionnaireErrorCode.MIXED_SURVEYS, name=scale.id)


def _check_norms(instrument: Instrument, top: TomlTable) -> None:
    """Note reference values that cannot be: of no scale, outside its range, of nobody, of no year, or twice."""
    tables = list(top.tables("norms"))
    _note_repeated([norm.scale for norm in instrument.norms], tables, "scale")
    scales = {scale.id: scale for scale in instrument.scales}
    answerable = {item.id for item in instrument.items if item.options}
    for norm, table in zip(instrument.norms, tables, strict=True):
        if norm.n < FEWEST_OF_A_NORM:
            table.add_error("n", QuestionnaireErrorCode.NORM_OF_NOBODY)
        if not EARLIEST_NORM <= norm.year <= LATEST_NORM:
            table.add_error("year", QuestionnaireErrorCode.NORM_YEAR)
        if norm.scale not in scales:
            table.add_error("scale", QuestionnaireErrorCode.NORM_WITHOUT_SCALE, name=norm.scale)
            continue
        if not scales[norm.scale].items or scales[norm.scale].items[0] not in answerable:
            continue  # the scale itself is faulty, and is reported elsewhere
        low, high = score_range(instrument, scales[norm.scale])
        if not low <= norm.mean <= high or not 0 < norm.deviation <= high - low:
            words = {"name": norm.scale, "low": f"{low:g}", "high": f"{high:g}"}
            table.add_error("mean", QuestionnaireErrorCode.NORM_OUT_OF_RANGE, **words)


def _check_counts(instrument: Instrument, top: TomlTable) -> None:
    if not instrument.themes:
        top.add_error("themes", QuestionnaireErrorCode.NO_THEMES)
    if not instrument.scales:
        top.add_error("scales", QuestionnaireErrorCode.NO_SCALES)
    if len(instrument.items) > MOST_ITEMS:
        top.add_error("themes", QuestionnaireErrorCode.TOO_MANY_ITEMS, most=MOST_ITEMS, count=len(instrument.items))
    if len(instrument.groups) > MOST_GROUPS:
        top.add_error("groups", QuestionnaireErrorCode.TOO_MANY_GROUPS, most=MOST_GROUPS, count=len(instrument.groups))


def _check_unique(instrument: Instrument, top: TomlTable) -> None:
    for key, parts in (("themes", instrument.themes), ("scales", instrument.scales), ("groups", instrument.groups)):
        _note_repeated([part.id for part in parts], list(top.tables(key)), "id")
    entries = [entry for theme in top.tables("themes") for entry in theme.tables("items")]
    _note_repeated([item.id for item in instrument.items], entries, "id")
    _note_repeated([item.anchor for item in instrument.items], entries, "anchor")
    clashing = {item.id for item in instrument.items} & {scale.id for scale in instrument.scales}
    for scale, table in zip(instrument.scales, top.tables("scales"), strict=True):
        if scale.id in clashing:
            table.add_error("id", QuestionnaireErrorCode.NAME_OF_AN_ITEM, name=scale.id)


def _note_repeated(names: list[str], tables: list[TomlTable], key: str) -> None:
    seen: Counter[str] = Counter()
    for name, table in zip(names, tables, strict=True):
        seen[name] += 1
        if name and seen[name] == 2:
            table.add_error(key, QuestionnaireErrorCode.USED_TWICE, key=key, name=name)


def _check_themes(instrument: Instrument, top: TomlTable) -> None:
    for theme, table in zip(instrument.themes, top.tables("themes"), strict=True):
        if not theme.items:
            table.add_error("items", QuestionnaireErrorCode.EMPTY_THEME, name=theme.id)
        if len(theme.items) > MOST_ITEMS_ON_A_PAGE:
            table.add_error(
                "id",
                QuestionnaireErrorCode.LONG_THEME,
                most=MOST_ITEMS_ON_A_PAGE,
                name=theme.id,
                count=len(theme.items),
            )


def _check_scale(scale: Scale, items: dict[str, Item], table: TomlTable) -> None:
    if not scale.items:
        table.add_error("items", QuestionnaireErrorCode.EMPTY_SCALE, name=scale.id)
        return
    for name, count in Counter(scale.items).items():
        if name not in items:
            table.add_error("items", QuestionnaireErrorCode.NO_ITEM, name=name)
        elif count > 1:
            table.add_error("items", QuestionnaireErrorCode.TWICE_IN_SCALE, name=name, scale=scale.id)
    for name in sorted(scale.reversed - set(scale.items)):
        table.add_error("reversed", QuestionnaireErrorCode.REVERSED_ELSEWHERE, name=name)
    if not 1 <= scale.min_answered <= len(scale.items):
        table.add_error("min_answered", QuestionnaireErrorCode.MIN_ANSWERED, most=len(scale.items))
    if "polarity" not in table.content:
        table.add_error("id", QuestionnaireErrorCode.NO_POLARITY, name=scale.id, known=", ".join(Polarity))
    _check_scoring(scale, items, table)


def _check_scoring(scale: Scale, items: dict[str, Item], table: TomlTable) -> None:
    if scale.scoring is Scoring.PERCENT:
        return
    numbers = {tuple(option.value for option in items[name].options) for name in scale.items if name in items}
    if len(numbers) > 1:
        table.add_error("items", QuestionnaireErrorCode.UNEQUAL_NUMBERS, scoring=scale.scoring)
    if scale.scoring is Scoring.SUM and scale.min_answered != len(scale.items):
        table.add_error("min_answered", QuestionnaireErrorCode.SUM_OF_ALL)
