"""A process that sends messages, killed in the middle: nobody is left out, and nobody gets two different messages."""

import os
import signal
import traceback
from dataclasses import replace

import pytest

from app.jobs.outbox_delivery import send_due_messages
from app.store.database import database
from tests.databases import both_databases
from tests.jobs.test_outbox import MINUTE, batch_of, box, invite, means_of
from tests.services.factories import NOON

__all__ = ["box"]
pytestmark = pytest.mark.slow


def carry_elsewhere(app, box, *, minutes=0):
    """Send in a process of its own until it ends; return how it ended."""
    database.session.remove()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            database.engine.dispose(close=False)  # its connections are the parent's
            os.read(reading, 1)
            send_due_messages(replace(means_of(app, box.url), now=NOON + minutes * MINUTE))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    box.victim = child
    os.write(writing, b"!")
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(reading)
    os.close(writing)
    return ended


@both_databases
def test_killed_before_the_server_takes_a_letter_everybody_still_gets_exactly_one(app, box):
    current, addresses = invite(app, means_of(app, box.url))
    box.kill_at = {5: False, 12: False}
    assert carry_elsewhere(app, box) == -signal.SIGKILL
    assert carry_elsewhere(app, box, minutes=1) == 0  # the dead one's hold has not ended yet
    assert len(box.arrived) == 4
    assert carry_elsewhere(app, box, minutes=6) == -signal.SIGKILL
    assert carry_elsewhere(app, box, minutes=12) == 0
    assert box.times() == dict.fromkeys(addresses, 1)
    assert batch_of(current).sent == 12


def test_killed_right_after_the_server_took_a_letter_the_second_copy_bears_the_same_name(app, box):
    _current, addresses = invite(app, means_of(app, box.url))
    box.kill_at = {5: True}
    assert carry_elsewhere(app, box) == -signal.SIGKILL
    assert carry_elsewhere(app, box, minutes=6) == 0
    assert sorted(box.times().values()) == [1] * 11 + [2]
    assert len(box.ids()) == 12  # a mailbox that knows a Message-ID shows it once
    assert {address for address, _ in box.ids()} == set(addresses)
    twice = next(address for address, times in box.times().items() if times == 2)
    first, second = [mail.as_bytes() for address, mail in box.arrived if address == twice]
    assert first == second
