"""Read a questionnaire from its TOML source; docs/questionnaires.md describes the format."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping

from app.core.instruments.checks import collect_consistency_errors
from app.core.instruments.errors import (
    InvalidQuestionnaire,
    QuestionnaireError,
    QuestionnaireErrorCode,
    message_parameters,
)
from app.core.instruments.instrument import Instrument, Item, Norm, Option, Polarity, Scale, Scoring, StaffGroup, Theme
from app.core.instruments.toml_lines import map_lines
from app.core.instruments.toml_tables import ErrorCollector, TomlTable
from app.core.languages import Language, TranslatedText

_TOP = (
    "id",
    "version",
    "title",
    "introduction",
    "languages",
    "licence",
    "source",
    "key",
    "min_answered",
    "scoring",
    "options",
    "groups",
    "themes",
    "scales",
    "norms",
)
_NORM = ("scale", "mean", "deviation", "n", "year", "population", "source", "licence")
_SCALE = (
    "id",
    "title",
    "description",
    "polarity",
    "items",
    "reversed",
    "min_answered",
    "scoring",
    "dimension",
    "sensitive",
)


def parse(source: str, *, name: str) -> Instrument:
    """Return the questionnaire that `source` describes; `name` is what faults call the file.

    Raises `InvalidQuestionnaire` with every fault and its line. The digest is taken of the content:
    comments, spacing and the order of keys do not change it, any word that is read does.
    """
    source = source.removeprefix("\ufeff")  # some editors begin a file with this invisible mark
    try:
        content = tomllib.loads(source)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets within brackets
        raise InvalidQuestionnaire([_syntax_problem(error, source, name)]) from None
    top = TomlTable(content, (), ErrorCollector(name, map_lines(source)))
    instrument = _read(top, digest=content_digest(content))
    collect_consistency_errors(instrument, top)
    if top.errors.problems:
        raise InvalidQuestionnaire(top.errors.problems)
    return instrument


def content_digest(content: Mapping[str, object]) -> str:
    """Return the SHA-256 (hexadecimal) of a file's content in canonical form."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _syntax_problem(error: ValueError | RecursionError, source: str, name: str) -> QuestionnaireError:
    reason = str(error)
    result = re.search(r"\(at line (\d+), column (\d+)\)", reason)
    line = int(result[1]) if result else source.count("\n") + 1
    plain = re.sub(r"\s*\(at .*\)$", "", reason)
    if result:
        return QuestionnaireError(
            name, max(line, 1), QuestionnaireErrorCode.NOT_TOML, message_parameters(column=result[2], reason=plain)
        )
    return QuestionnaireError(
        name, max(line, 1), QuestionnaireErrorCode.ENDS_TOO_SOON, message_parameters(reason=plain)
    )


def _read(top: TomlTable, *, digest: str) -> Instrument:
    top.reject_unknown_keys(*_TOP)
    top.errors.languages = _languages(top)
    key = top.identifier("key") if "key" in top.content else None
    instrument_id = top.identifier()
    options = _option_sets(top, may_be_empty=key is not None)
    themes, items = _themes(top, instrument_id, options, may_be_empty=key is not None)
    return Instrument(
        id=instrument_id,
        version=top.string("version"),
        title=top.text("title"),
        introduction=top.text("introduction"),
        languages=top.errors.languages,
        items=items,
        themes=themes,
        scales=tuple(_scale(table, top) for table in top.tables("scales")),
        groups=tuple(_group(table) for table in top.tables("groups")),
        licence=top.partly_translated_text("licence"),
        source=top.string("source"),
        digest=digest,
        key=key,
        norms=tuple(_norm(table) for table in top.tables("norms")),
    )


def _languages(top: TomlTable) -> tuple[Language, ...]:
    given = top.strings("languages")
    known = tuple(Language(word) for word in given if word in tuple(Language))
    if len(known) != len(given) or len(set(known)) != len(given) or not given:
        top.add_error("languages", QuestionnaireErrorCode.WRONG_LANGUAGES, known=", ".join(Language))
    return tuple(dict.fromkeys(known)) or tuple(Language)


def _option_sets(top: TomlTable, *, may_be_empty: bool) -> dict[str, tuple[Option, ...]]:
    sets = top.table_or_empty("options")
    return {name: _options(sets.table_or_empty(name), may_be_empty=may_be_empty) for name in sets.content}


