"""Attack 15, messages: read from the outbox and the log who was written to, when, and with which code."""

import json
import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import Date, DateTime, inspect, text

from app.core.bounces import parse_mailbox_message
from app.core.languages import Language
from app.core.mail import BatchId, InvitedAddress, MessagePurpose
from app.jobs.outbox_delivery import send_due_messages
from app.jobs.tasks import mail_context, queue_due_round_messages
from app.services import answering, bounces, rounds
from app.services import mail as mail_module
from app.store import bounces as kept
from app.store import contacts, outbox
from app.store.contacts import ContactRow
from app.store.database import UtcDateTime, database, write_session
from app.store.outbox import QueuedMessageRow
from app.vault import bounce_tags
from app.vault import sealed_messages as vault
from tests import bounce_messages
from tests.databases import both_databases
from tests.jobs.test_outbox import box, means_of
from tests.services.factories import NOON, SECRET, opened

__all__ = ["box"]
PEOPLE = [f"marked.person{number:02}@school.example" for number in range(14)]
DAY = timedelta(days=1)


def laid_out(app, means):
    """Put an invitation for everybody into the outbox; return the round and each person's code."""
    with write_session() as session:
        round_id = opened(session, app.extensions["voimavara"].settings.keys, alder=len(PEOPLE))
        contacts.upsert(session, round_id, [InvitedAddress(one, "alder", Language.FI) for one in PEOPLE])
        drawn = rounds.issue_mailed_codes(session, round_id, {"alder": PEOPLE}, secret=SECRET, now=NOON)
        current = rounds.get_round(session, round_id)
        mail_module.write_invitations(session, current, drawn, context=mail_context(means))
    return current, {one.contact: one.code for one in drawn}


def cells(*tables):
    """Everything that some tables hold, as text; blobs as they are."""
    found = b""
    with database.engine.connect() as connection:
        for name in tables or sorted(inspect(database.engine).get_table_names()):
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                found += b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in row) + b"\n"
    return found


def codes_found(codes):
    held = cells()
    return [code for code in codes.values() if code.encode() in held or code.replace("-", "").encode() in held]


def test_waiting_letters_show_neither_code_nor_address(app, box):
    _current, codes = laid_out(app, means_of(app, box.url))
    assert codes_found(codes) == []
    held = cells("letter", "mail_batch")
    assert not [one for one in PEOPLE if one.encode() in held]


def test_the_attack_finds_codes_in_letters_that_are_not_sealed(app, box, monkeypatch):
    monkeypatch.setattr(vault, "seal_message", lambda content, *, secret, message_id: content)
    _current, codes = laid_out(app, means_of(app, box.url))
    assert len(codes_found(codes)) == len(PEOPLE)


def test_no_row_of_a_letter_or_an_address_has_a_time():
    for table in (QueuedMessageRow.__table__, ContactRow.__table__):
        assert not [one.name for one in table.columns if isinstance(one.type, UtcDateTime | DateTime | Date)]


def reminded_in_turn(app, box):
    """Let four people answer at different hours, remind the rest; return what a reader of rows and messages sees."""
    means = means_of(app, box.url)
    current, codes = laid_out(app, means)
    send_due_messages(means)
    box.arrived.clear()
    for hours, person in enumerate(PEOPLE[:4]):
        with write_session() as session:
            at = NOON + timedelta(hours=hours)
            answering.submit(session, codes[person], ratings={"q0": 1}, group=None, comment=None, secret=SECRET, now=at)
    with write_session() as session:
        mail_module.plan_reminder(session, current, (NOON + DAY).date(), context=mail_context(means))
    later = means_of(app, box.url, now=NOON + DAY)
    with write_session() as session:
        queue_due_round_messages(session, later)
    with database.engine.connect() as connection:
        tried = connection.execute(text("SELECT tried, length(content) FROM letter")).all()
    return current, later, tried


