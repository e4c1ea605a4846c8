"""Read an uploaded schema.org JSON-LD catalogue into rows of the catalogue table.

Nothing is fetched: an `@context` is not looked up, an address in the file is only text.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from app.core.catalogue.table_reader import HEADER, note_columns
from app.core.tables.cells import InputTable, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.store.tabular_reader import MOST_BYTES, MOST_ROWS

DEEPEST = 40
# What schema.org has no word for is left for a coordinator: nothing is claimed on a provider's behalf.
DRAFT = {"area": "wellbeing", "target": "person", "evidence_grade": "D", "course_status": "draft"}
JUDGED = (
    *DRAFT, "dimensions", "audience", "second_view", "evidence_note", *note_columns("evidence_note").values(),
    "led_from_outside",
)  # fmt: skip
MODES = {"online": "online", "onsite": "onsite", "offline": "onsite", "blended": "blended"}


def course_table_from_json_ld(content: bytes, known: Mapping[str, Mapping[str, str]] | None = None) -> InputTable:
    """Read schema.org courses and their instances into a table of the catalogue, rows numbered from 2.

    Cells of ours (`voimavara:rows`) are taken as they are. A course from elsewhere comes in as a draft, for a
    coordinator to read first; of one that is `known` (cells by its id), what only a coordinator says
    stays. Raises TableImportError for what is no JSON-LD or too big.
    """
    if len(content) > MOST_BYTES:
        raise TableImportError([TableError(0, "", TableErrorCode.TOO_BIG, "", f"{MOST_BYTES / 1e6:g} MB")])
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise TableImportError([TableError(0, "", TableErrorCode.UNREADABLE, str(error))]) from error
    numbers = count(2)
    rows = tuple(
        TableRow(next(numbers), cells) for course in _courses(document) for cells in _rows(course, known or {})
    )
    if not rows:
        raise TableImportError([TableError(0, "", TableErrorCode.EMPTY_FILE)])
    if len(rows) > MOST_ROWS:
        raise TableImportError([TableError(0, "", TableErrorCode.TOO_MANY_ROWS, "", str(MOST_ROWS))])
    further = (column for row in rows for column in row.cells if column not in HEADER)
    return InputTable(tuple(dict.fromkeys((*HEADER, *further))), rows)


def _courses(document: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > DEEPEST:
        return
    if isinstance(document, list):
        for part in document:
            yield from _courses(part, depth + 1)
    elif isinstance(document, dict):
        if "Course" in _several(document.get("@type")):
            yield document
        else:
            for word in ("@graph", "itemListElement", "item"):
                yield from _courses(document.get(word), depth + 1)


def _rows(course: Mapping[str, Any], known: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, str]]:
    own = course.get("voimavara:rows")
    if isinstance(own, list) and all(isinstance(row, dict) for row in own):
        yield from ({str(column): str(cell) for column, cell in row.items()} for row in own)
        return
    shared = _course_cells(course)
    judged = known.get(shared["external_id"], DRAFT)
    shared |= {column: cell for column, cell in judged.items() if column in JUDGED}
    instances = [item for item in _several(course.get("hasCourseInstance")) if isinstance(item, dict)]
    for number, instance in enumerate(instances, start=1):
        for session in _sessions(instance):
            yield shared | _instance_cells(instance, f"{shared['external_id']}-{number}") | session
    if not instances:
        yield shared


def _course_cells(course: Mapping[str, Any]) -> dict[str, str]:
    cells = {f"title_{item}": text for item, text in _by_language(course.get("name")).items()}
    cells |= {f"description_{item}": text for item, text in _by_language(course.get("description")).items()}
    return cells | {
        "external_id": _plain(course.get("identifier") or course.get("courseCode") or course.get("@id")),
        "provider": _name(course.get("provider")),
        "languages": "|".join(_plain(item)[:2].lower() for item in _several(course.get("inLanguage"))),
        "ects": _plain(course.get("numberOfCredits")),
        "hours": _hours(course.get("timeRequired")),
        "evidence_url": _plain(course.get("citation")),
        "updated_at": _plain(course.get("dateModified")),
        "status": "draft",
    }


def _instance_cells(instance: Mapping[str, Any], fallback: str) -> dict[str, str]:
    offers = next((item for item in _several(instance.get("offers")) if isinstance(item, dict)), {})
    mode = next(
        (MODES[_plain(item).lower()] for item in _several(instance.get("courseMode")) if _plain(item).lower() in MODES),
        "",
    )
    cancelled = _plain(instance.get("eventStatus")).endswith("EventCancelled")
    return {
        "offering_id": _plain(instance.get("identifier") or instance.get("@id")) or fallback,
        "mode": mode or ("onsite" if instance.get("location") else "online"),
        "place": _name(instance.get("location")),
        "capacity": _plain(instance.get("maximumAttendeeCapacity")) or "0",
        "price_eur": _plain(offers.get("price")),
        "registration_url": _plain(offers.get("url")),
        "reg_opens": _plain(offers.get("validFrom"))[:10],
        "reg_closes": _plain(offers.get("validThrough"))[:10],
        "status": "cancelled" if cancelled else "active",
    }


def _sessions(instance: Mapping[str, Any]) -> list[dict[str, str]]:
    events = [item for item in _several(instance.get("subEvent")) if isinstance(item, dict)] or [dict(instance)]
    return [{"start": _plain(event.get("startDate")), "end": _plain(event.get("endDate"))} for event in events]


def _by_language(value: Any) -> dict[str, str]:
    result = {}
    for item in _several(value):
        if isinstance(item, dict):
            result[_plain(item.get("@language"))[:2].lower() or "fi"] = _plain(item.get("@value"))
        elif item is not None:
            result["fi"] = _plain(item)
    return {language: text for language, text in result.items() if language in {"fi", "sv", "en"}}


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return _plain(value.get("@value") or value.get("value") or value.get("name"))
    return "" if value is None or isinstance(value, list) else str(value)


def _name(value: Any) -> str:
    return _plain(next(iter(_several(value)), None))


def _hours(value: Any) -> str:
    text = _plain(value).upper()
    if not text.startswith("PT"):
        return ""
    hours, _, minutes = text[2:].rpartition("H")
    try:
        return str(float(hours or 0) + float(minutes.rstrip("M") or 0) / 60)
    except ValueError:
        return ""
