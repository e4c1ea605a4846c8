"""Empty table of the catalogue, with an explanation of each column."""

from collections.abc import Iterable

from app.core.catalogue.courses import (
    AUDIENCES,
    DIMENSIONS,
    Area,
    ChangeTarget,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    YesNo,
)
from app.core.catalogue.table_reader import FURTHER, HEADER
from app.core.languages import Language, TranslatedText

TEMPLATE: tuple[tuple[str, ...], ...] = (HEADER,)


def _choices(words: Iterable[object]) -> str:
    return ", ".join(str(word) for word in words)


_DAY = TranslatedText(fi="päivä, esim. 2027-01-31", sv="datum, t.ex. 2027-01-31", en="a date, e.g. 2027-01-31")
_MOMENT = TranslatedText(
    fi="aika, esim. 2027-01-31T14:00 (paikallista aikaa)",
    sv="tidpunkt, t.ex. 2027-01-31T14:00 (lokal tid)",
    en="a time, e.g. 2027-01-31T14:00 (local time)",
)
_ADDRESS = TranslatedText(
    fi="osoite, jonka alussa on https://",
    sv="adress som börjar med https://",
    en="an address that begins with https://",
)
_WHOLE = TranslatedText(fi="kokonaisluku", sv="heltal", en="a whole number")
_NUMBER = TranslatedText(fi="luku", sv="tal", en="a number")
_TEXT = TranslatedText(fi="vapaa teksti", sv="fri text", en="free text")
_ID = TranslatedText(
    fi="pysyvä tunniste: kirjaimia, numeroita, pisteitä, väliviivoja",
    sv="permanent identifierare: bokstäver, siffror, punkt, bindestreck",
    en="a permanent identifier: letters, digits, dot, hyphens",
)
_PAIRS = TranslatedText(
    fi="pareja kuten control:3|demands:1; 0–3; ",
    sv="par såsom control:3|demands:1; 0–3; ",
    en="pairs such as control:3|demands:1; 0–3; ",
)

_ASKS: dict[str, TranslatedText] = {
    "external_id": _ID,
    "offering_id": _ID,
    "dimensions": _PAIRS,
    "second_view": _PAIRS,
    "hours": _NUMBER,
    "ects": _NUMBER,
    "price_eur": _NUMBER,
    "capacity": _WHOLE,
    "min_participants": _WHOLE,
    "member_quota": _WHOLE,
    "start": _MOMENT,
    "end": _MOMENT,
    "updated_at": _MOMENT,
    "reg_opens": _DAY,
    "reg_closes": _DAY,
    "evidence_url": _ADDRESS,
    "registration_url": _ADDRESS,
}
_ALLOWED = {
    "area": _choices(Area),
    "target": _choices(ChangeTarget),
    "audience": _choices(AUDIENCES),
    "evidence_grade": _choices(EvidenceGrade),
    "languages": _choices(Language),
    "mode": _choices(DeliveryMode),
    "status": _choices(CourseStatus),
    "course_status": _choices(CourseStatus),
    "led_from_outside": _choices(YesNo),
    "dimensions": _choices(DIMENSIONS),
    "second_view": _choices(DIMENSIONS),
}
_REQUIRED = {"external_id", "title_fi", "area", "target", "evidence_grade", "provider", "mode", "capacity"}
_HEADINGS = {
    Language.FI: ("sarake", "pakollinen", "mitä siihen kirjoitetaan"),
    Language.SV: ("kolumn", "obligatorisk", "vad som skrivs där"),
    Language.EN: ("column", "required", "what is written in it"),
}


def column_guide(language: Language) -> list[tuple[str, ...]]:
    """Return a table that explains every column in `language`, heading first.

    >>> column_guide(Language.EN)[1]
    ('external_id', 'x', 'a permanent identifier: letters, digits, dot, hyphens')
    """
    rows: list[tuple[str, ...]] = [_HEADINGS[language]]
    for column in (*HEADER, *FURTHER):
        asks = (
            _ASKS[column].in_language(language)
            if column in _ASKS
            else ""
            if column in _ALLOWED
            else _TEXT.in_language(language)
        )
        rows.append((column, "x" if column in _REQUIRED else "", asks + _ALLOWED.get(column, "")))
    return rows
