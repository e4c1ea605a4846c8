from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.jobs.follow_up_reminders import claim_due_reminders
from app.jobs.scheduler import TaskContext
from app.jobs.tasks import queue_follow_up_reminders
from app.services import outbox_delivery
from app.store import accounts
from tests.follow_ups import PINE, planned
from tests.publications import NOON, made, store
from tests.web.staff_client import add_account

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


@pytest.fixture
def people(session):
    added = [
        add_account(PINE, email="fi@example.test", language="fi"),
        add_account(PINE, email="sv@example.test", language="sv"),
        add_account(Grant(Role.COORDINATOR), email="desk@example.test"),
    ]
    for one in added:
        accounts.set_password_hash(session, one.id, "kept elsewhere")
    add_account(PINE, email="never@example.test")
    session.commit()
    return added


def test_principals_are_reminded_in_their_own_language_and_never_twice(session, round_id, people):
    letters = claim_due_reminders(session, now=NOON + 6 * DAY)
    assert {one.account.email for one in letters} == {"fi@example.test", "sv@example.test"}
    assert {one.what for one in letters} == {"Mäntykallion koulu"}
    assert {one.detail.split()[0] for one in letters} == {"Lue", "Läs"}
    assert letters[0].path == f"/staff/followup/{round_id}/pine"
    assert claim_due_reminders(session, now=NOON + 6 * DAY) == []


def test_after_a_time_without_service_one_reminder_comes_and_not_those_missed(session, round_id, people):
    letters = claim_due_reminders(session, now=NOON + 90 * DAY)
    assert len(letters) == 2 and all(one.until is None for one in letters)
    assert "Määräpäivä on mennyt." in letters[0].detail
    assert claim_due_reminders(session, now=NOON + 91 * DAY) == []


def test_nobody_is_reminded_where_nothing_is_due(session, round_id, people):
    planned(session, round_id, "pine")
    assert claim_due_reminders(session, now=NOON + 6 * DAY) == []


def test_the_duty_puts_the_letters_into_the_outbox_once(app, session, round_id, people):
    door = app.extensions["voimavara"]
    settings = replace(door.settings, smtp_url="smtp://127.0.0.1:9", mail_from="kysely@kunta.example")
    means = TaskContext(settings=settings, secret=door.secret, now=NOON + 6 * DAY)
    queue_follow_up_reminders(session, means)
    (batch,) = outbox_delivery.end_expired_and_list_due_batches(session, now=means.now, secret=door.secret)
    assert batch
    queue_follow_up_reminders(session, means)
    assert len(outbox_delivery.end_expired_and_list_due_batches(session, now=means.now, secret=door.secret)) == 1
