"""The doctor says why messages wait, and what to do about it."""

import pytest

from app.cli.doctor.database import MAIL_SETBACKS
from app.cli.doctor.environment import MAIL_REMEDIES
from app.core.mail import MailServerFaultCode
from app.jobs.outbox_delivery import send_due_messages
from app.web.staff.rounds.message_forms import SETBACKS
from tests.cli.installations import service_app
from tests.jobs.test_outbox import box, invite, means_of
from tests.mailbox import free_port

__all__ = ["box"]


@pytest.fixture
def here(tmp_path):
    with service_app(tmp_path / "installation") as app:
        yield app


def doctor(app):
    return app.test_cli_runner().invoke(args=["doctor"]).output


def test_a_sender_that_the_server_refuses_is_told_at_once(here, box):
    means = means_of(here, box.url)
    invite(here, means)
    box.sender_answer = "554 5.7.1 Relay access denied"
    send_due_messages(means)
    found = doctor(here)
    assert "Messages wait: the mail server takes no messages from this sender (554 5.7.1)." in found
    assert "to relay" in found


def test_a_server_that_did_not_answer_once_is_not_told_yet(here):
    means = means_of(here, f"smtp://127.0.0.1:{free_port()}")
    invite(here, means)
    send_due_messages(means)
    assert "Messages wait" not in doctor(here)


def test_every_fault_has_words_and_a_remedy():
    assert set(MAIL_SETBACKS) == set(MAIL_REMEDIES) == set(SETBACKS) == set(MailServerFaultCode)
