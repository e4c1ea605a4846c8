"""The empty table of the catalogue, and what each column asks for."""

from collections.abc import Iterable

from app.core.catalogue.courses import AUDIENCES, DIMENSIONS, Area, Grade, Mode, Status, Target
from app.core.catalogue.rows import FURTHER, HEADER
from app.core.languages import Language, Text

TEMPLATE: tuple[tuple[str, ...], ...] = (HEADER,)


def _words(words: Iterable[object]) -> str:
    return ", ".join(str(word) for word in words)


_DAY = Text(fi="päivä, esim. 2027-01-31", sv="datum, t.ex. 2027-01-31", en="a date, e.g. 2027-01-31")
_MOMENT = Text(
    fi="aika, esim. 2027-01-31T14:00 (paikallista aikaa)",
    sv="tidpunkt, t.ex. 2027-01-31T14:00 (lokal tid)",
    en="a time, e.g. 2027-01-31T14:00 (local time)",
)
_ADDRESS = Text(
    fi="osoite, jonka alussa on https://",
    sv="adress som börjar med https://",
    en="an address that begins with https://",
)
_WHOLE = Text(fi="kokonaisluku", sv="heltal", en="a whole number")
_NUMBER = Text(fi="luku", sv="tal", en="a number")
_TEXT = Text(fi="vapaa teksti", sv="fri text", en="free text")
_ID = Text(
    fi="pysyvä tunniste: kirjaimia, numeroita, pisteitä, väliviivoja",
    sv="bestående identifierare: bokstäver, siffror, punkt, bindestreck",
    en="a lasting identifier: letters, digits, dot, hyphens",
)
_PAIRS = Text(
    fi="pareja kuten control:3|demands:1; 0–3; ",
    sv="par såsom control:3|demands:1; 0–3; ",
    en="pairs such as control:3|demands:1; 0–3; ",
)

_ASKS: dict[str, Text] = {
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
    "area": _words(Area),
    "target": _words(Target),
    "audience": _words(AUDIENCES),
    "evidence_grade": _words(Grade),
    "languages": _words(Language),
    "mode": _words(Mode),
    "status": _words(Status),
    "course_status": _words(Status),
    "dimensions": _words(DIMENSIONS),
    "second_view": _words(DIMENSIONS),
}
_REQUIRED = {"external_id", "title_fi", "area", "target", "evidence_grade", "provider", "mode", "capacity"}
_HEADINGS = {
    Language.FI: ("sarake", "pakollinen", "mitä siihen kirjoitetaan"),
    Language.SV: ("kolumn", "obligatorisk", "vad som skrivs där"),
    Language.EN: ("column", "required", "what is written in it"),
}


def guide(language: Language) -> list[tuple[str, ...]]:
    """Return a table that explains every column in `language`, heading first.

    >>> guide(Language.EN)[1]
    ('external_id', 'x', 'a lasting identifier: letters, digits, dot, hyphens')
    """
    rows: list[tuple[str, ...]] = [_HEADINGS[language]]
    for column in (*HEADER, *FURTHER):
        asks = _ASKS[column].read(language) if column in _ASKS else "" if column in _ALLOWED else _TEXT.read(language)
        rows.append((column, "x" if column in _REQUIRED else "", asks + _ALLOWED.get(column, "")))
    return rows
