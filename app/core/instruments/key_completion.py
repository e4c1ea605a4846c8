"""Add the item texts to a published scoring key, which gives the source of a questionnaire."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.languages import Language

Lines = Mapping[Language, Sequence[str]]  # sentences or labels in order, in each language


def questionnaire_source_from_scoring_key(source: str, *, sentences: Lines, labels: Mapping[str, Lines]) -> str:
    """Return the source of the questionnaire that a key and its sentences make.

    `source` is the key's own; `sentences` holds one for each item in the key's order, `labels` those
    of each set of options, the lowest first. The questionnaire is in the languages of `sentences`
    and says nothing in others. Whoever reads it finds what is missing (`parse`).

    >>> key = 'id = "k"\\nlanguages = ["fi", "en"]\\ntitle = { fi = "A", en = "B" }\\n[options.o]\\ncount = 2'
    >>> labels = {"o": {Language.EN: ["no", "yes"]}}
    >>> print(questionnaire_source_from_scoring_key(key, sentences={Language.EN: []}, labels=labels))
    id = "k"
    languages = ["en"]
    title = {en = "B"}
    [options.o]
    labels = [{en = "no"}, {en = "yes"}]
    <BLANKLINE>
    """
    content = _spoken(tomllib.loads(source), [sentence.value for sentence in sentences])
    content["languages"] = [sentence.value for sentence in sentences]
    items = [item for theme in content.get("themes", ()) for item in theme.get("items", ())]
    for number, item in enumerate(items):
        item["text"] = {language.value: _at(lines, number) for language, lines in sentences.items()}
    for name, options in content.get("options", {}).items():
        count = options.pop("count", None) or len(options.get("labels", ()))
        spoken = labels.get(name, {})
        options["labels"] = [
            {sentence.value: _at(spoken.get(sentence, ()), n) for sentence in sentences} for n in range(count)
        ]
    return _written(content)


def option_sets(source: str) -> dict[str, tuple[int, ...]]:
    """Return the sets of options of a key with the numbers of their options.

    >>> option_sets("[options.often]\\nfirst = 0\\ncount = 3")
    {'often': (0, 1, 2)}
    """
    result = tomllib.loads(source).get("options", {})
    sizes = {name: part.get("count", len(part.get("labels", ()))) for name, part in result.items()}
    return {name: tuple(part.get("first", 1) + n for n in range(sizes[name])) for name, part in result.items()}


def read_completed_key_texts(source: str) -> tuple[dict[Language, list[str]], dict[str, dict[Language, list[str]]]]:
    """Return the item texts and option labels in a completed scoring key, so that they can be corrected."""
    content = tomllib.loads(source)
    languages = [Language(item) for item in content["languages"]]
    items = [item for theme in content.get("themes", ()) for item in theme.get("items", ())]
    sentences = {language: [item.get("text", {}).get(language.value, "") for item in items] for language in languages}
    labels = {
        name: {language: [label.get(language.value, "") for label in part.get("labels", ())] for language in languages}
        for name, part in content.get("options", {}).items()
    }
    return sentences, labels


def _at(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""


def _spoken(value: Any, languages: Sequence[str]) -> Any:
    """Return a part of a file without what it says in other languages."""
    if isinstance(value, list):
        return [_spoken(item, languages) for item in value]
    if not isinstance(value, dict):
        return value
    if value and set(value) <= set(Language):
        return {language: value.get(language, next(iter(value.values()))) for language in languages}
    return {name: _spoken(part, languages) for name, part in value.items()}


def _written(content: Mapping[str, Any], path: str = "") -> str:
    """Write a table: plain values first, then the tables and lists of tables in it."""
    plain = {name: part for name, part in content.items() if not _is_table(part)}
    lines = [f"{name} = {_value(part)}\n" for name, part in plain.items()]
    for name, part in content.items():
        if name in plain:
            continue
        here = f"{path}{name}"
        if isinstance(part, list):
            lines += [f"[[{here}]]\n{_written(item, here + '.')}" for item in part]
        elif path or name != "options":
            lines.append(f"[{here}]\n{_written(part, here + '.')}")
        else:
            lines += [f"[{here}.{item}]\n{_written(inner, f'{here}.{item}.')}" for item, inner in part.items()]
    return "".join(lines)


def _is_table(part: Any) -> bool:
    if isinstance(part, list):
        return bool(part) and isinstance(part[0], dict) and not set(part[0]) <= set(Language)
    return isinstance(part, dict) and not (part and set(part) <= set(Language))


def _value(part: Any) -> str:
    if isinstance(part, dict):
        return "{" + ", ".join(f"{name} = {_value(item)}" for name, item in part.items()) + "}"
    if isinstance(part, list):
        return "[" + ", ".join(map(_value, part)) + "]"
    if isinstance(part, str):
        return json.dumps(part, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(part).lower() if isinstance(part, bool) else str(part)
