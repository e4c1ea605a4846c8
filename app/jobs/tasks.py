"""Scheduled tasks and their intervals."""

import logging
from datetime import timedelta

from app.core.disclosure.policy import policy_for_promised_k
from app.core.rounds import RoundError
from app.jobs.follow_up_reminders import claim_due_reminders
from app.jobs.outbox_delivery import send_due_messages
from app.jobs.scheduler import ScheduledTask, TaskContext
from app.render.mail_messages import sender_details
from app.services import authentication, counting, mail, organisations, retention, rounds, tokens, votes
from app.services.mail import MailContext
from app.services.retention import RetentionPeriods
from app.store import jobs
from app.store.database import Session
from app.store.round_key_copies import SHARING_TASK
from app.vault.round_keys import InvalidKey

MINUTE = timedelta(minutes=1)
FIVE_MINUTES = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JOB_RUN_RETENTION = timedelta(days=7)
MISSING_KEY_DELAY = timedelta(hours=2)

_log = logging.getLogger(__name__)


def close_due_rounds(session: Session, context: TaskContext) -> None:
    """Close the rounds whose closing time has passed."""
    rounds.close_due(session, now=context.now)


def open_due_automatic_rounds(session: Session, context: TaskContext) -> None:
    """Open the rounds in automatic mode whose opening time has come."""
    region = organisations.region(session)
    rounds.open_due(session, now=context.now, secret=context.secret, keys=context.settings.keys, region=region)


def share_round_keys_among_hosts(session: Session, context: TaskContext) -> None:
    """Share the keys of rounds in automatic mode among all hosts, and report that this host is alive."""
    host = counting.this_host(keys=context.settings.keys, secret=context.secret, now=context.now)
    counting.share_round_keys_among_hosts(session, host)


def count_rounds_with_local_key(session: Session, context: TaskContext) -> None:
    """Count the closed rounds that this host can open; a failure does not stop the others."""
    for round_id in counting.rounds_to_count_with_local_key(session, keys=context.settings.keys):
        round_ = rounds.get_round(session, round_id)
        if mail.must_delay_count_for_thanks(session, round_, now=context.now):
            continue
        policy = policy_for_promised_k(round_.k)
        try:
            with session.begin_nested():
                counting.count_round(
                    session,
                    round_id,
                    policy=policy,
                    secret=context.secret,
                    now=context.now,
                    keys=context.settings.keys,
                )
        except counting.CountNeedsConfirmation as stopped:
            _log.error("Round %s waits for a person to look at its count: %s", round_id, stopped.preflight)
        except (InvalidKey, counting.BoxDamaged, RoundError) as refused:
            _log.error("Round %s cannot be counted: %s", round_id, refused)


def log_overdue_counts(session: Session, context: TaskContext) -> None:
    """Log the closed rounds that no host has counted: their key is on a host that is down, or lost."""
    for round_id in counting.automatic_rounds_to_count(session):
        if context.now - rounds.get_round(session, round_id).closes_at > MISSING_KEY_DELAY:
            _log.error("Round %s waits for its count: start a host that keeps its key.", round_id)


def destroy_keys_and_wipe_remnants(session: Session, context: TaskContext) -> None:
    """Destroy the keys of counted rounds and wipe the remnants of their ballots."""
    counting.destroy_keys_and_wipe_remnants(session, now=context.now, keys=context.settings.keys)
    counting.destroy_and_certify_leftover_keys(session, keys=context.settings.keys)


def refresh_participation(session: Session, context: TaskContext) -> None:
    """Refresh the participation bands of open rounds once a day."""
    rounds.refresh_participation(session, now=context.now)


def queue_due_round_messages(session: Session, context: TaskContext) -> None:
    """Write the reminders, thanks and news of results that are due."""
    if context.settings.smtp_url:
        mail.write_messages_of_due_batches(session, context=mail_context(context))


