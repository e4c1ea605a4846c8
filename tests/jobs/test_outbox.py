"""Letters against a real mail server: each address once, whatever the server does."""

from dataclasses import replace
from datetime import timedelta
from email.headerregistry import Address

import pytest
from hypothesis import assume, example, given
from hypothesis.strategies import from_regex, text

from app.core.languages import Language
from app.core.mail import ADDRESS, BatchState, InvitedAddress, MessagePurpose
from app.jobs.outbox_delivery import send_due_messages
from app.jobs.scheduler import TaskContext
from app.jobs.tasks import mail_context
from app.render.mail_messages import sender_details
from app.services import mail, outbox_delivery, rounds
from app.services.outbox_delivery import ConsecutiveRefusals
from app.store import contacts, outbox
from app.store.database import read_session, write_session
from tests.databases import both_databases
from tests.mailbox import free_port, mailbox
from tests.services.factories import CLOSES, NOON, SECRET, opened

MINUTE = timedelta(minutes=1)


@pytest.fixture
def box():
    with mailbox() as (found, url):
        found.url = url
        yield found


def means_of(app, url, *, now=NOON):
    settings = replace(app.extensions["voimavara"].settings, smtp_url=url, mail_from="kysely@kunta.example")
    return TaskContext(settings=settings, secret=SECRET, now=now)


def invite(app, means, *, people=12, odd=()):
    """Put an invitation for each of some people into the outbox; return the round and their addresses."""
    addresses = [*odd, *(f"person{number}@kunta.example" for number in range(people - len(odd)))]
    with write_session() as session:
        round_id = opened(session, app.extensions["voimavara"].settings.keys, alder=people)
        current = rounds.get_round(session, round_id)
        contacts.upsert(session, round_id, [InvitedAddress(one, "alder", Language.FI) for one in addresses])
        drawn = rounds.issue_mailed_codes(session, round_id, {"alder": addresses}, secret=SECRET, now=NOON)
        mail.write_invitations(session, current, drawn, context=mail_context(means))
    return current, addresses


def batch_of(current, purpose=MessagePurpose.INVITATION):
    with read_session() as session:
        return next(one for one in outbox.mail_batches(session, round_id=current.id) if one.purpose is purpose)


def once_each(box, addresses):
    return box.times() == dict.fromkeys(addresses, 1)


