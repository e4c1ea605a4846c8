"""Refusals of a mail server, sorted by whom they concern: each status for itself."""

import pytest

from app.core.smtp_replies import RefusalCause, SmtpReply, read_reply

ADDRESS = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"]
RECIPIENT = ["", "5.0.0", "5.1.0", "5.1.4", "5.2.0", "5.2.2", "5.2.3", "5.3.4", "5.5.0", "5.6.0"]
SENDER = ["5.1.7", "5.1.8", "5.1.90", "5.2.252", "5.4.5"]
POLICY_OF_THE_SENDER = [
    *(3, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 30, 57, 60, 64),
    *(501, 502, 503, 508, 509, 510, 511, 705, 708, 750),
]
UNCLEAR = ["5.7.0", "5.7.1", "5.7.2", "5.7.133", "5.7.606", "5.4.0", "5.4.1", "5.4.4", "5.4.7", "5.4.14"]


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        *((status, RefusalCause.ADDRESS) for status in ADDRESS),
        *((status, RefusalCause.RECIPIENT) for status in RECIPIENT),
        *((status, RefusalCause.SENDER) for status in SENDER),
        *((f"5.7.{detail}", RefusalCause.SENDER) for detail in POLICY_OF_THE_SENDER),
        *((status, RefusalCause.UNCLEAR) for status in UNCLEAR),
    ],
)
@pytest.mark.parametrize("code", [550, 551, 552, 553, 554])
def test_a_status_tells_whom_a_refusal_concerns(code, status, cause):
    assert SmtpReply(code, status).cause is cause


@pytest.mark.parametrize("code", [530, 534, 535, 538])
@pytest.mark.parametrize("status", ["", "5.1.1", "5.7.0"])
def test_whoever_must_sign_in_is_the_sender(code, status):
    assert SmtpReply(code, status).cause is RefusalCause.SENDER


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"5.1.1 no such user", "5.1.1"), (b" 5.7.1 <a@b.example> denied", "5.7.1"), (b"5.1.1", "5.1.1"),
        (b"no such user", ""), (b"5.1 half a status", ""), (b"5.1.1.1 an address", ""), (b"5.1.11234", ""),
        (b"192.0.2.1 is blocked", ""), (b"3.1.1 no class", ""), (b"see 5.1.1", ""), (b"5.1.1-\xff", "5.1.1"),
    ],
)  # fmt: skip
def test_a_status_is_read_only_at_the_beginning_and_whole(text, status):
    assert read_reply(550, text) == SmtpReply(550, status)
    assert str(read_reply(550, text)) == f"550 {status}".strip()
