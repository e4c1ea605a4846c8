"""Slips with access codes, to print, cut and hand out at random."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from app.core.languages import Language, TranslatedText
from app.render.qr_codes import qr_svg
from app.render.typst_pdf import render_pdf

SLIPS_PER_PAGE = 6
INSTRUCTIONS = TranslatedText(
    fi=(
        "Lue QR-koodi puhelimella tai kirjoita selaimeen osoite ja sitten koodi. Vastaa viimeistään {until}. "
        "Koodi toimii yhden kerran, eikä kukaan tiedä, kuka sai minkäkin lapun."
    ),
    sv=(
        "Läs av QR-koden eller skriv adressen i webbläsaren och sedan koden. Svara senast {until}. "
        "Koden fungerar en gång, och ingen vet vem som fick vilken lapp."
    ),
    en=(
        "Scan the QR code, or type the address into a browser and then the code. Answer by {until}. "
        "The code works once, and nobody knows who got which slip."
    ),
)
HEADING = TranslatedText(fi="Näin jaat koodilaput", sv="Så delar du ut kodlapparna", en="How to hand out the slips")
STEPS = (
    TranslatedText(
        fi="Tulosta yksipuolisena ja leikkaa katkoviivoja pitkin. Lappuja on {number}.",
        sv="Skriv ut ensidigt och klipp längs de streckade linjerna. Antalet lappar är {number}.",
        en="Print on one side only and cut along the dashed lines. There are {number} slips.",
    ),
    TranslatedText(
        fi="Taita laput, sekoita ne kulhossa ja anna jokaisen nostaa omansa. Älä kirjaa, kuka otti minkäkin.",
        sv="Vik lapparna, blanda dem i en skål och låt var och en dra sin egen. Anteckna inte vem som tog vilken.",
        en="Fold them, mix them in a bowl and let everyone draw one. Do not note who took which.",
    ),
    TranslatedText(
        fi="Älä kopioi äläkä kuvaa lappuja. Hävitä jakamatta jääneet, kun kysely on päättynyt.",
        sv="Kopiera eller fotografera inte lapparna. Förstör de överblivna när enkäten har stängts.",
        en="Do not copy or photograph the slips. When the round has closed, destroy any slips that are left.",
    ),
    TranslatedText(
        fi="Jos laput tulostetaan uudelleen, tämän erän käyttämättömät laput lakkaavat toimimasta.",
        sv="Om lapparna skrivs ut på nytt slutar de oanvända lapparna i den här satsen att fungera.",
        en="If the slips are printed again, the unused ones of this set stop working.",
    ),
)
SQUARE = TranslatedText(
    fi="QR-koodi, jossa on koodi {code}", sv="QR-kod med koden {code}", en="QR code with the code {code}"
)
WEEKDAYS = {
    Language.FI: ("ma", "ti", "ke", "to", "pe", "la", "su"),
    Language.SV: ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


# Points; a slip has room for one large title, or for three small ones.
LARGE_TITLE = 11
SMALL_TITLE = 8


@dataclass(frozen=True, slots=True)
class SlipBatch:
    """The slips of one community for one round; the codes in `codes` are stored nowhere else."""

    service: str
    round_title: str
    community: str
    codes: Sequence[str]
    closes_at: datetime
    base_url: str
    language: Language = Language.FI
    instructions: TranslatedText = INSTRUCTIONS
    steps: Sequence[TranslatedText] = STEPS
    page: str = ""
    further_titles: Sequence[str] = ()  # the round's title in other languages


def slips_pdf(batch: SlipBatch, *, zone: tzinfo, now: datetime) -> bytes:
    """Return the slips of one community as a PDF for A4, six on a page.

    They are sorted alphabetically; as codes are random, the order reveals nothing about how they were drawn or
    stored.
    """
    address = answer_link(batch.base_url, "", batch.page).removeprefix("https://").removeprefix("http://").rstrip("/#")
    titles = (batch.round_title, *batch.further_titles)
    slips = [_slip(code, batch) for code in sorted(batch.codes)]
    data = {
        "title": f"{batch.round_title} – {batch.community}",
        "service": batch.service,
        "language": batch.language.value,
        "rounds": list(titles),
        "round_size": LARGE_TITLE if len(titles) == 1 else SMALL_TITLE,
        "community": batch.community,
        "address": address,
        "address_size": min(9, 250 / max(len(address), 1)),
        "instructions": [
            {
                "language": language.value,
                "text": batch.instructions.in_language(language).format(
                    until=format_closing_time(batch.closes_at.astimezone(zone), language, weekday=True)
                ),
            }
            for language in Language
        ],
        "covers": [_cover(language, batch.steps, len(slips)) for language in Language],
        "pages": [slips[start : start + SLIPS_PER_PAGE] for start in range(0, len(slips), SLIPS_PER_PAGE)],
    }
    return render_pdf("slips", data=data, at=now)


def format_closing_time(moment: datetime, language: Language, *, weekday: bool = False) -> str:
    """Return a closing time as it is said in `language`; the last minute of a day is just the day.

    With `weekday` it begins with the short name of the day of the week.

    >>> format_closing_time(datetime(2026, 12, 4, 23, 59), Language.FI)
    '4.12.2026'
    >>> format_closing_time(datetime(2026, 12, 4, 16, 0), Language.EN)
    '4 December 2026 at 16:00'
    >>> format_closing_time(datetime(2026, 12, 4, 23, 59), Language.SV, weekday=True)
    'fre 4.12.2026'
    """
    if language is Language.EN:
        day = f"{moment.day} {calendar.month_name[moment.month]} {moment.year}"
        time_text = f" at {moment:%H:%M}"
    else:
        day = f"{moment.day}.{moment.month}.{moment.year}"
        time_text = f" {'klo' if language is Language.FI else 'kl.'} {moment.hour}.{moment:%M}"
    if weekday:
        day = f"{WEEKDAYS[language][moment.weekday()]} {day}"
    return day if (moment.hour, moment.minute) == (23, 59) else day + time_text


def answer_link(base_url: str, code: str, page: str = "") -> str:
    """Return the address in the QR code: the code is in the fragment, which browsers never send.

    >>> answer_link("https://kysely.example/", "ABCD-EFGH")
    'https://kysely.example/#ABCD-EFGH'
    """
    return f"{base_url.rstrip('/')}/{page}#{code}"


def _slip(code: str, batch: SlipBatch) -> dict[str, Any]:
    groups = code.split("-")
    half = (len(groups) + 1) // 2
    lines = ["-".join(groups[:half]) + ("-" if groups[half:] else ""), "-".join(groups[half:])]
    widest = max(len(line) for line in lines)
    return {
        "square": qr_svg(answer_link(batch.base_url, code, batch.page)),
        "alt": SQUARE.in_language(batch.language).format(code=code),
        "lines": [line for line in lines if line],
        "size": min(19, 215 / max(widest, 1)),  # as large as the 53 mm next to the QR code allow
    }


def _cover(language: Language, steps: Sequence[TranslatedText], number: int) -> dict[str, Any]:
    return {
        "language": language.value,
        "heading": HEADING.in_language(language),
        "lines": [step.in_language(language).format(number=number) for step in steps],
    }
