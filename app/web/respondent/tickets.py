"""Answer tickets: the result of resolving a code, carried by the form and signed by the server.

Resolving a code is slow on purpose, so it is done once, and once more when the answers are sent. In between the page
carries the result, authenticated with the installation's secret and bound to the code: it cannot be forged, and it is
valid for no other code.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import asdict, fields
from datetime import datetime
from functools import lru_cache

from app.core.languages import Translations
from app.core.rounds import KeyMode, RoundId
from app.services.answering import AnswerTicket

PURPOSE = b"voimavara stamp of a paper"
FIELDS = tuple(field.name for field in fields(AnswerTicket))
_NAMES = frozenset(FIELDS)


class InvalidTicket(Exception):
    """The ticket was not signed by this service for this code."""


class UnsupportedTicketVersion(Exception):
    """The ticket was signed for this code, but by an older version of the service with other fields."""


def sign(ticket: AnswerTicket, *, code: str, secret: bytes) -> str:
    """Return a ticket as a signed string that is bound to the code."""
    values = asdict(ticket) | {"closes_at": ticket.closes_at.isoformat()}
    written = {name: values[name] for name in FIELDS}
    content = json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mark(content, code, secret) + content).decode()


def verify(signed_ticket: str, *, code: str, secret: bytes) -> AnswerTicket:
    """Return the ticket in a signed string.

    Raises InvalidTicket if it was not signed here or for another code, UnsupportedTicketVersion if its fields are not
    those of this version.
    """
    try:
        raw = base64.urlsafe_b64decode(signed_ticket)
    except (ValueError, binascii.Error) as fault:
        raise InvalidTicket from fault
    mark = raw[:32]
    content = raw[32:]
    if not hmac.compare_digest(mark, _mark(content, code, secret)):
        raise InvalidTicket
    written = json.loads(content)
    if written.keys() != _NAMES:
        raise UnsupportedTicketVersion
    translations = written["title_translations"]
    return AnswerTicket(
        **{
            **written,
            "title_translations": None if translations is None else Translations(**translations),
            "round_id": RoundId(written["round_id"]),
            "key_mode": KeyMode(written["key_mode"]),
            "closes_at": datetime.fromisoformat(written["closes_at"]),
        }
    )


def _mark(content: bytes, code: str, secret: bytes) -> bytes:
    return hmac.digest(_key(secret), code.encode() + b"\0" + content, hashlib.sha256)


@lru_cache(maxsize=4)
def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, PURPOSE, hashlib.sha256)