def _options(table: TomlTable, *, may_be_empty: bool) -> tuple[Option, ...]:
    table.reject_unknown_keys("first", "labels", "count")
    first = table.integer("first", default=1)
    labels = _labels(table, may_be_empty=may_be_empty)
    if not 2 <= len(labels) <= 11:
        table.add_error("labels", QuestionnaireErrorCode.OPTIONS_COUNT)
    return tuple(Option(first + index, label) for index, label in enumerate(labels))


def _labels(table: TomlTable, *, may_be_empty: bool) -> tuple[TranslatedText, ...]:
    if may_be_empty and "labels" not in table.content:
        count = table.integer("count", default=0)
        return (TranslatedText("", "", ""),) * min(max(count, 0), 12)
    if "count" in table.content:
        table.add_error("count", QuestionnaireErrorCode.COUNT_WITH_LABELS)
    labels = table.content.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(label, dict) for label in labels):
        table.add_error("labels", QuestionnaireErrorCode.NOT_LABELS)
        return ()
    return tuple(table.translated_text_from_value("labels", label, may_be_empty=may_be_empty) for label in labels)


def _themes(
    top: TomlTable, instrument_id: str, options: Mapping[str, tuple[Option, ...]], *, may_be_empty: bool
) -> tuple[tuple[Theme, ...], tuple[Item, ...]]:
    themes = []
    items = []
    for table in top.tables("themes"):
        table.reject_unknown_keys("id", "title", "introduction", "items", "from_second_survey")
        own = [_item(entry, instrument_id, options, may_be_empty=may_be_empty) for entry in table.tables("items")]
        introduction = table.text("introduction", may_be_empty=True)
        themes.append(
            Theme(
                id=table.identifier(),
                title=table.text("title"),
                introduction=introduction,
                items=tuple(item.id for item in own),
                from_second_survey=table.flag("from_second_survey"),
            )
        )
        items.extend(own)
    return tuple(themes), tuple(items)


def _item(
    table: TomlTable, instrument_id: str, options: Mapping[str, tuple[Option, ...]], *, may_be_empty: bool
) -> Item:
    table.reject_unknown_keys("id", "text", "options", "anchor")
    item_id = table.identifier()
    chosen = table.string("options")
    if chosen and chosen not in options:
        table.add_error("options", QuestionnaireErrorCode.NO_OPTIONS, name=chosen)
    anchor = table.string("anchor", default=f"{instrument_id}/{item_id}")
    return Item(item_id, table.text("text", may_be_empty=may_be_empty), options.get(chosen, ()), anchor)


def _scale(table: TomlTable, top: TomlTable) -> Scale:
    table.reject_unknown_keys(*_SCALE)
    scale_id = table.identifier()
    items = table.strings("items")
    half = (len(items) + 1) // 2
    usual = top.choice("scoring", Scoring, default=Scoring.PERCENT)
    return Scale(
        id=scale_id,
        title=table.text("title"),
        description=table.text("description"),
        polarity=table.choice("polarity", Polarity, default=Polarity.HIGH_IS_GOOD),
        items=items,
        reversed=frozenset(table.strings("reversed")),
        min_answered=_min_answered(table, top, items=len(items), half=half),
        scoring=table.choice("scoring", Scoring, default=usual),
        dimension=table.string("dimension", default=scale_id),
        sensitive=table.flag("sensitive"),
    )


def _min_answered(table: TomlTable, top: TomlTable, *, items: int, half: int) -> int:
    holder = table if "min_answered" in table.content else top
    if holder.content.get("min_answered") == "all":
        return items
    if holder.content.get("min_answered", "half") == "half":
        return half
    return holder.integer("min_answered", default=half)


def _norm(table: TomlTable) -> Norm:
    """Read a reference value; every part of it must be there, so that none is shown without its source."""
    table.reject_unknown_keys(*_NORM)
    return Norm(
        scale=table.identifier("scale"),
        mean=table.decimal("mean"),
        deviation=table.decimal("deviation"),
        n=table.integer("n", default=0),
        year=table.integer("year", default=0),
        population=table.text("population"),
        source=table.string("source"),
        licence=table.partly_translated_text("licence"),
    )


def _group(table: TomlTable) -> StaffGroup:
    table.reject_unknown_keys("id", "name")
    return StaffGroup(table.identifier(), table.text("name"))
