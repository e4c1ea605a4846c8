"""Reports of messages that came back, from a real mail server's message to the number on the coordinator's page."""

import logging
import mailbox as mailboxes
import os
import pty
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import inspect, text, update

from app.config import ROOT
from app.core.accounts import Grant, Role
from app.core.bounces import BOUNCE_TAG_HEADER
from app.core.mail import MessagePurpose
from app.jobs.outbox_delivery import send_due_messages
from app.jobs.tasks import mail_context
from app.services import answering, bounces, rounds
from app.services import mail as mail_module
from app.store import accounts, invitations
from app.store.bounces import BounceRow
from app.store.database import UtcDateTime, database, read_session, write_session
from app.store.invitations import InvitationRow
from app.vault import bounce_tags
from tests import bounce_messages
from tests.attacks.test_15_messages import cells
from tests.cli.installations import count, service_app
from tests.databases import both_databases
from tests.jobs.test_outbox import MINUTE, batch_of, box, invite, means_of
from tests.services.factories import AFTER, NOON, SECRET

__all__ = ["box"]


@pytest.fixture
def here(database_kind, request, tmp_path):
    url = request.getfixturevalue("empty_postgresql") if database_kind == "postgresql" else ""
    with service_app(tmp_path / "installation", url) as app:
        yield app


def sent(app, box, people=3):
    """Invite some people and let the server take the messages; return the round and the messages as they arrived."""
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=people)
    send_due_messages(means)
    return current, {address: mail.as_bytes() for address, mail in box.arrived}, addresses


def run(app, *arguments, given=None):
    return app.test_cli_runner().invoke(args=["mail", "bounces", *map(str, arguments)], input=given)


def said(app, *arguments, given=None):
    answer = run(app, *arguments, given=given)
    assert answer.exit_code == 0, answer.output
    return answer.output.strip()


def came_back(current):
    with read_session() as session:
        return sum(bounces.bounce_counts_by_batch(session, current.id).values())


@both_databases
def test_a_letter_that_was_accepted_and_comes_back_is_counted_once(here, box):
    current, messages, addresses = sent(here, box)
    report = bounce_messages.from_postfix(messages[addresses[0]])
    assert said(here, "-", given=report) == "1 message: 1 counted."
    assert said(here, "-", given=report) == "1 message: 0 counted, 1 was counted before."
    again = bounce_messages.from_exchange(
        messages[addresses[0]], encoding="base64"
    )  # a second server tells of the same message
    assert said(here, "-", given=again) == "1 message: 0 counted, 1 was counted before."
    assert said(here, "-", given=bounce_messages.from_exchange(messages[addresses[1]])) == "1 message: 1 counted."
    assert (came_back(current), batch_of(current).sent, batch_of(current).refused) == (2, 3, 0)


def kept_in(form, messages, folder):
    """Put messages into a mailbox of a form; return the paths that name it."""
    if form == "files":
        paths = [folder / f"{number}.eml" for number, _ in enumerate(messages)]
        for path, one in zip(paths, messages, strict=True):
            path.write_bytes(one)
        return paths
    box = mailboxes.Maildir(folder / form) if form == "Maildir" else mailboxes.mbox(folder / form)
    for one in messages:
        box.add(one)
    box.close()
    return [folder / form]


@pytest.mark.parametrize("form", ["mbox", "Maildir", "files"])
def test_a_mailbox_is_read_whole_summed_up_and_left_as_it_is(here, box, tmp_path, form):
    current, messages, addresses = sent(here, box)
    first, second, third = (messages[one] for one in addresses)
    foreign = first.replace(b".", b",")
    messages = [
        bounce_messages.from_postfix(first),
        bounce_messages.delayed(second),
        bounce_messages.from_exchange(second),
        bounce_messages.on_holiday(third),
        bounce_messages.from_postfix(foreign),
        bounce_messages.cut_short(third),
    ]
    paths = kept_in(form, messages, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "installation" not in path.parts]
    before = {path: path.read_bytes() for path in files}
    assert said(here, *paths) == (
        "6 messages: 2 counted, 1 was a delay, 1 is not ours, 1 is no report of a failure, 1 is damaged."
    )
    assert came_back(current) == 2
    assert {path: path.read_bytes() for path in before} == before