@both_databases
def test_everybody_gets_one_letter_and_nothing_waits(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    send_due_messages(means)
    send_due_messages(means)
    assert once_each(box, addresses)
    batch = batch_of(current)
    assert (batch.state, batch.sent, batch.messages_left) == (BatchState.DONE, 12, 0)


def test_who_is_put_off_is_tried_again_and_gets_it_once(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    box.answers = {addresses[3]: ["450 try later", "451 greylisted"], addresses[7]: ["452 full"]}
    send_due_messages(means)
    assert (box.times()[addresses[3]], batch_of(current).messages_left) == (0, 2)
    send_due_messages(means)  # not yet: the pause has not passed
    assert batch_of(current).messages_left == 2
    send_due_messages(replace(means, now=NOON + MINUTE))
    send_due_messages(replace(means, now=NOON + 10 * MINUTE))
    assert once_each(box, addresses)
    assert batch_of(current).state is BatchState.DONE


def test_who_is_refused_for_good_is_counted_and_not_tried_again(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    box.answers = {addresses[0]: ["550 nobody here"]}
    send_due_messages(means)
    send_due_messages(replace(means, now=NOON + 60 * MINUTE))
    assert once_each(box, addresses[1:])
    assert (batch_of(current).refused, batch_of(current).state) == (1, BatchState.DONE)


def test_an_address_that_no_letter_can_bear_holds_nobody_elses_letter_up(app, box):
    means = means_of(app, box.url)
    odd = ["matti..m@kunta.example", "päivi@kunta.example", "a,b@kunta.example", "=?utf-8?q?x?=@kunta.example"]
    current, addresses = invite(app, means, odd=[*odd, "a@[x.example", "kim@kölu.example"])
    send_due_messages(means)
    assert once_each(box, addresses[6:])
    assert (batch_of(current).refused, batch_of(current).state) == (6, BatchState.DONE)


SIGNS = "abcXYZ019.!#$%&'*+/=?^_`{|}~-"


@given(text(SIGNS, min_size=1, max_size=64), from_regex(r"([A-Za-z0-9-]{1,8}\.){1,3}[A-Za-z]{2,5}", fullmatch=True))
@example("a!#$%&'*+/=?^_`{|}~-b.c", "kunta.example")
def test_every_address_that_is_taken_can_be_written_on_a_letter(name, host):
    taken = f"{name}@{host}"
    assume(ADDRESS.match(taken))
    assert Address(addr_spec=taken).addr_spec == taken
    assert taken.isascii()


@pytest.mark.parametrize(
    "refused",
    ["matti..m@kunta.example", ".m@kunta.example", "m.@kunta.example", "päivi@kunta.example", "a,b@kunta.example",
     "=?utf-8?q?x?=@kunta.example", "a@[x.example", "kim@kölu.example", "a@kunta..example", "a@kunta",
     "a@kunta.example\n",
     "a" * 65 + "@kunta.example"],
)  # fmt: skip
def test_an_address_that_no_letter_can_bear_is_not_taken(refused):
    assert not ADDRESS.match(refused)


def test_a_server_that_never_relents_is_given_up_in_the_end(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means, people=3)
    box.answers = {addresses[0]: ["450 never"] * 50}
    for hours in range(60):
        send_due_messages(replace(means, now=NOON + timedelta(hours=hours)))
    assert (batch_of(current).given_up, batch_of(current).sent) == (1, 2)
    assert len(box.answers[addresses[0]]) == 50 - 8


def test_connections_that_break_in_the_middle_leave_nobody_out(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    box.answers = {addresses[2]: ["break"], addresses[9]: ["break"]}
    box.break_at = {4}
    for minutes in (0, 1, 5, 15):
        send_due_messages(replace(means, now=NOON + minutes * MINUTE))
    assert once_each(box, addresses)
    assert box.connections >= 4
    assert batch_of(current).state is BatchState.DONE


def test_a_server_that_is_away_is_waited_for(app):
    port = free_port()
    means = means_of(app, f"smtp://127.0.0.1:{port}")
    current, addresses = invite(app, means)
    send_due_messages(means)
    send_due_messages(replace(means, now=NOON + MINUTE))
    assert (batch_of(current).messages_left, batch_of(current).setbacks) == (12, 2)
    with mailbox(port=port) as (box, _):
        send_due_messages(replace(means, now=NOON + 5 * MINUTE))
        assert once_each(box, addresses)


def test_a_turn_ends_when_its_time_is_up_and_the_next_goes_on(app, box):
    means = means_of(app, box.url)
    _current, addresses = invite(app, means)
    ticks = iter(range(1000))
    send_due_messages(means, budget=timedelta(seconds=9), clock=lambda: next(ticks))
    assert 0 < len(box.arrived) < 12
    send_due_messages(replace(means, now=NOON + MINUTE))
    assert once_each(box, addresses)


def test_a_batch_that_another_process_holds_is_left_alone(app, box):
    means = means_of(app, box.url)
    current, addresses = invite(app, means)
    with write_session() as session:
        held_until = NOON + 5 * MINUTE
        assert outbox.lease_batch(session, batch_of(current).id, holder="another", now=NOON, until=held_until)
    send_due_messages(means)
    assert not box.arrived
    send_due_messages(replace(means, now=NOON + 6 * MINUTE))  # the other one has died
    assert once_each(box, addresses)


def test_a_process_whose_turn_was_taken_over_sends_and_ends_nothing(app, box):
    means = means_of(app, box.url)
    current, _ = invite(app, means)
    number, later = batch_of(current).id, NOON + 6 * MINUTE
    with write_session() as session:
        slow = outbox_delivery.lease_batch(session, number, holder="slow", now=NOON)
        assert outbox_delivery.next_message(session, slow, sender=sender_details(means.settings), secret=SECRET)
        assert outbox_delivery.lease_batch(session, number, holder="quick", now=later)
        assert not outbox_delivery.next_message(session, slow, sender=sender_details(means.settings), secret=SECRET)
        outbox_delivery.finish_pass(session, slow, ConsecutiveRefusals(), now=later)
        assert outbox.has_lease(session, number, holder="quick")
        outbox_delivery.end_delivery_early(session, slow, now=later, reached=False)
        assert outbox.has_lease(session, number, holder="quick")


def test_invitations_to_a_round_that_has_closed_are_not_sent(app, box):
    means = means_of(app, box.url)
    current, _ = invite(app, means)
    send_due_messages(replace(means, now=CLOSES + MINUTE))
    assert (len(box.arrived), batch_of(current).given_up) == (0, 12)


def test_a_server_with_a_password_gets_it_and_a_wrong_one_harms_nobody(app):
    with mailbox(guarded=True) as (box, url):
        wrong = means_of(app, url.replace("//", "//kysely:wrong@"))
        current, addresses = invite(app, wrong)
        send_due_messages(wrong)
        assert (batch_of(current).refused, batch_of(current).messages_left) == (0, 12)
        send_due_messages(means_of(app, url.replace("//", "//kysely:sala%20sana@"), now=NOON + MINUTE))
        assert once_each(box, addresses)


@pytest.mark.parametrize("knows_reports", [True, False])
def test_letters_that_come_back_bring_no_code_where_the_server_knows_how(app, box, knows_reports):
    box.knows_reports = knows_reports
    means = means_of(app, box.url)
    _current, addresses = invite(app, means)
    send_due_messages(means)
    assert once_each(box, addresses)
    assert box.wishes == [["RET=HDRS"] if knows_reports else []] * len(addresses)


def test_letters_of_another_installation_are_counted_as_refused(app, box):
    current, _ = invite(app, means_of(app, box.url))
    send_due_messages(replace(means_of(app, box.url), secret=b"another secret of some length..."))
    assert (len(box.arrived), batch_of(current).refused) == (0, 12)
