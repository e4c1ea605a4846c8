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
        en="If it is lost, the answers can never be counted: the round is lost and must be held again.",
    ),
    TranslatedText(
        fi="Jos joku muu saa avaimen ja tietokannan, hän voi lukea vastaukset. Kerro heti, jos epäilet sitä.",
        sv="Om någon annan får både nyckeln och databasen kan svaren läsas. Meddela genast om du misstänker det.",
        en="Anyone who has both the key and the database can read the answers. If you suspect this, report it at once.",
    ),
    TranslatedText(
        fi="Laskennassa kirjoitat sanat tai luet QR-koodin lukijalla. Rivin viimeinen sana on rivin tarkiste.",
        sv="Vid räkningen skriver du orden eller läser QR-koden med en läsare. Radens sista ord kontrollerar raden.",
        en="At the count you type the words or scan the QR code. The last word of a line checks the line.",
    ),
    TranslatedText(
        fi="Kun kysely on laskettu, avaimella ei enää ole käyttöä: hävitä tämä paperi.",
        sv="När enkäten har räknats behövs nyckeln inte längre: förstör detta papper.",
        en="When the round has been counted, the key is no longer needed: destroy this paper.",
    ),
)
SPLIT = TranslatedText(
    fi="Avain on jaettu kahteen osaan. Kumpikaan osa yksin ei avaa mitään, ja laskentaan tarvitaan molemmat.",
    sv="Nyckeln är delad i två. Ingen av delarna öppnar något för sig, och båda behövs för räkningen.",
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
    KeyFate.PENDING: TranslatedText(
        fi="Kullakin palvelimella oli oma avaimensa tähän kierrokseen. Palvelin, joka ei ollut käynnissä "
        "laskennan aikana, hävittää avaimensa heti, kun se käynnistyy. Avaimella ei enää saa auki mitään, mitä "
        "tietokannassa on. Jos palvelin ei palaa käyttöön, sen levy on hävitettävä.",
        sv="Varje server hade en egen nyckel till den här omgången. En server som inte var i gång vid räkningen "
        "förstör sin nyckel så snart den startar. Nyckeln öppnar inte längre något som finns i databasen. Om servern "
        "inte kommer tillbaka ska dess disk förstöras.",
        en="Each server had a key of its own to this round. A server that was down at the count destroys its key when "
        "it starts again, before anything else. That key opens nothing in the database any more. If the server does "
        "not come back, destroy its disk.",
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
DESTROYED_ON = TranslatedText(
    fi="Avain hävitetty palvelimilta", sv="Nyckeln förstörd på servrarna", en="Key destroyed on the servers"
)
PENDING_ON = TranslatedText(
    fi="Avain on vielä hävitettävä palvelimilta",
    sv="Nyckeln ska ännu förstöras på servrarna",
    en="Key still to be destroyed on the servers",
)
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


RECOVERY_TITLE = TranslatedText(fi="Palautuslomake", sv="Återställningsblad", en="Recovery sheet")
RECOVERY = (
    TOLD[0],
    TranslatedText(
        fi="Tätä tarvitaan vain, jos kaikki palvelimet, joilla avain on, menetetään. Anna se silloin IT-tuelle.",
        sv="Detta behövs bara om alla servrar som har nyckeln går förlorade. Ge det då till it-stödet.",
        en="This is needed only if every server that has the key is lost. Then give it to the IT support.",
    ),
    TOLD[2],
    TranslatedText(
        fi="IT-tuki palauttaa avaimen palvelimelle näillä sanoilla. Rivin viimeinen sana on rivin tarkiste.",
        sv="It-stödet återställer nyckeln till servern med orden. Radens sista ord kontrollerar raden.",
        en="The IT support restores the key to a server with these words. The last word of a line checks the line.",
    ),
    TOLD[4],
)


@dataclass(frozen=True, slots=True)
class KeySheetPage:
    """One key backup: its lines of words, and the same as text of a QR code."""

    lines: Sequence[str]
    payload: str


def key_sheets_pdf(
    pages: Sequence[KeySheetPage],
    *,
    service: str,
    title: str,
    closes_at: datetime,
    zone: tzinfo,
    now: datetime,
    language: Language,
    recovery: bool = False,
) -> bytes:
    """Return the key backups of a round as a PDF, one page each, in three languages.

    `recovery`: the sheet is for the loss of every host, in automatic mode.
    """
    split = len(pages) > 1
    heading = RECOVERY_TITLE if recovery else TITLE
    local_closing = closes_at.astimezone(zone)
    data = {
        "service": service,
        "title": f"{heading.in_language(language)}: {title}",
        "language": language.value,
        "round": title,
        "square_alt": SQUARE.in_language(language),
        "pages": [
            {
                "lines": list(page.lines),
                "square": qr_svg(page.payload),
                "number": SHEET.in_language(language).format(number=number, of=len(pages)) if split else "",
            }
            for number, page in enumerate(pages, start=1)
        ],
        "instructions": [
            _instructions(item, local_closing, split=split, recovery=recovery)
            for item in (language, *(rest for rest in Language if rest != language))
        ],
    }
    return render_pdf("keysheets", data=data, at=now)


COLUMNS = (TranslatedText(fi="Tieto", sv="Uppgift", en="Item"), TranslatedText(fi="Arvo", sv="Värde", en="Value"))


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
        "title": f"{CERTIFICATE.in_language(language)}: {title}",
        "language": language.value,
        "heading": CERTIFICATE.in_language(language),
        "round": title,
        "rows": [
            *([text.in_language(language), _value(getattr(certificate, name), zone, language)] for name, text in rows),
            *_key_hosts(certificate, language),
            *_processes(certificate, left, language),
        ],
        "columns": [column.in_language(language) for column in COLUMNS],
        "note": NOTES[fate].in_language(language) if fate in NOTES else "",
        "fingerprint": [FINGERPRINT.in_language(language), certificate.publication_digest],
    }
    return render_pdf("certificate", data=data, at=now)


def _instructions(language: Language, closes_at: datetime, *, split: bool, recovery: bool) -> dict[str, Any]:
    texts = RECOVERY if recovery else TOLD
    lines = [text.in_language(language).format(until=format_closing_time(closes_at, language)) for text in texts]
    heading = (RECOVERY_TITLE if recovery else TITLE).in_language(language)
    return {
        "language": language.value,
        "heading": heading,
        "lines": ([SPLIT.in_language(language)] if split else []) + lines,
    }


def _key_hosts(certificate: Certificate, language: Language) -> list[list[str]]:
    rows = ((DESTROYED_ON, certificate.hosts_without_keys), (PENDING_ON, certificate.hosts_with_keys))
    return [[text.in_language(language), ", ".join(names)] for text, names in rows if names]


def _processes(certificate: Certificate, left: Sequence[str], language: Language) -> list[list[str]]:
    if certificate.processes is None:  # counted by a version that did not replace them
        return []
    value = f"{NOT_YET.in_language(language)}: {', '.join(left)}" if left else str(len(certificate.processes))
    return [[PROCESSES.in_language(language), value]]


def _value(value: int | datetime | None, zone: tzinfo, language: Language) -> str:
    if value is None:
        return NOT_YET.in_language(language)
    return format_closing_time(value.astimezone(zone), language) if isinstance(value, datetime) else str(value)