def test_an_empty_mailbox_is_no_error_and_what_is_no_mailbox_is_one(here, tmp_path):
    (tmp_path / "mbox").write_bytes(b"")
    assert said(here, tmp_path / "mbox") == "0 messages: 0 counted."
    (tmp_path / "folder").mkdir()
    assert "is no Maildir" in run(here, tmp_path / "folder").output
    assert run(here, tmp_path / "nothing").exit_code == 2


@both_databases
def test_the_count_erases_what_was_counted_and_later_reports_are_passed_over(here, box):
    current, messages, addresses = sent(here, box)
    said(here, "-", given=bounce_messages.from_postfix(messages[addresses[0]]))
    assert cells("bounce")
    count(here, current.id)
    assert cells("bounce") == cells("mail_batch") == b""
    for address in addresses:
        told = said(here, "-", given=bounce_messages.from_postfix(messages[address]))
        assert told == "1 message: 0 counted, 1 is of a counted round or of a message to staff."
    assert cells("bounce") == b""


def test_a_late_report_never_counts_for_a_new_batch_that_bears_the_old_number(here, box):
    old, messages, addresses = sent(here, box)
    before = batch_of(old).id
    count(here, old.id)
    box.arrived.clear()
    means = means_of(here, box.url, now=NOON + MINUTE)
    current, _ = invite(here, means)
    assert batch_of(current).id == before  # SQLite gives the number again
    said(here, "-", given=bounce_messages.from_postfix(messages[addresses[0]]))
    assert came_back(current) == 0


def test_reminders_that_come_back_are_counted_for_their_own_batch_and_thread_as_before(here, box):
    current, messages, addresses = sent(here, box)
    box.arrived.clear()
    later = means_of(here, box.url, now=NOON.replace(day=25))
    with write_session() as session:
        mail_module.plan_reminder(session, current, later.now.date(), context=mail_context(later))
        mail_module.write_messages_of_due_batches(session, context=mail_context(later))
    send_due_messages(later)
    reminder = dict(box.arrived)[addresses[0]]
    assert reminder["In-Reply-To"].encode() in messages[addresses[0]]
    said(here, "-", given=bounce_messages.from_postfix(reminder.as_bytes()))
    with read_session() as session:
        found = bounces.bounce_counts_by_batch(session, current.id)
    assert list(found) != [batch_of(current).id]
    assert list(found.values()) == [1]


def test_letters_to_staff_are_passed_over(here, box):
    means = means_of(here, box.url)
    with write_session() as session:
        person = {"email": "rehtori@kunta.example", "name": "Rehtori", "language": "fi"}
        account = accounts.find_account(session, accounts.add(session, **person, grants=[], now=NOON))
        mail_module.queue_account_message(
            session, account, "code", until=NOON + 60 * MINUTE, context=mail_context(means)
        )
    send_due_messages(means)
    ((_, message),) = box.arrived
    told = said(here, "-", given=bounce_messages.from_postfix(message.as_bytes()))
    assert told == "1 message: 0 counted, 1 is of a counted round or of a message to staff."
    assert cells("bounce") == b""


def test_news_of_results_comes_after_the_count_and_is_passed_over(here, box):
    current, _letters, _addresses = sent(here, box)
    box.arrived.clear()
    with write_session() as session:
        person = {"email": "rehtori@kunta.example", "name": "Rehtori", "language": "fi"}
        number = accounts.add(session, **person, grants=[Grant(Role.PRINCIPAL, "town", "alder")], now=NOON)
        accounts.set_password_hash(session, number, "a digest")
        mail_module.plan_thanks_or_results_news(session, current, MessagePurpose.RELEASED)
    count(here, current.id)
    means = means_of(here, box.url, now=AFTER)
    with write_session() as session:
        rounds.release(session, current.id, now=AFTER)
        mail_module.write_messages_of_due_batches(session, context=mail_context(means))
    send_due_messages(means)
    ((_, message),) = box.arrived
    told = said(here, "-", given=bounce_messages.from_postfix(message.as_bytes()))
    assert told == "1 message: 0 counted, 1 is of a counted round or of a message to staff."
    assert cells("bounce") == b""


