"""What is old goes by itself, and nothing else."""

from datetime import timedelta

import pytest

from app.core.audit import AuditEntry, AuditEvent
from app.core.mail import MessagePurpose
from app.core.rounds import RoundId
from app.jobs.scheduler import TaskContext
from app.jobs.tasks import TASKS
from app.services import retention
from app.services.retention import ErasedCounts, RetentionPeriods
from app.store import accounts, audit, outbox, uploads
from tests.conftest import NOON
from tests.databases import both_databases
from tests.services.factories import SECRET, opened

SPANS = RetentionPeriods(audit_log=timedelta(days=730), messages=timedelta(days=30))
DAY = timedelta(days=1)


def account(session, email="a@example.org", closed=None):
    found = accounts.add(session, email=email, name="A", language="fi", grants=(), now=NOON - 999 * DAY)
    accounts.set_closed(session, found, closed)
    return found


def messages(session, *, written, round_id=None):
    batch = outbox.add_planned_batch(session, MessagePurpose.ACCOUNT, round_id=round_id, due_on=None)
    outbox.start_batch_with_messages(session, batch, (), words={}, now=written, expires_at=written)


def forget(session):
    session.flush()
    return retention.delete_expired(session, SPANS, now=NOON)


@both_databases
def test_entries_of_the_audit_log_go_after_their_span(session):
    for days in (731, 729):
        audit.add(session, AuditEntry(NOON - days * DAY, None, AuditEvent.SIGNED_IN, f"{days}"))
    assert forget(session).entries == 1
    assert [one.subject for one in audit.entries(session)] == ["729"]


@both_databases
def test_a_closed_account_goes_with_the_last_of_its_entries(session):
    gone = account(session, closed=NOON - 731 * DAY)
    kept = account(session, "b@example.org", closed=NOON - 729 * DAY)
    in_use = account(session, "c@example.org")
    audit.add(session, AuditEntry(NOON - 2 * DAY, gone, AuditEvent.ACCOUNT_CHANGED, "x"))
    assert forget(session).accounts == 1
    session.expire_all()
    assert {one.id for one in accounts.accounts(session)} == {kept, in_use}
    assert [one.account for one in audit.entries(session)] == [None]


@both_databases
def test_the_numbers_of_letters_go_unless_a_round_still_needs_them(session, tmp_path):
    round_id = opened(session, tmp_path / "keys")
    messages(session, written=NOON - 31 * DAY)
    messages(session, written=NOON - 29 * DAY)
    messages(session, written=NOON - 31 * DAY, round_id=RoundId(round_id))
    assert forget(session).batches == 1
    assert len(outbox.mail_batches(session)) == 2


@both_databases
def test_a_list_that_nobody_confirmed_goes_after_a_day_even_if_nobody_hands_in_another(session):
    who = account(session)
    for hours in (25, 23):
        uploads.replace_upload(
            session, who, f"{hours}", name="x", content=b"a@example.org", now=NOON - timedelta(hours=hours)
        )
    forget(session)
    assert uploads.find_upload(session, 1, who, "25") is None
    assert uploads.find_upload(session, 2, who, "23") is not None


def test_forgetting_again_erases_nothing_more(session):
    audit.add(session, AuditEntry(NOON - 731 * DAY, None, AuditEvent.SIGNED_IN, "x"))
    forget(session)
    assert forget(session) == ErasedCounts(0, 0, 0)


@pytest.mark.parametrize(("days", "left"), [(10, 0), (20, 1)])
def test_the_job_keeps_the_spans_of_the_settings(app, session, days, left):
    audit.add(session, AuditEntry(NOON - 15 * DAY, None, AuditEvent.SIGNED_IN, "x"))
    settings = type(app.extensions["voimavara"].settings)(audit_days=days)
    job = next(one for one in TASKS if one.name == "forget_old")
    job.run(session, TaskContext(settings=settings, secret=SECRET, now=NOON))
    assert len(audit.entries(session)) == left
