"""E-mails as plain text and HTML, in three languages. Their texts are in `message_texts`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from markupsafe import Markup

from app.config import Settings
from app.core.languages import Language, TranslatedText
from app.core.mail import MessagePurpose
from app.render.message_texts import OPENING, SUBJECTS, TEXTS, UNDER_THE_BUTTON, MessageTexts
from app.render.slips import format_closing_time

COLOURS = {
    "ink": "#1b2529",
    "muted": "#4a585f",
    "accent": "#12566b",
    "paper": "#f6f5f1",
    "card": "#ffffff",
    "line": "#d2d8da",
}
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class SenderDetails:
    """Sender of messages: name and address of the installation, and whom to ask."""

    service: str
    address: str
    contact: str
    mail_from: str
    zone: tzinfo
    language: Language


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """Subject of a message, with its text as plain text and as HTML."""

    subject: str
    text: str
    html: str


def sender_details(settings: Settings) -> SenderDetails:
    """Return the sender of messages of an installation."""
    return SenderDetails(
        service=settings.service_name,
        address=settings.base_url.rstrip("/"),
        contact=settings.contact,
        mail_from=settings.mail_from,
        zone=ZoneInfo(settings.time_zone),
        language=Language(settings.default_language),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """A message's sentences, ready to be set in either form."""

    heading: str
    paragraphs: Sequence[str]
    button: str
    target: str
    code: str
    beside_the_code: str
    small: Sequence[str]


def render_message(
    purpose: MessagePurpose, language: Language, words: Mapping[str, str], *, head: SenderDetails
) -> RenderedMessage:
    """Write one message; `words` hold what its sentences name.

    A moment is given in ISO form as `until`, a round's title as `round`, and in the languages in which it was written
    also as `round_fi` and so on.
    """
    values = {"service": head.service, "contact": head.contact, "address": head.address, **words}
    values["round"] = words.get(f"round_{language.value}", words.get("round", ""))
    if "until" in words:
        until = datetime.fromisoformat(words["until"]).astimezone(head.zone)
        values["until"] = format_closing_time(until, language, weekday=True)
    parts = _parts(TEXTS[purpose], language, values)
    subject = " ".join(_fill_in(SUBJECTS[purpose], language, values).split())
    return RenderedMessage(subject, text=_plain(parts, language, head), html=_html(parts, language, head))


def _parts(wording: MessageTexts, language: Language, values: Mapping[str, str]) -> _Parts:
    # The part after "#" never leaves the browser: no server sees the code.
    code = values.get("code", "")
    page = f"{values['address']}{values.get('path') or wording.path}"
    return _Parts(
        heading=_fill_in(wording.heading, language, values),
        paragraphs=[
            _fill_in(paragraph, language, values) for paragraph in wording.paragraphs if _has_values(paragraph, values)
        ],
        button=_fill_in(wording.button, language, values) if wording.button else "",
        target=f"{page}#{code}" if code else page,
        code=code,
        beside_the_code=UNDER_THE_BUTTON.in_language(language).format(address=page) if code else "",
        small=[_fill_in(text, language, values) for text in wording.small if _has_values(text, values)],
    )


def _fill_in(text: TranslatedText, language: Language, values: Mapping[str, str]) -> str:
    return text.in_language(language).format_map(values)


def _has_values(text: TranslatedText, values: Mapping[str, str]) -> bool:
    """Tell whether a sentence has everything that it names; one about an empty contact is left out."""
    return all(values.get(name) for name in ("contact", "detail", "until") if f"{{{name}}}" in text.en)


def _plain(parts: _Parts, language: Language, head: SenderDetails) -> str:
    paragraphs = [parts.heading, OPENING.in_language(language), *parts.paragraphs]
    if parts.button:
        paragraphs.append(f"{parts.button}:\n{parts.target}")
    if parts.code:
        paragraphs.append(f"{parts.beside_the_code} {parts.code}")
    return "\n\n".join([*paragraphs, *parts.small, f"-- \n{head.service}\n{head.address}"]) + "\n"


def _html(parts: _Parts, language: Language, head: SenderDetails) -> str:
    body = [OPENING.in_language(language), *parts.paragraphs]
    shown = Markup("").join(Markup('<p style="margin:0 0 16px">{}</p>').format(item) for item in body)
    if parts.button:
        shown += _BUTTON.format(button=parts.button, target=parts.target, **COLOURS)
    if parts.code:
        shown += _CODE.format(before=parts.beside_the_code, code=parts.code, **COLOURS)
    small = Markup("").join(Markup('<p style="margin:0 0 10px">{}</p>').format(item) for item in parts.small)
    frame = _FRAME.format(
        language=language.value,
        heading=parts.heading,
        service=head.service,
        address=head.address,
        shown=shown,
        small=small,
        fonts=FONTS,
        **COLOURS,
    )
    return str(frame)


_BUTTON = Markup(
    '<p style="margin:24px 0"><a href="{target}" style="display:inline-block;background:{accent};color:{card};'
    'font-weight:600;text-decoration:none;padding:14px 28px;border-radius:8px">{button}</a></p>'
)
_CODE = Markup(
    '<p style="margin:0 0 20px">{before}<br><strong style="display:inline-block;margin-top:8px;padding:8px 12px;'
    "border:1px solid {line};border-radius:6px;background:{paper};color:{ink};font-family:ui-monospace,Menlo,Consolas,"
    'monospace;font-size:17px;letter-spacing:0.5px">{code}</strong></p>'
)
_FRAME = Markup(
    """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{heading}</title>
</head>
<body style="margin:0;padding:0;background:{paper}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:{paper}">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;\
font-family:{fonts};color:{ink};font-size:16px;line-height:1.55">
<tr><td style="padding:0 8px 14px;font-size:17px;font-weight:700;color:{accent}">{service}</td></tr>
<tr><td style="background:{card};border:1px solid {line};border-top:4px solid {accent};border-radius:10px;\
padding:28px 26px 14px">
<h1 style="margin:0 0 18px;font-size:24px;line-height:1.25;color:{ink}">{heading}</h1>
{shown}
</td></tr>
<tr><td style="padding:18px 26px 8px;font-size:14px;line-height:1.5;color:{muted}">
{small}
<p style="margin:0"><a href="{address}" style="color:{accent}">{address}</a></p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""
)
