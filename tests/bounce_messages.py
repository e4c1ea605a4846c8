"""Reports as mail servers write them (RFC 3464), around a message that they return; written by hand for tests."""

import base64
import quopri

ADDRESS = "anna@kunta.example"


def headers_of(message):
    """The headers of a message without its words, as some servers return them."""
    return message.replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n"


def from_postfix(message, *, action="failed", status="5.1.1", number="4F2A1", address=ADDRESS):
    return (
        f"""\
Return-Path: <>
Received: by mx.kunta.example (Postfix) id {number}; Tue, 24 Nov 2026 14:05:11 +0200 (EET)
Date: Tue, 24 Nov 2026 14:05:11 +0200 (EET)
From: MAILER-DAEMON@mx.kunta.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: kysely@kunta.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="{number}.1795521911/mx.kunta.example"
Content-Transfer-Encoding: 8bit
Message-Id: <20261124120511.{number}@mx.kunta.example>

This is a MIME-encapsulated message.

--{number}.1795521911/mx.kunta.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

I'm sorry to have to inform you that your message could not be delivered.

--{number}.1795521911/mx.kunta.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.kunta.example
X-Postfix-Queue-ID: {number}
X-Postfix-Sender: rfc822; kysely@kunta.example
Arrival-Date: Tue, 24 Nov 2026 14:05:10 +0200 (EET)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; inbox.kunta.example
Diagnostic-Code: smtp; 550 {status} <{address}>: Recipient address rejected:
    User unknown in virtual mailbox table

--{number}.1795521911/mx.kunta.example
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

""".encode()
        + message.replace(b"\r\n", b"\n")
        + f"\n--{number}.1795521911/mx.kunta.example--\n".encode()
    )


def from_exchange(message, *, encoding="", returned="text/rfc822-headers"):
    """Exchange writes CRLF, and returns headers alone; some gateways encode every part on the way."""
    status = (
        b"Reporting-MTA: dns;MAIL01.kunta.example\nReceived-From-MTA: dns;kysely.example\n"
        b"Arrival-Date: Tue, 24 Nov 2026 12:05:10 +0000\n\n"
        b"Final-Recipient: rfc822;anna@kunta.example\nAction: failed (unknown)\nStatus: 5.1.10\n"
        b"Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found\n"
        b"X-Display-Name: Anna =?utf-8?Q?M=C3=A4kel=C3=A4?=\n"
    )
    encode = {"": bytes, "base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encoding]
    said = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    parts = [
        ("text/html; charset=us-ascii", b"<p><b>Delivery has failed to these recipients or groups:</b></p>\n"),
        ("message/delivery-status", status),
        (returned, headers_of(message)),
    ]
    written = b"".join(
        f"--_000_b1\nContent-Type: {kind}\n{said}\n".encode() + encode(content) + b"\n" for kind, content in parts
    )
    head = (
        "From: Microsoft Outlook <postmaster@kunta.example>\nTo: <kysely@kunta.example>\n"
        "Date: Tue, 24 Nov 2026 12:05:12 +0000\nMIME-Version: 1.0\nX-MS-Exchange-Message-Is-Ndr:\n"
        'Content-Type: multipart/report; report-type="delivery-status"; boundary="_000_b1"\n'
        "Content-Language: fi-FI\nMessage-ID: <77aa@MAIL01.kunta.example>\nSubject: =?utf-8?Q?Ei_toimitettavissa?=\n\n"
    )
    return (head.encode() + written + b"--_000_b1--\n").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def delayed(message):
    return from_postfix(message, action="delayed", status="4.4.1", number="5D0E7")


def on_holiday(message):
    """A vacation reply that quotes the whole message, bounce tag and all."""
    return (
        b"From: anna@kunta.example\nTo: kysely@kunta.example\nSubject: Automatic reply: away\n"
        b"Auto-Submitted: auto-replied (vacation)\nContent-Type: text/plain; charset=utf-8\n\n"
        b"I am away until Monday. Action: failed\n\n" + message
    )


def read_receipt():
    return (
        b"From: anna@kunta.example\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        b"--b\nContent-Type: message/disposition-notification\n\nDisposition: automatic-action; displayed\n\n--b--\n"
    )


def cut_short(message):
    """A report that breaks off before it says what became of the message."""
    return from_postfix(message).partition(b"Content-Description: Delivery report")[0]


GARBAGE = bytes(range(256)) * 4
