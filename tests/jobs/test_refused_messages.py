"""A message that does not arrive frees its place; a fault of the sender refuses nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.languages import Language
from app.core.mail import BatchState, MailServerFault, MailServerFaultCode, MessagePurpose
from app.core.rounds import RoundId
from app.jobs.outbox_delivery import send_due_messages
from app.jobs.tasks import mail_context
from app.services import answering, contacts, mail, outbox_delivery, rounds
from app.store import invitations
from app.store import outbox as stored
from app.store.database import read_session, write_session
from tests.databases import both_databases
from tests.jobs.test_outbox import MINUTE, batch_of, box, invite, means_of, once_each
from tests.services.factories import NOON, SECRET

__all__ = ["box"]
WRONG = "persn11@kunta.example"
HOUR = timedelta(hours=1)
NO_SUCH_USER = "550 5.1.1 <persn11@kunta.example>: user unknown"
SLIP, MAILED = "slip", "mailed"


def hand_in(current, *addresses):
    """Import a list of addresses as the page does; return what was checked."""
    rows = "community;email\n" + "".join(f"alder;{address}\n" for address in addresses)
    with write_session() as session:
        return contacts.import_contacts(session, current, rows.encode(), language=Language.FI)


def invite_waiting(current, means):
    with write_session() as session:
        waiting = mail.uninvited_addresses_by_unit(session, current.id)
        drawn = rounds.issue_mailed_codes(session, current.id, waiting, secret=SECRET, now=means.now)
        return mail.write_invitations(session, current, drawn, context=mail_context(means))


def codes(current, kind=MAILED):
    with read_session() as session:
        return invitations.code_counts_by_unit(session, current.id, kind=kind).get("alder", 0)


def undelivered(current):
    with read_session() as session:
        return mail.undeliverable_addresses_by_unit(session, current.id).get("alder", ())


def code_in(message):
    """The code of an invitation that has arrived."""
    text = message.get_body(("plain",)).get_content()
    return next(word.partition("#")[2] for word in text.split() if "#" in word)


def is_valid(code):
    with read_session() as session:
        try:
            answering.resolve_code(session, code, secret=SECRET, now=NOON + HOUR)
        except answering.InvalidCode:
            return False
        return True


@both_databases
def test_twelve_people_and_one_wrong_address_lose_no_place(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means, odd=[WRONG])
    box.answers = {WRONG: [NO_SUCH_USER]}
    send_due_messages(means)
    assert once_each(box, addresses[1:])
    assert (batch_of(current).refused, codes(current), undelivered(current)) == (1, 11, (WRONG,))
    with read_session() as session:
        assert (
            mail.uninvited_addresses_by_unit(session, current.id) == {}
        )  # nobody writes to the wrong address by mistake
    checked = hand_in(current, *addresses[1:], "person11@kunta.example")
    assert (checked.problems, checked.added, checked.invited) == ((), 1, 11)
    later = replace(means, now=NOON + HOUR)
    assert invite_waiting(current, later) == 1
    send_due_messages(later)
    assert once_each(box, [*addresses[1:], "person11@kunta.example"])
    assert codes(current) == 12
    assert all(is_valid(code_in(message)) for _, message in box.arrived)


@both_databases
def test_the_code_of_a_refused_letter_ends_and_a_slip_takes_its_place(app, box, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        rounds.codes, "draw_mailed_code", lambda draw=rounds.codes.draw_mailed_code: drawn.append(draw()) or drawn[-1]
    )
    means = means_of(app, box.url)
    current, _ = invite(app, means, odd=[WRONG])
    assert all(is_valid(code) for code in drawn)
    box.answers = {WRONG: [NO_SUCH_USER]}
    send_due_messages(means)
    assert [is_valid(code) for code in drawn] == [False] + [True] * 11
    with write_session() as session:
        assert len(rounds.issue_slip_codes(session, current.id, "alder", secret=SECRET, now=NOON)) == 1


def test_a_letter_that_is_put_off_for_days_frees_its_place_in_the_end(app, box):
    means = means_of(app, box.url)
    current, _ = invite(app, means, odd=[WRONG])
    box.answers = {WRONG: ["450 4.2.0 never"] * 50}
    for hours in range(60):
        send_due_messages(replace(means, now=NOON + hours * HOUR))
    assert (batch_of(current).given_up, codes(current), undelivered(current)) == (1, 11, (WRONG,))


def test_an_address_that_no_letter_can_bear_frees_its_place(app, box):
    means = means_of(app, box.url)
    current, _ = invite(app, means, odd=["päivi@kunta.example"])
    send_due_messages(means)
    assert (codes(current), undelivered(current)) == (11, ("päivi@kunta.example",))


def test_letters_that_end_with_their_round_are_not_called_undelivered(app, box):
    means = means_of(app, box.url)
    current, _ = invite(app, means)
    send_due_messages(replace(means, now=current.closes_at + MINUTE))
    assert (batch_of(current).given_up, undelivered(current)) == (12, ())


def test_nobody_is_reminded_of_a_letter_that_did_not_arrive(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means, odd=[WRONG])
    box.answers = {WRONG: [NO_SUCH_USER]}
    send_due_messages(means)
    box.arrived.clear()
    tomorrow = NOON + timedelta(days=1)
    with write_session() as session:
        mail.plan_reminder(session, current, tomorrow.date(), context=mail_context(means))
        mail.write_messages_of_due_batches(session, context=mail_context(replace(means, now=tomorrow)))
    send_due_messages(replace(means, now=tomorrow))
    assert once_each(box, addresses[1:])


def test_a_refused_reminder_ends_no_code(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    send_due_messages(means)
    tomorrow = NOON + timedelta(days=1)
    with write_session() as session:
        mail.plan_reminder(session, current, tomorrow.date(), context=mail_context(means))
        mail.write_messages_of_due_batches(session, context=mail_context(replace(means, now=tomorrow)))
    box.answers = {addresses[0]: ["550 5.1.1 gone"]}
    send_due_messages(replace(means, now=tomorrow))
    assert batch_of(current, MessagePurpose.REMINDER).refused == 1
    assert (codes(current), undelivered(current)) == (12, ())


def test_undelivered_addresses_may_be_invited_again_as_far_as_places_are_free(app, box):
    means = means_of(app, box.url)
    current, _addresses = invite(app, means, odd=[WRONG, "persn1@kunta.example"])
    box.answers = {WRONG: [NO_SUCH_USER], "persn1@kunta.example": ["550 5.2.1 disabled"]}
    send_due_messages(means)
    hand_in(current, "new@kunta.example")
    with write_session() as session:
        assert contacts.allow_reinviting_undelivered(session, current) == 1  # the new one took the other place
        assert sum(map(len, mail.uninvited_addresses_by_unit(session, current.id).values())) == 2
        assert contacts.delete_undeliverable(session, current.id) == 1
    assert invite_waiting(current, means) == 2
    send_due_messages(replace(means, now=NOON + HOUR))
    assert codes(current) == 12


SENDER_FAULTS = {
    "quota": ({"quota": 3}, MailServerFaultCode.SENDER, "550 5.4.5"),
    "send as denied": ({"data_answer": "554 5.2.252 SendAsDenied; no"}, MailServerFaultCode.SENDER, "554 5.2.252"),
    "not signed in": ({"sender_answer": "530 5.7.57 not authenticated"}, MailServerFaultCode.SIGN_IN, "530 5.7.57"),
    "relay": ({"sender_answer": "554 5.7.1 Relay access denied"}, MailServerFaultCode.SENDER, "554 5.7.1"),
    "policy": ({"data_answer": "550 5.7.0 blocked by policy"}, MailServerFaultCode.SENDER, "550 5.7.0"),
    "all alike": ({"sender_answer": "550 Administrative prohibition"}, MailServerFaultCode.ALL_REFUSED, "550"),
    "all unknown": ({"sender_answer": "550 5.1.1 unknown"}, MailServerFaultCode.ALL_REFUSED, "550 5.1.1"),
}  # fmt: skip


@pytest.mark.parametrize("name", SENDER_FAULTS)
def test_a_fault_of_the_sender_is_a_setback_and_loses_nobody(app, box, name):
    plan, fault, reply = SENDER_FAULTS[name]
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    for field, value in plan.items():
        setattr(box, field, value)
    send_due_messages(means)
    batch = batch_of(current)
    assert (batch.refused, batch.setbacks, batch.setback) == (0, 1, MailServerFault(fault, reply))
    assert batch.messages_left == 12 - len(box.arrived)
    assert box.asked <= len(box.arrived) + 3  # and it is not asked for every message
    box.quota = None
    box.sender_answer = box.data_answer = ""
    for minutes in (1, 2, 10, 60):
        send_due_messages(replace(means, now=NOON + minutes * MINUTE))
    assert once_each(box, addresses)
    assert (batch_of(current).state, batch_of(current).setback, codes(current)) == (BatchState.DONE, None, 12)


def test_a_quota_of_days_is_waited_for_and_loses_nobody(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    for day in range(5):
        box.quota = 3 * (day + 1)
        for hours in range(24):
            send_due_messages(replace(means, now=NOON + timedelta(days=day, hours=hours)))
        assert len(box.arrived) == min(12, 3 * (day + 1))
    assert once_each(box, addresses)
    assert (batch_of(current).refused, batch_of(current).given_up, codes(current)) == (0, 0, 12)


def test_a_single_letter_that_policy_refuses_waits_as_well(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=1)
    box.answers = {addresses[0]: ["554 5.7.1 Relay access denied"] * 20}
    for hours in range(20):
        send_due_messages(replace(means, now=NOON + hours * HOUR))
    assert (batch_of(current).messages_left, batch_of(current).setback.detail) == (1, "554 5.7.1")


def test_one_recipient_behind_a_strict_policy_holds_nobody_up_and_is_given_up_in_the_end(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    box.answers = {addresses[5]: ["550 5.7.129 sender not in the list of this recipient"] * 50}
    send_due_messages(means)
    assert len(box.arrived) == 11
    for hours in range(60):
        send_due_messages(replace(means, now=NOON + hours * HOUR))
    assert once_each(box, [*addresses[:5], *addresses[6:]])
    assert (batch_of(current).given_up, undelivered(current)) == (1, (addresses[5],))


def test_three_such_recipients_in_a_row_do_not_stop_every_turn(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    with read_session() as session:
        waiting = stored.waiting_messages(session, batch_of(current).id)
    first = sorted(one.id for one in waiting)[:3]
    heads = {one.id: outbox_delivery._unsealed(one, SECRET).to for one in waiting}
    blocked = [heads[one] for one in first]
    box.answers = {address: ["554 5.7.1 blocked"] * 500 for address in blocked}
    for minutes in range(200):
        send_due_messages(replace(means, now=NOON + minutes * MINUTE * 10))
    assert once_each(box, [address for address in addresses if address not in blocked])


def test_a_list_of_nothing_but_wrong_addresses_is_believed_in_the_end(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=5)
    box.sender_answer = "550 5.1.1 unknown"
    send_due_messages(means)
    assert batch_of(current).refused == 0
    for hours in range(10):
        send_due_messages(replace(means, now=NOON + hours * HOUR))
    assert (batch_of(current).refused, codes(current), undelivered(current)) == (5, 0, tuple(sorted(addresses)))


@pytest.mark.parametrize("answer", ["550 Administrative prohibition", "554 5.7.1 Relay access denied"])
def test_a_run_of_refusals_that_name_no_wrong_address_is_never_believed(app, box, answer):
    means = means_of(app, box.url)
    current, _addresses = invite(app, means, people=5)
    box.sender_answer = answer
    for hours in range(10):
        send_due_messages(replace(means, now=NOON + hours * HOUR))
    assert (batch_of(current).refused, batch_of(current).messages_left, codes(current)) == (0, 5, 5)


def test_letters_that_wait_for_the_server_may_be_given_up_and_their_places_are_free(app, box):
    means = means_of(app, box.url)
    current, _addresses = invite(app, means)
    with write_session() as session:
        assert not outbox_delivery.give_up_batch(session, current.id, batch_of(current).id, now=NOON, secret=SECRET)
    box.quota = 3
    send_due_messages(means)
    with write_session() as session:
        other = RoundId(current.id + 1)
        assert not outbox_delivery.give_up_batch(session, other, batch_of(current).id, now=NOON, secret=SECRET)
        assert outbox_delivery.give_up_batch(session, current.id, batch_of(current).id, now=NOON, secret=SECRET)
    assert (batch_of(current).given_up, codes(current), len(undelivered(current))) == (9, 3, 9)
    with write_session() as session:
        assert len(rounds.issue_slip_codes(session, current.id, "alder", secret=SECRET, now=NOON)) == 9
    send_due_messages(replace(means, now=NOON + HOUR))
    assert len(box.arrived) == 3
