import logging
import secrets

import pytest

from app.core.bounces import BOUNCE_TAG_HEADER, MailboxMessageKind, parse_mailbox_message
from tests import bounce_messages

MARK = "7-1764072000.abcdefghijklmnop.ABCDEFGH-JKLMN_P"
LETTER = (
    "From: Kysely <kysely@kunta.example>\r\nTo: anna@kunta.example\r\nSubject: Kutsu\r\n"
    f"Message-ID: <1@kunta.example>\r\n{BOUNCE_TAG_HEADER}: {MARK}\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nHyvää päivää!\r\n\r\nAction: delayed\r\n"
).encode()
FAILURES = {
    "postfix": bounce_messages.from_postfix(LETTER),
    "a line of a mail server before it": b"From MAILER-DAEMON Tue Nov 24 14:05:11 2026\n"
    + bounce_messages.from_postfix(LETTER),
    "given up after days": bounce_messages.from_postfix(LETTER, status="4.4.7"),
    "exchange": bounce_messages.from_exchange(LETTER),
    "exchange, the letter itself": bounce_messages.from_exchange(LETTER, returned="message/rfc822"),
    **{
        f"{encoding} {kind}": bounce_messages.from_exchange(LETTER, encoding=encoding, returned=kind)
        for encoding in ("base64", "quoted-printable")
        for kind in ("text/rfc822-headers", "message/rfc822")
    },
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_known_with_the_bounce_tag_of_the_letter_and_whom_it_was_for(name):
    report = parse_mailbox_message(FAILURES[name])
    assert (report.kind, report.bounce_tag, report.addresses) == (
        MailboxMessageKind.FAILED,
        MARK,
        ("anna@kunta.example",),
    )


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (bounce_messages.delayed(LETTER), MailboxMessageKind.DELAYED),
        (bounce_messages.from_postfix(LETTER, action="delivered", status="2.0.0"), MailboxMessageKind.OTHER),
        (bounce_messages.on_holiday(LETTER), MailboxMessageKind.OTHER),
        (bounce_messages.read_receipt(), MailboxMessageKind.OTHER),
        (bounce_messages.cut_short(LETTER), MailboxMessageKind.DAMAGED),
        (b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts at all", MailboxMessageKind.DAMAGED),
        (bounce_messages.GARBAGE, MailboxMessageKind.DAMAGED),
        (b"", MailboxMessageKind.DAMAGED),
    ],
)
def test_what_is_no_failure_is_told_apart_and_gives_neither_bounce_tag_nor_address(raw, kind):
    report = parse_mailbox_message(raw)
    assert (report.kind, report.bounce_tag, report.addresses) == (kind, "", ())


def test_a_failure_without_the_letter_has_no_postmark_and_names_the_recipient_of_the_report():
    raw = bounce_messages.from_exchange(LETTER, returned="application/octet-stream")
    assert parse_mailbox_message(raw) == parse_mailbox_message(raw)
    assert (
        parse_mailbox_message(raw).kind,
        parse_mailbox_message(raw).bounce_tag,
        parse_mailbox_message(raw).addresses,
    ) == (
        MailboxMessageKind.FAILED,
        "",
        ("anna@kunta.example",),
    )


def test_an_address_that_would_command_a_terminal_is_not_shown():
    raw = bounce_messages.from_postfix(LETTER.replace(b"To: anna@", b"To: \x1b[2Janna@"))
    assert parse_mailbox_message(raw).bounce_tag == MARK
    assert not [one for one in parse_mailbox_message(raw).addresses if not one.isprintable()]


def test_a_report_shows_no_address_where_it_is_written_down():
    assert "anna" not in repr(parse_mailbox_message(FAILURES["postfix"]))


def test_a_whole_letter_behind_a_large_attachment_is_still_read():
    raw = bounce_messages.from_postfix(LETTER + b"x" * 3_000_000)
    assert parse_mailbox_message(raw).bounce_tag == MARK


@pytest.mark.parametrize("name", ["postfix", "base64 message/rfc822"])
def test_whatever_is_broken_in_a_report_it_is_read_without_an_error(name):
    whole = FAILURES[name]
    kinds = set()
    for start in range(0, len(whole), 7):
        kinds.add(parse_mailbox_message(whole[:start]).kind)
        kinds.add(parse_mailbox_message(whole[:start] + secrets.token_bytes(5) + whole[start + 5 :]).kind)
        kinds.add(parse_mailbox_message(whole[:start] + whole[start + 40 :]).kind)
    assert kinds >= {MailboxMessageKind.FAILED, MailboxMessageKind.DAMAGED}


@pytest.mark.parametrize("sign", [b"\x0b", b"\x0c", b"\x1c", b"\x1e"])
def test_a_header_that_holds_another_one_is_damaged(sign):
    # The standard library breaks lines at these signs only where it writes a header again, and then refuses it.
    assert (
        parse_mailbox_message(FAILURES["postfix"].replace(b"failed\nStatus", b"failed" + sign + b"Status")).kind
        is MailboxMessageKind.DAMAGED
    )


def test_parts_within_parts_without_end_are_damaged():
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(2000))
    assert parse_mailbox_message(raw).kind in {MailboxMessageKind.OTHER, MailboxMessageKind.DAMAGED}


def test_a_detector_that_fails_writes_nothing_down(monkeypatch, caplog):
    def broken(_mail):
        logging.getLogger("flufl.bounce").error("words of the message")
        raise ValueError

    monkeypatch.setattr("flufl.bounce.all_failures", broken)
    raw = b"From: MAILER-DAEMON@relay.example\nSubject: failed\n\nwords"
    assert parse_mailbox_message(raw).kind is MailboxMessageKind.DAMAGED
    assert caplog.records == []
