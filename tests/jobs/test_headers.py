"""The header of a message is right for any name of a sender and any title of a round."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis.strategies import characters, text

from app import mailer
from app.core.languages import Language
from app.core.mail import MailMessage

LONG = "Example Town, Department of Education and Early Childhood Services, Wellbeing Survey"
LETTER = MailMessage(
    to="kim@kunta.example",
    sender="kysely@kunta.example",
    sender_name="Kysely",
    reply_to="tuki@kunta.example",
    subject="Kutsu",
    text="Hei!\n.\n",
    html="<p>Hei!</p>",
    language=Language.FI,
    message_id="<00112233445566778899aabbccddeeff@kunta.example>",
    follows="<ffeeddccbbaa99887766554433221100@kunta.example>",
    date=datetime(2026, 11, 24, 12, tzinfo=UTC),
    bounce_tag="7-1764072000.abcdefghijklmnop.ABCDEFGH-JKLMN_P",
)
NAMES = [
    LONG,
    "Town (Education, Culture) " * 3,
    'The "best" school \\ in town',
    "Kirkkonummi, sivistystoimi",
    "Työhyvinvointikysely, Itä-Suomen opetus- ja kasvatustoimen yhteinen hyvinvointikysely",
    "St. Mary <office>; a@b.example, c@d.example",
    "=?utf-8?q?x?=",
    "Kevät 1\ufe0f\u20e3 👩‍🏫 🏫",
    "x" * 100,
    "",
]


def headers(message):
    raw = mailer.message_bytes(message)
    return raw, message_from_bytes(raw, policy=policy.default)


def decoded(value):
    return str(make_header(decode_header(str(value))))


def sender_of(raw):
    """The one sender as a program reads it that follows the standard: blanks between encoded words are none."""
    (one,) = getaddresses([message_from_bytes(raw)["From"].replace("\r\n", "")])
    return decoded(one[0]), one[1]


def plain(name):
    """A name as a header can hold it: without what breaks a line or cannot be shown."""
    return mailer._clean(name)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_one_sender_of_the_very_name(name):
    raw, read = headers(replace(LETTER, sender_name=name, subject=name))
    assert [one.addr_spec for one in read["From"].addresses] == ["kysely@kunta.example"]
    assert sender_of(raw) == (plain(name), "kysely@kunta.example")
    assert read["Subject"] == plain(name)
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= max(78, len(name) + 50)


@pytest.mark.parametrize("name", [one for one in NAMES if one.isascii() and len(one) > 50 and "," in one])
def test_a_name_in_quotation_marks_stands_on_one_line(name):
    """Folded inside its quotation marks it would lose them at the next program that folds anew."""
    raw, _read = headers(replace(LETTER, sender_name=name))
    lines = [line for line in raw.split(b"\r\n") if line.startswith(b"From:")]
    assert lines == [f'From: "{plain(name)}" <kysely@kunta.example>'.encode()]


# What a form, a file or a setting may hold; lone halves of pairs too.
@given(text(characters(exclude_categories=()), max_size=120))
@example("Town\r\nBcc: everybody@kunta.example")
@example("a\x00b\x85c\u2028d\ud800e")
@example("a  b\tc")
def test_no_text_breaks_out_of_its_header(name):
    raw, read = headers(replace(LETTER, sender_name=name, subject=name))
    assert [key.lower() for key in read] == [key.lower() for key in headers(LETTER)[1]]
    assert [one.addr_spec for one in read["From"].addresses] == ["kysely@kunta.example"]
    assert not read.defects
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(text(characters(exclude_categories=("C", "Z")), max_size=120))
def test_every_visible_name_arrives_as_it_is(name):
    raw, read = headers(replace(LETTER, sender_name=name, subject=name))
    assert (sender_of(raw)[0], read["Subject"]) == (name, name)


def test_a_letter_written_twice_is_the_same_to_the_last_byte():
    assert headers(replace(LETTER, sender_name=LONG))[0] == headers(replace(LETTER, sender_name=LONG))[0]


def test_a_letter_says_all_that_its_reader_and_other_machines_need():
    _, read = headers(LETTER)
    assert {name: read[name] for name in ("To", "Reply-To", "In-Reply-To", "References", "Auto-Submitted")} == {
        "To": "kim@kunta.example",
        "Reply-To": "tuki@kunta.example",
        "In-Reply-To": LETTER.follows,
        "References": LETTER.follows,
        "Auto-Submitted": "auto-generated",
    }
    assert (read["Message-ID"], read["Date"].datetime) == (LETTER.message_id, LETTER.date)
    assert read["X-Voimavara-Postmark"] == LETTER.bounce_tag
    assert read.get_body(("plain",)).get_content().split() == ["Hei!", "."]
