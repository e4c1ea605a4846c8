"""Key backups for trustees and the certificate of a count, as PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from app.core.languages import Language, TranslatedText
from app.core.rounds import Certificate, KeyFate
from app.render.qr_codes import qr_svg
from app.render.slips import format_closing_time
from app.render.typst_pdf import render_pdf

TITLE = TranslatedText(fi="Vastausuurnan avain", sv="Nyckel till urnan", en="Key of the ballot box")
SHEET = TranslatedText(fi="lomake {number}/{of}", sv="blad {number} av {of}", en="sheet {number} of {of}")
SQUARE = TranslatedText(fi="Sama avain QR-koodina", sv="Samma nyckel som QR-kod", en="The same key as a QR code")
TOLD = (
    TranslatedText(
        fi="Säilytä tämä lukitussa paikassa laskentaan asti, ainakin {until} saakka. Älä kuvaa äläkä tallenna sitä.",
        sv="Förvara detta inlåst tills enkäten har räknats, minst till {until}. Fotografera eller spara det inte.",
        en="Keep this under lock until the round is counted, {until} at the earliest. Do not photograph or store it.",
    ),
    TranslatedText(
        fi="Jos avain katoaa, vastauksia ei voi enää mitenkään laskea: kysely on tehtävä uudelleen.",
        sv="Om nyckeln försvinner kan svaren aldrig räknas: enkäten måste göras om.",
        en="If it is lost, the answers can never be counted: the round is lost and has to be held again.",
    ),
    TranslatedText(
        fi="Jos joku muu saa avaimen ja tietokannan, hän voi lukea vastaukset. Kerro heti, jos epäilet sitä.",
        sv="Om någon annan får både nyckeln och databasen kan svaren läsas. Meddela genast om du misstänker det.",
        en="Whoever has both the key and the database can read the answers. Say so at once if you suspect that.",
    ),
    TranslatedText(
        fi="Laskennassa kirjoitat sanat tai luet QR-koodin lukijalla. Rivin viimeinen sana on rivin tarkiste.",
        sv="Vid räkningen skriver du orden eller läser QR-koden med en läsare. Radens sista ord kontrollerar raden.",
        en="At the count you type the words or scan the QR code. The last word of a line checks the line.",
    ),
    TranslatedText(
        fi="Kun kysely on laskettu, avaimella ei enää ole käyttöä: hävitä tämä paperi.",
        sv="När enkäten har räknats behövs nyckeln inte längre: förstör detta papper.",
        en="When the round is counted the key has no more use: destroy this paper.",
    ),
)
SPLIT = TranslatedText(
    fi="Avain on jaettu kahteen osaan. Kumpikaan osa yksin ei avaa mitään, ja laskentaan tarvitaan molemmat.",
    sv="Nyckeln är delad i två. Ingen av delarna öppnar något ensam, och båda behövs för räkningen.",
    en="The key is split in two. Neither part opens anything alone, and both are needed for the count.",
)
CERTIFICATE = TranslatedText(fi="Laskentatodistus", sv="Räkningsintyg", en="Certificate of the count")
ROWS: tuple[tuple[str, TranslatedText], ...] = (
    ("counted_at", TranslatedText(fi="Laskettu", sv="Räknad", en="Counted on")),
    ("invited", TranslatedText(fi="Kutsuttuja", sv="Inbjudna", en="People invited")),
    (
        "drawn",
        TranslatedText(fi="Arvottuja koodeja kaikkiaan", sv="Framlottade koder totalt", en="Codes drawn in total"),
    ),
    (
        "issued",
        TranslatedText(
            fi="Lopussa voimassa olleita koodeja", sv="Giltiga koder vid slutet", en="Codes valid at the end"
        ),
    ),
    ("counted", TranslatedText(fi="Laskettuja vastauksia", sv="Räknade svar", en="Ballots counted")),
    (
        "unreadable",
        TranslatedText(
            fi="Vastauksia, joita ei voitu lukea", sv="Svar som inte kunde läsas", en="Ballots that could not be read"
        ),
    ),
    (
        "erased_boxes",
        TranslatedText(fi="Hävitettyjä vastausuurnia", sv="Förstörda urnor", en="Ballot boxes destroyed"),
    ),
    ("erased_codes", TranslatedText(fi="Hävitettyjä koodeja", sv="Förstörda koder", en="Codes destroyed")),
    (
        "erased_contacts",
        TranslatedText(fi="Hävitettyjä yhteystietoja", sv="Förstörda kontaktuppgifter", en="Contacts destroyed"),
    ),
)
COMMENTS: tuple[tuple[str, TranslatedText], ...] = (
    (
        "comments_kept",
        TranslatedText(fi="Luettavia kommentteja", sv="Kommentarer som får läsas", en="Comments that may be read"),
    ),
    (
        "comments_erased",
        TranslatedText(fi="Hävitettyjä kommentteja", sv="Förstörda kommentarer", en="Comments destroyed"),
    ),
)
DESTROYED = TranslatedText(
    fi="Avain hävitetty ja tallennustila puhdistettu",
    sv="Nyckeln förstörd och lagringsutrymmet rensat",
    en="Key destroyed and storage erased",
)
WIPED = TranslatedText(fi="Tallennustila puhdistettu", sv="Lagringsutrymmet rensat", en="Storage erased")
PAPER = TranslatedText(
    fi="Palvelu ei ole säilyttänyt avainta. Sitä ei enää tarvita: avaimen haltija hävittää avainlomakkeen.",
    sv="Tjänsten har aldrig förvarat nyckeln. Den behövs inte längre: nyckelinnehavaren förstör nu nyckelbladet.",
    en="The service never stored the key. It is no longer needed: the trustee destroys the key sheet now.",
)
NOTES = {
    KeyFate.WITH_TRUSTEE: PAPER,
    KeyFate.UNSEEN: TranslatedText(
        fi="Avaintiedosto ei ollut palvelimella, joka puhdisti tallennustilan. Se hävitetään heti, kun palvelin, "
        "jolla se on, palaa käyttöön.",
        sv="Nyckelfilen fanns inte på den server som rensade lagringsutrymmet. Den förstörs så snart den server som "
        "har den är tillbaka.",
        en="The key file was not on the server that erased the storage. It is destroyed as soon as the server that "
        "has it is back in use.",
    ),
    KeyFate.LOST: TranslatedText(
        fi="Kierroksen avain katosi: yhtäkään vastausta ei luettu. Jos avain löytyy, se on hävitettävä.",
        sv="Omgångens nyckel har försvunnit: inget svar lästes. Om nyckeln hittas ska den förstöras.",
        en="The key of this round was lost: no answer was read. If the key is found, destroy it.",
    ),
    KeyFate.NEVER_WAS: TranslatedText(
        fi="Avainta ei ollut: vastaukset kerättiin muualla.",
        sv="Det fanns ingen nyckel: svaren samlades in på annat håll.",
        en="There was no key: the answers were collected elsewhere.",
    ),
}
PROCESSES = TranslatedText(
    fi="Muistin tyhjentämiseksi vaihdettuja prosesseja",
    sv="Processer som bytts ut för att tömma minnet",
    en="Processes replaced to clear the memory",
)
NOT_YET = TranslatedText(fi="ei vielä", sv="inte ännu", en="not yet")
FINGERPRINT = TranslatedText(
    fi="Julkaistun aineiston tiiviste (SHA-256)",
    sv="Fingeravtryck av publikationen (SHA-256)",
    en="Fingerprint of what was published (SHA-256)",
)


@dataclass(frozen=True, slots=True)
class KeyBackupPage:
    """One key backup: its lines of words, and the same as text of a QR code."""

    lines: Sequence[str]
    payload: str


def key_backup_pdf(
    pages: Sequence[KeyBackupPage],
    *,
    service: str,
    title: str,
    closes_at: datetime,
    zone: tzinfo,
    now: datetime,
    language: Language,
) -> bytes:
    """Return the key backups of a round as a PDF, one page each, in three languages."""
    split = len(pages) > 1
    local_closing = closes_at.astimezone(zone)
    data = {
        "service": service,
        "title": f"{TITLE.read(language)}: {title}",
        "language": language.value,
        "round": title,
        "square_alt": SQUARE.read(language),
        "pages": [
            {
                "lines": list(page.lines),
                "square": qr_svg(page.payload),
                "number": SHEET.read(language).format(number=number, of=len(pages)) if split else "",
            }
            for number, page in enumerate(pages, start=1)
        ],
        "told": [
            _instructions(item, local_closing, split=split)
            for item in (language, *(rest for rest in Language if rest != language))
        ],
    }
    return render_pdf("keysheets", data=data, at=now)


def certificate_pdf(
    certificate: Certificate,
    *,
    service: str,
    title: str,
    zone: tzinfo,
    now: datetime,
    language: Language,
    left: Sequence[str] = (),
) -> bytes:
    """Return the certificate of a count as a PDF in one language.

    `left` names the hosts with a process that served the round and was not replaced yet.
    """
    fate = certificate.key_fate
    commented = COMMENTS if certificate.comments_kept or certificate.comments_erased else ()
    wiped = () if fate is KeyFate.NEVER_WAS else (("cleaned_at", DESTROYED if fate is KeyFate.DESTROYED else WIPED),)
    rows = (*ROWS, *commented, *wiped)
    data = {
        "service": service,
        "title": f"{CERTIFICATE.read(language)}: {title}",
        "language": language.value,
        "heading": CERTIFICATE.read(language),
        "round": title,
        "rows": [
            *([text.read(language), _value(getattr(certificate, name), zone, language)] for name, text in rows),
            *_processes(certificate, left, language),
        ],
        "note": NOTES[fate].read(language) if fate in NOTES else "",
        "fingerprint": [FINGERPRINT.read(language), certificate.publication_digest],
    }
    return render_pdf("certificate", data=data, at=now)


def _instructions(language: Language, closes_at: datetime, *, split: bool) -> dict[str, Any]:
    lines = [text.read(language).format(until=format_closing_time(closes_at, language)) for text in TOLD]
    heading = TITLE.read(language)
    return {"language": language.value, "heading": heading, "lines": ([SPLIT.read(language)] if split else []) + lines}


def _processes(certificate: Certificate, left: Sequence[str], language: Language) -> list[list[str]]:
    if certificate.processes is None:  # counted by a version that did not replace them
        return []
    value = f"{NOT_YET.read(language)}: {', '.join(left)}" if left else str(len(certificate.processes))
    return [[PROCESSES.read(language), value]]


def _value(value: int | datetime | None, zone: tzinfo, language: Language) -> str:
    if value is None:
        return NOT_YET.read(language)
    return format_closing_time(value.astimezone(zone), language) if isinstance(value, datetime) else str(value)
