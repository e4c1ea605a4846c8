"""The catalogue as schema.org JSON-LD: `Course` and `CourseInstance`.

Fields without a schema.org term have our own prefix, so that nothing is lost.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from typing import Any

from app.core.catalogue import Course, CourseStatus, DeliveryMode, Offering
from app.core.catalogue.table_reader import FURTHER, HEADER
from app.core.languages import Language, PartlyTranslatedText, TranslatedText

OWN = "https://voimavara.example/terms#"
CONTEXT: list[Any] = ["https://schema.org", {"voimavara": OWN}]
MODES = {
    DeliveryMode.ONLINE: "online",
    DeliveryMode.ONSITE: "onsite",
    DeliveryMode.BLENDED: "blended",
    DeliveryMode.SELF_PACED: "online",
}
Address = Callable[[str], str]
STATUSES = {
    CourseStatus.ACTIVE: "https://schema.org/EventScheduled",
    CourseStatus.CANCELLED: "https://schema.org/EventCancelled",
}


def courses_json_ld(
    courses: Iterable[Course], *, address: Address, table: Sequence[Sequence[str]] = ()
) -> dict[str, Any]:
    """Return courses as one JSON-LD document; `table` adds every cell of ours under our own prefix.

    `address` gives the public page of a course by its identifier: it names the course for others.
    """
    cells: dict[str, list[dict[str, str]]] = {}
    for row in table[1:]:
        result = {column: cell for column, cell in zip((*HEADER, *FURTHER), row, strict=True) if cell}
        cells.setdefault(result["external_id"], []).append(result)
    graph = [course_json_ld(course, address) | _own(cells.get(course.external_id)) for course in courses]
    return {"@context": CONTEXT, "@graph": graph}


def course_json_ld(course: Course, address: Address) -> dict[str, Any]:
    """Return one course in the words of schema.org."""
    result: dict[str, Any] = {
        "@type": "Course",
        "@id": address(course.external_id),
        "url": address(course.external_id),
        "identifier": course.external_id,
        "courseCode": course.external_id,
        "name": _values(course.title),
        "description": _values(course.description) or _values(course.title),
        "provider": {"@type": "Organization", "name": course.provider},
        "inLanguage": [language.value for language in course.languages],
        "about": [dimension.dimension for dimension in course.dimensions if dimension.value],
        "audience": [{"@type": "EducationalAudience", "educationalRole": item} for item in course.audience],
        "coursePrerequisites": _note(course.prerequisites),
        "numberOfCredits": course.ects,
        "timeRequired": None if course.hours is None else f"PT{round(course.hours * 60)}M",
        "dateModified": course.updated_at.astimezone(UTC).isoformat(),
        "citation": course.evidence_url,
        "offers": _offers(course),
        "hasCourseInstance": [offering_json_ld(offering, course) for offering in course.offerings],
    }
    return _filled(result)


def offering_json_ld(offering: Offering, course: Course) -> dict[str, Any]:
    """Return one offering in schema.org terms."""
    result: dict[str, Any] = {
        "@type": "CourseInstance",
        "identifier": offering.external_id,
        "courseMode": MODES[offering.mode],
        "location": {"@type": "Place", "name": offering.place} if offering.place else None,
        "maximumAttendeeCapacity": offering.capacity,
        "eventStatus": STATUSES.get(offering.status),
        "courseWorkload": None if course.hours is None else f"PT{round(course.hours * 60)}M",
        "startDate": offering.sessions[0].start.isoformat() if offering.sessions else None,
        "endDate": offering.sessions[-1].end.isoformat() if offering.sessions else None,
        "subEvent": _sittings(offering, course),
        "offers": _offer(offering),
    }
    return _filled(result)


def _sittings(offering: Offering, course: Course) -> list[dict[str, str]]:
    if len(offering.sessions) < 2:
        return []
    return [
        {
            "@type": "Event",
            "name": course.title.fi,
            "startDate": session.start.isoformat(),
            "endDate": session.end.isoformat(),
        }
        for session in offering.sessions
    ]


def _offers(course: Course) -> list[dict[str, Any]]:
    """Return the different offers of a course's offerings that are held, in their order."""
    offers: list[dict[str, Any]] = []
    for offering in course.offerings:
        offer = _offer(offering)
        if offering.status is CourseStatus.ACTIVE and offer not in offers:
            offers.append(offer)
    return offers


def _offer(offering: Offering) -> dict[str, Any]:
    return _filled(
        {
            "@type": "Offer",
            "price": offering.price_eur,
            "priceCurrency": None if offering.price_eur is None else "EUR",
            "category": "Free" if not offering.price_eur else "Paid",
            "url": offering.registration_url,
            "validFrom": offering.registration_opens and offering.registration_opens.isoformat(),
            "validThrough": offering.registration_closes and offering.registration_closes.isoformat(),
        }
    )


def json_ld_for_script_element(document: dict[str, Any]) -> str:
    """Return a document as text that may stand within a script element of a page.

    >>> json_ld_for_script_element({"name": "</script>"})
    '{"name":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def json_ld_bytes(document: dict[str, Any]) -> bytes:
    """Return a document as the bytes of a file."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _values(text: TranslatedText) -> list[dict[str, str]]:
    return [
        {"@language": language.value, "@value": text.in_language(language)}
        for language in Language
        if text.in_language(language)
    ]


def _note(text: PartlyTranslatedText) -> str | list[dict[str, str]]:
    """Return a note in the languages in which it was written; as plain text where its language is unknown."""
    if text.translations is None:
        return text.main
    written = text.translations.written_languages
    return [{"@language": language.value, "@value": text.in_language(language)} for language in written]


def _own(rows: list[dict[str, str]] | None) -> dict[str, Any]:
    return {"voimavara:rows": rows} if rows else {}


def _filled(result: dict[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in result.items() if value not in (None, "", [])}
