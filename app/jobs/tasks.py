"""Scheduled tasks and their intervals."""

import logging
from datetime import timedelta

from app.core.disclosure.policy import policy_for
from app.core.rounds import RoundError
from app.jobs.follow_up_reminders import record_due_reminder_letters
from app.jobs.outbox_delivery import deliver
from app.jobs.scheduler import ScheduledTask, TaskContext
from app.render.letters import letterhead
from app.services import authentication, counting, mail, organisations, retention, rounds, tokens, votes
from app.services.mail import MailContext
from app.services.retention import RetentionPeriods
from app.store import jobs
from app.store.database import Session
from app.vault.round_keys import InvalidKey

MINUTE = timedelta(minutes=1)
FIVE_MINUTES = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JOB_RUN_RETENTION = timedelta(days=7)
MISSING_KEY_DELAY = timedelta(hours=2)

_log = logging.getLogger(__name__)


def close_due(session: Session, context: TaskContext) -> None:
    """Close the rounds whose closing time has passed."""
    rounds.close_due(session, now=context.now)


def open_due(session: Session, context: TaskContext) -> None:
    """Open the rounds in automatic mode whose opening time has come."""
    region = organisations.region(session)
    rounds.open_due(session, now=context.now, secret=context.secret, keys=context.settings.keys, region=region)


def count_due(session: Session, context: TaskContext) -> None:
    """Count the closed rounds with a key on this host; a failure does not stop the others."""
    for round_id in counting.rounds_to_count_with_local_key(session, keys=context.settings.keys):
        round_ = rounds.get_round(session, round_id)
        if mail.must_wait_for_thanks(session, round_, now=context.now):
            continue
        policy = policy_for(round_.k)
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
        except counting.CountStopped as stopped:
            _log.error("Round %s waits for a person to look at its count: %s", round_id, stopped.preflight)
        except (InvalidKey, counting.DamagedBox, RoundError) as refused:
            _log.error("Round %s cannot be counted: %s", round_id, refused)


def log_missing_keys(session: Session, context: TaskContext) -> None:
    """Log the closed rounds that wait for a key on another host, or whose key is lost."""
    for round_id in counting.automatic_rounds_to_count(session):
        if context.now - rounds.get_round(session, round_id).closes_at > MISSING_KEY_DELAY:
            _log.error("Round %s waits for its count: start the host that keeps its key file.", round_id)


def finish_secure_wipe(session: Session, context: TaskContext) -> None:
    """Destroy the keys of counted rounds and wipe the remnants of their ballots."""
    counting.finish_secure_wipe(session, now=context.now, keys=context.settings.keys)
    counting.destroy_leftover_keys(session, keys=context.settings.keys)


def refresh_participation(session: Session, context: TaskContext) -> None:
    """Refresh the participation bands of open rounds once a day."""
    rounds.refresh_participation(session, now=context.now)


def write_letters(session: Session, context: TaskContext) -> None:
    """Write the reminders, thanks and news of results that are due."""
    if context.settings.smtp_url:
        mail.write_due(session, context=mail_context(context))


def remind_follow_ups(session: Session, context: TaskContext) -> None:
    """Write reminders of follow-up steps to principals, each once."""
    if context.settings.smtp_url:
        mail.write_follow_ups(
            session, record_due_reminder_letters(session, now=context.now), context=mail_context(context)
        )


def send_letters(_session: Session, context: TaskContext) -> None:
    """Send the letters in the outbox, each in its own transaction."""
    deliver(context)


def mail_context(context: TaskContext) -> MailContext:
    """Return the context for writing letters."""
    return MailContext(head=letterhead(context.settings), secret=context.secret, now=context.now)


def close_votes(session: Session, context: TaskContext) -> None:
    """Close expired votes; destroy the keys of closed ones."""
    votes.destroy_keys(session, key_folder=context.settings.keys)
    votes.close_due(session, secret=context.secret, key_folder=context.settings.keys, now=context.now)


def delete_old_job_runs(session: Session, context: TaskContext) -> None:
    """Delete runs of tasks older than a week."""
    jobs.delete_before(session, before=context.now - JOB_RUN_RETENTION)


def delete_expired_sessions(session: Session, context: TaskContext) -> None:
    """Delete expired sessions, one-time links, tokens and sign-in attempts."""
    authentication.delete_expired(session, now=context.now)
    tokens.delete_expired(session, now=context.now)


def delete_expired_records(session: Session, context: TaskContext) -> None:
    """Delete records older than their retention: audit log, closed accounts, letters, uploads."""
    settings = context.settings
    spans = RetentionPeriods(trail=timedelta(days=settings.audit_days), letters=timedelta(days=settings.letter_days))
    retention.delete_expired(session, spans, now=context.now)


TASKS: tuple[ScheduledTask, ...] = (
    ScheduledTask("close_due", MINUTE, close_due),
    ScheduledTask("open_due", MINUTE, open_due),
    ScheduledTask("count_due", FIVE_MINUTES, count_due, on_every_host=True),
    ScheduledTask("miss_keys", HOUR, log_missing_keys),
    ScheduledTask("write_letters", MINUTE, write_letters),
    ScheduledTask("remind_follow_ups", HOUR, remind_follow_ups),
    ScheduledTask("send_letters", MINUTE, send_letters, own_transaction=True),
    ScheduledTask("finish_cleaning", FIVE_MINUTES, finish_secure_wipe, own_transaction=True, on_every_host=True),
    ScheduledTask("close_votes", MINUTE, close_votes, on_every_host=True),
    ScheduledTask("refresh_bands", DAY, refresh_participation),
    ScheduledTask("forget_runs", DAY, delete_old_job_runs),
    ScheduledTask("forget_sessions", DAY, delete_expired_sessions),
    ScheduledTask("forget_old", HOUR, delete_expired_records),
)