def test_addresses_are_shown_to_a_terminal_alone(here, box):
    _current, messages, addresses = sent(here, box)
    report = bounce_messages.from_postfix(messages[addresses[0]])
    refused = run(here, "--addresses", "-", given=report)
    assert (refused.exit_code, addresses[0] in refused.output) == (1, False)
    assert "on a terminal only" in refused.output
    assert said(here, "-", given=report) == "1 message: 1 counted."  # the refused command had counted nothing


def test_whoever_reads_the_mailbox_on_a_terminal_sees_which_addresses_to_correct(here, box, tmp_path):
    _current, messages, addresses = sent(here, box)
    paths = kept_in("mbox", [bounce_messages.from_postfix(messages[one]) for one in reversed(addresses[:2])], tmp_path)
    assert on_a_terminal(here, "--addresses", *paths) == ["2 messages: 2 counted.", *addresses[:2]]
    assert on_a_terminal(here, *paths) == ["2 messages: 0 counted, 2 were counted before."]


def on_a_terminal(app, *arguments):
    instance = app.extensions["voimavara"].settings.instance
    environment = {**os.environ, "VOIMAVARA_INSTANCE": str(instance), "PYTHONPATH": str(ROOT)}
    command = [str(Path(sys.executable).parent / "flask"), "--app", "app", "mail", "bounces", *map(str, arguments)]
    ours, theirs = pty.openpty()
    try:
        subprocess.run(command, env=environment, stdout=theirs, stderr=subprocess.STDOUT, check=True)
        return os.read(ours, 100_000).decode().split("\r\n")[:-1]
    finally:
        os.close(ours)
        os.close(theirs)


def stored_rows():
    with database.engine.connect() as connection:
        return {
            (name, *map(str, row))
            for name in inspect(database.engine).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))
        }


def test_nothing_of_a_person_is_stored_or_logged(here, box, caplog):
    caplog.set_level(logging.DEBUG)
    _current, messages, addresses = sent(here, box)
    held = stored_rows()
    caplog.clear()
    report = bounce_messages.from_postfix(messages[addresses[0]])
    said(here, "-", given=report)
    added = stored_rows() - held
    assert len(added) == 1  # the digest; its batch's number stood in the database before
    assert not [one.getMessage() for one in caplog.records if "kunta.example" in one.getMessage()]
    assert not [one.name for one in BounceRow.__table__.columns if isinstance(one.type, UtcDateTime)]


def test_the_chance_behind_a_digest_is_nowhere_once_its_letter_is_sent(here, box):
    """Secret and database together lead from no address to a digest: the chance is in the returned message alone."""
    _current, messages, addresses = sent(here, box)
    marks = [mark_of(messages[one]) for one in addresses]
    assert len(set(marks)) == len(addresses)
    said(here, "-", given=bounce_messages.from_postfix(messages[addresses[0]]))
    held = cells()
    assert bounce_tags.parse_bounce_tag(marks[0], secret=SECRET, addresses=addresses[:1]).digest in held
    assert not [one for one in marks if one.split(".")[1].encode() in held]
    assert not [one for one in marks if one.split(".")[2].encode() in held]


def mark_of(message):
    return message_from_bytes(message)[BOUNCE_TAG_HEADER]


REPORTS = sorted((Path(__file__).parent / "reports").glob("*.eml"))


def report_on(message, path):
    """A report of another gateway on a message that was really sent."""
    mail = message_from_bytes(message)
    tag = " ".join(str(mail[BOUNCE_TAG_HEADER]).split())
    return path.read_text().replace("p1@town.example", mail["To"]).replace("POSTMARK", tag).encode()