def queue_follow_up_reminders(session: Session, context: TaskContext) -> None:
    """Write reminders of follow-up steps to principals, each once."""
    if context.settings.smtp_url:
        mail.queue_community_messages(
            session, claim_due_reminders(session, now=context.now), context=mail_context(context)
        )


def send_queued_messages(_session: Session, context: TaskContext) -> None:
    """Send the messages in the outbox, each in its own transaction."""
    send_due_messages(context)


def mail_context(context: TaskContext) -> MailContext:
    """Return the context for writing messages."""
    return MailContext(head=sender_details(context.settings), secret=context.secret, now=context.now)


def destroy_vote_keys(session: Session, context: TaskContext) -> None:
    """Destroy the keys of votes that are closed."""
    votes.destroy_keys_of_closed_votes(session, key_folder=context.settings.keys)


def close_and_count_due_votes(session: Session, context: TaskContext) -> None:
    """Close expired votes, count them and delete their keys."""
    votes.close_count_and_erase_due(session, secret=context.secret, key_folder=context.settings.keys, now=context.now)


def delete_old_job_runs(session: Session, context: TaskContext) -> None:
    """Delete runs of tasks older than a week."""
    jobs.delete_before_except_newest(session, before=context.now - JOB_RUN_RETENTION)


def delete_expired_sessions_and_tokens(session: Session, context: TaskContext) -> None:
    """Delete expired sessions, one-time links, tokens and sign-in attempts."""
    authentication.delete_expired(session, now=context.now)
    tokens.delete_expired(session, now=context.now)


def delete_expired_records(session: Session, context: TaskContext) -> None:
    """Delete records older than their retention: audit log, closed accounts, messages, uploads."""
    settings = context.settings
    spans = RetentionPeriods(
        audit_log=timedelta(days=settings.audit_days), messages=timedelta(days=settings.letter_days)
    )
    retention.delete_expired(session, spans, now=context.now)


# A task that opens, closes, counts, deletes or writes messages by date waits after a jump of the clock. A message that
# is sent too early cannot be taken back, and each reminder is written once: the real one would be missing. Exempt are
# tasks that finish what a person began or what was done before, and tasks that change nothing for good.
TASKS: tuple[ScheduledTask, ...] = (
    ScheduledTask("close_due", MINUTE, close_due_rounds),
    ScheduledTask("open_due", MINUTE, open_due_automatic_rounds),
    ScheduledTask(SHARING_TASK, MINUTE, share_round_keys_among_hosts, on_every_host=True, runs_after_clock_jump=True),
    ScheduledTask("count_due", FIVE_MINUTES, count_rounds_with_local_key, on_every_host=True),
    ScheduledTask("miss_keys", HOUR, log_overdue_counts, runs_after_clock_jump=True),
    ScheduledTask("write_letters", MINUTE, queue_due_round_messages),
    ScheduledTask("remind_follow_ups", HOUR, queue_follow_up_reminders),
    ScheduledTask("send_letters", MINUTE, send_queued_messages, own_transaction=True, runs_after_clock_jump=True),
    ScheduledTask(
        "finish_cleaning",
        FIVE_MINUTES,
        destroy_keys_and_wipe_remnants,
        own_transaction=True,
        on_every_host=True,
        runs_after_clock_jump=True,
    ),
    ScheduledTask("destroy_vote_keys", MINUTE, destroy_vote_keys, on_every_host=True, runs_after_clock_jump=True),
    ScheduledTask("close_votes", MINUTE, close_and_count_due_votes, on_every_host=True),
    ScheduledTask("refresh_bands", DAY, refresh_participation),
    ScheduledTask("forget_runs", DAY, delete_old_job_runs),
    ScheduledTask("forget_sessions", DAY, delete_expired_sessions_and_tokens),
    ScheduledTask("forget_old", HOUR, delete_expired_records),
)

# Tasks for the key files of a host: they run even where the other tasks are switched off.
KEY_TASKS = tuple(task for task in TASKS if task.name in {SHARING_TASK, "finish_cleaning"})
