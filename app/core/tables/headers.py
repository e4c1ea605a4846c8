"""Accepted column names of a table: those of the templates, and words in three languages.

A header is recognised whatever its letter case, blanks, hyphens and underscores. What another part of the product
exports under a heading of its own is recognised as well.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from app.core.text import match_key, normal_line

_BETWEEN = re.compile(r"[\s_\-./:*]+")

PLACES: Mapping[str, tuple[str, ...]] = {
    "region": ("alue", "seutu", "region", "regionen"),
    "municipality_id": ("kuntakoodi", "kunnan tunniste", "kommunkod", "kommunens identifierare", "municipality code"),
    "municipality": ("kunta", "kommun", "municipality name", "kunnan nimi", "kommunens namn"),
    "community_id": (
        "yhteisön tunniste", "työyhteisön tunniste", "koulukoodi", "oppilaitosnumero", "gemenskapens identifierare",
        "skolkod", "unit", "community code", "school code",
    ),
    "community": (
        "yhteisö", "työyhteisö", "koulu", "yksikkö", "työpaikka", "gemenskap", "arbetsgemenskap", "skola", "enhet",
        "community name", "school", "unit name",
    ),
    "kind": ("laji", "tyyppi", "typ", "slag", "type"),
    "member": ("jäsen", "medlem"),
    "joined_to": ("yhdistetty", "yhdistetään", "slås ihop med", "förenas med", "joined with"),
    "contact": ("yhteyshenkilö", "yhteystieto", "kontakt", "kontaktperson", "contact e-mail"),
}  # fmt: skip
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "email": (
        "sähköposti", "sähköpostiosoite", "e-post", "epost", "e-postadress", "mejl", "e-mail", "mail", "e-mail address",
        "email address",
    ),
    "name": ("nimi", "namn"),
    "role": ("rooli", "tehtävä", "roll", "uppgift"),
    "language": ("kieli", "asiointikieli", "språk"),
    "group": ("ryhmä", "henkilöstöryhmä", "grupp", "personalgrupp", "staff group"),
    "community": PLACES["community"],
    "municipality": PLACES["municipality"],
}  # fmt: skip
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "community": PLACES["community"],
    "municipality": PLACES["municipality"],
    "group": PEOPLE["group"],
    "invited": (
        "kutsuttu",
        "kutsuttuja",
        "henkilöstö",
        "henkilöstömäärä",
        "inbjudna",
        "personal",
        "staff",
        "headcount",
    ),
    "respondent": ("vastaaja", "respondent", "svarande"),
    "item": ("kysymys", "väite", "fråga", "påstående", "question"),
    "value": ("arvo", "vastaus", "värde", "svar", "answer"),
}
COURSES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("tunniste", "kurssin tunniste", "koulutuksen tunniste", "kursens identifierare", "course id"),
    "title_fi": ("nimi suomeksi", "namn på finska", "title in finnish"),
    "title_sv": ("nimi ruotsiksi", "namn på svenska", "title in swedish"),
    "title_en": ("nimi englanniksi", "namn på engelska", "title in english"),
    "description_fi": ("kuvaus suomeksi", "beskrivning på finska", "description in finnish"),
    "description_sv": ("kuvaus ruotsiksi", "beskrivning på svenska", "description in swedish"),
    "description_en": ("kuvaus englanniksi", "beskrivning på engelska", "description in english"),
    "area": ("teema-alue", "område"),
    "dimensions": ("osa-alueet", "delområden"),
    "target": ("kohde", "mål"),
    "audience": ("kohderyhmä", "målgrupp"),
    "evidence_grade": ("näytön aste", "evidensgrad"),
    "evidence_url": ("näytön osoite", "evidensens adress"),
    "hours": ("tunnit", "timmar"),
    "ects": ("opintopisteet", "studiepoäng", "credits"),
    "languages": ("kielet", "språk", "language"),
    "provider": ("järjestäjä", "kouluttaja", "arrangör", "utbildare"),
    "offering_id": ("toteutuksen tunniste", "genomförandets identifierare", "offering"),
    "mode": ("toteutustapa", "genomförandesätt"),
    "start": ("alkaa", "börjar", "starts"),
    "end": ("päättyy", "slutar", "ends"),
    "place": ("paikka", "plats", "location"),
    "capacity": ("paikkoja", "paikat", "platser", "antal platser", "seats"),
    "min_participants": ("vähintään", "minst", "minimum"),
    "member_quota": ("jäsenkiintiö", "medlemskvot"),
    "registration_url": ("ilmoittautumisosoite", "anmälningsadress"),
    "reg_opens": ("ilmoittautuminen alkaa", "anmälan öppnar", "registration opens"),
    "reg_closes": ("ilmoittautuminen päättyy", "anmälan stänger", "registration closes"),
    "price_eur": ("hinta", "hinta euroa", "pris", "pris euro", "price"),
    "status": ("tila", "status"),
    "updated_at": ("päivitetty", "uppdaterad", "updated"),
}

# Words of a closed set as people write them in Finnish and Swedish; the keys are in the form of `RowReader.word`.
SPOKEN: Mapping[str, str] = {
    "koulu": "school", "peruskoulu": "school", "skola": "school", "grundskola": "school",
    "varhaiskasvatus": "early_childhood", "päiväkoti": "early_childhood", "småbarnspedagogik": "early_childhood",
    "daghem": "early_childhood", "daycare": "early_childhood",
    "lukio": "upper_secondary", "toinen_aste": "upper_secondary", "gymnasium": "upper_secondary",
    "andra_stadiet": "upper_secondary", "muu": "other", "annan": "other", "övrig": "other",
    "rehtori": "principal", "rektor": "principal", "koordinaattori": "coordinator", "koordinator": "coordinator",
    "suomi": "fi", "finska": "fi", "finnish": "fi", "ruotsi": "sv", "svenska": "sv", "swedish": "sv",
    "englanti": "en", "engelska": "en", "english": "en",
}  # fmt: skip
YES = frozenset({"yes", "kyllä", "ja", "true", "tosi", "sant", "1"})
NO = frozenset({"no", "ei", "nej", "false", "epätosi", "falskt", "0"})


def header_key(text: str) -> str:
    """Return what two headings have in common that mean the same column.

    >>> header_key("Community ID") == header_key("community_id"), header_key(" Sähköposti: ")
    (True, 'sähköposti')
    """
    return _BETWEEN.sub(" ", match_key(text)).strip()


def _unambiguous(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the column of each word; a word of two columns stands for neither."""
    columns: dict[str, set[str]] = {}
    for name, spoken in words.items():
        for word in spoken:
            columns.setdefault(header_key(word), set()).add(name)
    return {key: next(iter(names)) for key, names in columns.items() if len(names) == 1}


def column_name_resolver(
    words: Mapping[str, Iterable[str]], also: Mapping[str, Iterable[str]] | None = None
) -> Callable[[str], str]:
    """Return the function from a heading to the name of its column; what is not known stays as it was written.

    `also` holds columns that depend on what is stored, such as staff groups; their names go before the fixed words.

    >>> column_name_resolver({"community": ("koulu",)})("Koulu"), column_name_resolver({})("Colour ")
    ('community', 'Colour')
    """
    known = _unambiguous(words) | _unambiguous(also or {})
    known |= {header_key(name): name for name in (*words, *(also or {}))}

    def rename(heading: str) -> str:
        key = header_key(heading)
        return known.get(key, normal_line(heading))

    return rename