@both_databases
def test_reminders_are_one_batch_in_which_all_letters_are_alike(app, box):
    current, later, rows = reminded_in_turn(app, box)
    assert len(rows) == 10
    assert len({tuple(one) for one in rows}) == 1  # the same number of tries, the same length
    send_due_messages(later)
    assert sorted(box.times()) == sorted(PEOPLE[4:])
    assert len({mail["Date"] for _, mail in box.arrived}) == 1
    assert cells("letter") == b""
    with write_session() as session:
        reminders = [
            one for one in outbox.mail_batches(session, round_id=current.id) if one.purpose is MessagePurpose.REMINDER
        ]
    assert [one.sent for one in reminders] == [10]


def test_the_attack_tells_letters_apart_that_are_not_padded(app, box, monkeypatch):
    monkeypatch.setattr(vault, "_STEP", 1)
    monkeypatch.setattr("tests.attacks.test_15_messages.PEOPLE", [f"{'a' * (n + 1)}@school.example" for n in range(14)])
    _current, _later, rows = reminded_in_turn(app, box)
    assert len({tuple(one) for one in rows}) > 1


@pytest.mark.parametrize("broken", [False, True])
def test_no_log_line_tells_of_a_person_whatever_the_server_does(app, box, caplog, broken):
    caplog.set_level(logging.DEBUG)
    means = means_of(app, box.url)
    _current, codes = laid_out(app, means)
    if broken:
        box.answers = {PEOPLE[0]: ["550 no"], PEOPLE[1]: ["450 later"], PEOPLE[2]: ["break"]}
        box.break_at = {3}
    send_due_messages(means)
    own = [one for one in caplog.records if not one.name.startswith("mail.")]  # that is the test's own server
    said = "\n".join(f"{one.getMessage()} {one.args}" for one in own)
    assert not re.search(r"marked\.person|school\.example", said)
    assert not [code for code in codes.values() if code in said]


def tied_to_addresses(app, box):
    """Let two messages come back; return whose they are to somebody with the database and the secret."""
    means = means_of(app, box.url)
    laid_out(app, means)
    send_due_messages(means)
    for _, message in box.arrived[:2]:
        with write_session() as session:
            bounces.record_bounces(
                session, [parse_mailbox_message(bounce_messages.from_postfix(message.as_bytes()))], secret=SECRET
            )
    with database.engine.connect() as connection:
        digests = {bytes(one) for one in connection.scalars(text("SELECT digest FROM bounce"))}
        rows = connection.execute(text("SELECT id, content FROM letter")).all()
    assert len(digests) == 2
    messages = [json.loads(vault.unseal_message(content, secret=SECRET, message_id=name)) for name, content in rows]
    return {one["to"] for one in messages if digest_of(one["chance"]) in digests}


def digest_of(chance):
    return bounce_tags.parse_bounce_tag(
        bounce_tags.bounce_tag(BatchId(1), NOON, chance, secret=SECRET), secret=SECRET
    ).digest


@both_databases
def test_not_even_with_the_secret_does_the_database_tell_whose_letters_came_back(app, box):
    assert tied_to_addresses(app, box) == set()


def test_the_attack_ties_letters_that_came_back_to_addresses_where_sent_ones_stay(app, box, monkeypatch):
    def stay(session, _batch_id, message, *, refused=False):
        outbox.mark_message_tried(session, message, passes=99)

    monkeypatch.setattr(outbox, "delete_and_count_message", stay)
    assert tied_to_addresses(app, box) == {address for address, _ in box.arrived[:2]}


def test_digests_of_letters_that_came_back_are_erased_by_themselves_and_not_only_with_their_batches(app, box):
    tied_to_addresses(app, box)
    with write_session() as session:
        (batch,) = outbox.mail_batches(session)
        kept.erase(session, batch.round)
    assert cells("bounce") == b""
    assert cells("mail_batch") != b""


def test_the_count_leaves_no_letter_no_address_and_no_number_of_reminders(app, box):
    current, _later, _rows = reminded_in_turn(app, box)
    with write_session() as session:
        assert outbox.erase(session, current.id) == 10
        assert contacts.erase(session, current.id) == len(PEOPLE)
    assert cells("letter", "contact", "mail_batch") == b""
