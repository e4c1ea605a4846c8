"""What the mail server says of the sender, of itself and of whoever signs in is a setback and refuses nobody."""

from dataclasses import replace

import pytest

from app.core.mail import BatchState, MailServerFault, MailServerFaultCode
from app.jobs.outbox_delivery import send_due_messages
from tests.jobs.test_outbox import MINUTE, batch_of, box, invite, means_of, once_each
from tests.mailbox import mailbox
from tests.services.factories import NOON

__all__ = ["box"]
CLOSING = "421 4.3.2 closing"
SENDER_ANSWERS = {
    "550 5.1.1 sender unknown": MailServerFaultCode.SENDER,
    "553 5.7.1 not your address": MailServerFaultCode.SENDER,
    "552 5.3.4 too large": MailServerFaultCode.SENDER,
    "530 5.7.0 sign in first": MailServerFaultCode.SIGN_IN,
    "451 4.7.1 try later": MailServerFaultCode.UNREACHABLE,
    CLOSING: MailServerFaultCode.UNREACHABLE,
}


def in_the_end(means, current, box, addresses):
    """Let the server come to reason; everybody must get one message."""
    box.from_answer = box.sender_answer = box.data_answer = ""
    send_due_messages(replace(means, now=NOON + MINUTE))
    assert once_each(box, addresses)
    assert (batch_of(current).state, batch_of(current).refused, batch_of(current).setback) == (BatchState.DONE, 0, None)


@pytest.mark.parametrize("answer", SENDER_ANSWERS)
def test_a_sender_that_is_refused_is_named_once_and_no_recipient_is(app, box, answer):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    box.from_answer = answer
    send_due_messages(means)
    batch = batch_of(current)
    assert (batch.setbacks, batch.setback) == (1, MailServerFault(SENDER_ANSWERS[answer], " ".join(answer.split()[:2])))
    assert (box.senders, box.asked, batch.refused, batch.messages_left, batch.passes) == (1, 0, 0, 12, 1)
    in_the_end(means, current, box, addresses)


@pytest.mark.parametrize("where", ["from_answer", "sender_answer", "data_answer"])
def test_a_server_that_is_closing_ends_the_turn_and_not_one_letter(app, box, where):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    setattr(box, where, CLOSING)
    send_due_messages(means)
    batch = batch_of(current)
    assert batch.setback == MailServerFault(MailServerFaultCode.UNREACHABLE, "421 4.3.2")
    assert (box.senders, batch.messages_left, batch.passes, batch.setbacks) == (1, 12, 1, 1)
    in_the_end(means, current, box, addresses)


def test_a_server_that_closes_in_the_middle_is_asked_anew_and_no_letter_waits(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    answers = iter([*["250 OK"] * 3, CLOSING, *["250 OK"] * 4, CLOSING, *["250 OK"] * 5])
    box.answers = {address: Turns(answers) for address in addresses}
    send_due_messages(means)
    assert once_each(box, addresses)
    assert (box.connections, batch_of(current).state) == (3, BatchState.DONE)


@pytest.mark.parametrize("where", ["sender_answer", "data_answer"])
@pytest.mark.parametrize("answer", ["550 5.1.8 bad address of the sender", "554 5.7.60 not allowed to send as"])
def test_what_is_surely_about_the_sender_is_asked_once(app, box, where, answer):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    setattr(box, where, answer)
    send_due_messages(means)
    batch = batch_of(current)
    assert (batch.refused, batch.setback) == (
        0,
        MailServerFault(MailServerFaultCode.SENDER, " ".join(answer.split()[:2])),
    )
    assert box.senders == 1
    in_the_end(means, current, box, addresses)


def test_whoever_may_not_sign_in_is_told_so(app):
    with mailbox(guarded=True) as (box, url):
        means = means_of(app, url.replace("//", "//kysely:wrong@"))
        current, _ = invite(app, means, people=2)
        send_due_messages(means)
        assert batch_of(current).setback == MailServerFault(MailServerFaultCode.SIGN_IN, "SMTPAuthenticationError 535")
        send_due_messages(means_of(app, url, now=NOON + MINUTE))
        assert batch_of(current).setback == MailServerFault(MailServerFaultCode.SIGN_IN, "530 5.7.0")
        assert (box.asked, batch_of(current).refused, batch_of(current).messages_left) == (0, 0, 2)


def test_another_refusal_ends_a_run_of_equal_ones(app, box):
    """Two and two and two are no three, and each is believed for itself."""
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=6)
    answers = iter(["550 5.1.1 unknown", "550 5.1.1 unknown", "550 5.1.2 no such host", "550 5.1.2 no such host"] * 2)
    box.answers = {address: Turns(answers) for address in addresses}
    send_due_messages(means)
    assert (batch_of(current).refused, batch_of(current).setback, batch_of(current).state) == (6, None, BatchState.DONE)


def test_a_letter_that_is_taken_ends_a_run_of_refusals(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=6)
    answers = iter(["550 5.1.1 unknown", "250 OK"] * 3)
    box.answers = {address: Turns(answers) for address in addresses}
    send_due_messages(means)
    batch = batch_of(current)
    assert (batch.refused, batch.sent, batch.setback, batch.state) == (3, 3, None, BatchState.DONE)


def test_what_may_be_about_the_sender_refuses_no_letter_between_others(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=6)
    denied = "550 5.7.1 denied"
    answers = iter(["250 OK", denied, denied, "550 5.1.1 unknown", "250 OK", denied])
    box.answers = {address: Turns(answers) for address in addresses}
    send_due_messages(means)
    assert (batch_of(current).refused, batch_of(current).messages_left) == (1, 3)
    box.answers = {}
    send_due_messages(replace(means, now=NOON + MINUTE))
    assert (batch_of(current).sent, batch_of(current).refused) == (5, 1)


def test_a_setback_after_letters_were_taken_is_the_first_in_a_row(app, box):
    means = means_of(app, box.url)
    current, _ = invite(app, means)
    for hours, quota, setbacks in ((0, 0, 1), (1, 0, 2), (2, 3, 1), (3, 3, 2)):
        box.quota = quota
        send_due_messages(replace(means, now=NOON + hours * 60 * MINUTE))
        assert (batch_of(current).setbacks, len(box.arrived)) == (setbacks, quota)


class Turns:
    """The answers of all addresses, in the order in which they are asked."""

    def __init__(self, answers):
        self.answers = answers

    def pop(self, _place):
        return next(self.answers)


def test_a_letter_whose_answer_was_lost_waits_for_the_next_pass(app, box):
    """It may have arrived: no message is sent twice in one pass, whatever becomes of its answer."""
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=3)
    box.break_at = {1, 2, 3}
    send_due_messages(means)
    assert (box.seen, batch_of(current).messages_left, batch_of(current).passes) == (3, 3, 2)
    send_due_messages(replace(means, now=NOON + 10 * MINUTE))
    assert once_each(box, addresses)