def standing(current):
    """How many mailed codes there are, and to which addresses no invitation came."""
    with read_session() as session:
        codes = invitations.code_counts_by_unit(session, current.id, kind="mailed").get("alder", 0)
        return codes, mail_module.undeliverable_addresses_by_unit(session, current.id).get("alder", ())


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_in_the_manner_of_any_gateway_counts_and_frees_the_place(here, box, path):
    current, messages, addresses = sent(here, box)
    assert said(here, "-", given=report_on(messages[addresses[1]], path)) == "1 message: 1 counted."
    assert standing(current) == (2, (addresses[1],))
    assert "1 was counted before" in said(here, "-", given=report_on(messages[addresses[1]], path))


@both_databases
def test_an_invitation_that_came_back_frees_its_place_and_its_code_ends(here, box):
    current, messages, addresses = sent(here, box)
    code = next(word for word in messages[addresses[0]].decode().replace("=\n", "").split() if "#" in word)
    code = code.partition("#")[2]
    with read_session() as session:
        answering.resolve_code(session, code, secret=SECRET, now=NOON)
    said(here, "-", given=bounce_messages.from_postfix(messages[addresses[0]], address=addresses[0].upper()))
    assert standing(current) == (2, (addresses[0],))
    with read_session() as session, pytest.raises(answering.InvalidCode):
        answering.resolve_code(session, code, secret=SECRET, now=NOON)
    with write_session() as session:
        assert len(rounds.issue_slip_codes(session, current.id, "alder", secret=SECRET, now=NOON)) == 1


def test_a_code_that_was_used_keeps_its_place_whatever_comes_back(here, box):
    current, messages, addresses = sent(here, box)
    with write_session() as session:
        session.execute(update(InvitationRow).where(InvitationRow.contact == addresses[0]).values(spent=True))
    report = bounce_messages.from_postfix(messages[addresses[0]], address=addresses[0])
    assert said(here, "-", given=report) == "1 message: 1 counted."
    assert standing(current) == (3, ())


def test_a_delivered_letter_that_could_not_be_forwarded_ends_no_code(here, box):
    current, messages, addresses = sent(here, box)
    report = bounce_messages.from_postfix(messages[addresses[0]], address="private@elsewhere.example")
    assert said(here, "-", given=report) == "1 message: 1 counted."
    assert standing(current) == (3, ())


def test_whoever_holds_one_letter_cannot_end_the_code_of_another(here, box):
    current, messages, addresses = sent(here, box)
    own, other = addresses[:2]
    forged = messages[own].replace(f"To: {own}".encode(), f"To: {other}".encode())
    said(here, "-", given=bounce_messages.from_postfix(forged, address=other))
    assert standing(current) == (3, ())


def test_a_reminder_that_came_back_ends_no_code(here, box):
    current, _letters, addresses = sent(here, box)
    box.arrived.clear()
    means = means_of(here, box.url)
    tomorrow = replace(means, now=NOON + timedelta(days=1))
    with write_session() as session:
        mail_module.plan_reminder(session, current, tomorrow.now.date(), context=mail_context(means))
        mail_module.write_messages_of_due_batches(session, context=mail_context(tomorrow))
    send_due_messages(tomorrow)
    messages = {address: mail.as_bytes() for address, mail in box.arrived}
    said(here, "-", given=bounce_messages.from_postfix(messages[addresses[0]], address=addresses[0]))
    assert standing(current) == (3, ())


def test_a_letter_with_a_tag_of_an_earlier_version_counts_and_ends_no_code(here, box, monkeypatch):
    """Tags did not name the address before; whoever holds such a message could name any."""
    earlier = bounce_tags.bounce_tag
    monkeypatch.setattr(bounce_tags, "bounce_tag", lambda *given, secret, to: earlier(*given, secret=secret))
    current, messages, addresses = sent(here, box)
    report = bounce_messages.from_postfix(messages[addresses[0]], address=addresses[0])
    assert said(here, "-", given=report) == "1 message: 1 counted."
    assert standing(current) == (3, ())
