"""Classify SMTP replies (RFC 3463): a rejection concerns either the recipient or the sender."""

import re
from dataclasses import dataclass
from enum import StrEnum

_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# Sign-in is required, too weak or was refused: it concerns every message.
_SIGN_IN = {530, 534, 535, 538}
# The sender's address is bad (1.7, 1.8); Exchange: daily quota (1.90), no right to
# send as this sender (2.252); Gmail: daily quota (4.5).
_SENDER = {(1, 7), (1, 8), (1, 90), (2, 252), (4, 5)}
# Exchange and others: sender not signed in, sender not allowed, SPF, DKIM, reverse name, DMARC.
_SENDER_POLICY = {3, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 30, 57, 60, 64}
_SENDER_POLICY |= {501, 502, 503, 508, 509, 510, 511, 705, 708, 750}
# No such mailbox, domain, host or form of address; mailbox moved; domain takes no mail; mailbox closed.
_ADDRESS = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}


class RefusalCause(StrEnum):
    """What a permanent refusal is about; UNCLEAR may be the sender or the recipient."""

    ADDRESS = "address"
    RECIPIENT = "recipient"
    UNCLEAR = "unclear"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A reply without its text, which may contain an address: the code and the enhanced status, such as 5.1.1."""

    code: int
    status: str = ""

    def __str__(self) -> str:
        """Return both as they stand in the reply."""
        return f"{self.code} {self.status}".rstrip()

    @property
    def cause(self) -> RefusalCause:
        """What a refusal is about. Policy (x.7) and routing (x.4) may concern either side.

        >>> [SmtpReply(550, status).cause.value for status in ("5.1.1", "5.2.2", "", "5.7.1", "5.4.5", "5.2.252")]
        ['address', 'recipient', 'recipient', 'unclear', 'sender', 'sender']
        """
        numbers = [int(number) for number in self.status.split(".")] if self.status else [0, 0, 0]
        subject = numbers[1]
        detail = numbers[2]
        if self.code in _SIGN_IN or (subject, detail) in _SENDER or (subject == 7 and detail in _SENDER_POLICY):
            return RefusalCause.SENDER
        if subject in {4, 7}:
            return RefusalCause.UNCLEAR
        return RefusalCause.ADDRESS if (subject, detail) in _ADDRESS else RefusalCause.RECIPIENT


def read_reply(code: int, text: bytes) -> SmtpReply:
    """Read the enhanced status at the beginning of a reply's text; a reply without one has none.

    >>> str(read_reply(550, b"5.4.5 Daily user sending quota exceeded")), str(read_reply(550, b"no such user"))
    ('550 5.4.5', '550')
    """
    match = _STATUS.match(text.decode("ascii", "replace"))
    return SmtpReply(code, ".".join(match.groups()) if match else "")
