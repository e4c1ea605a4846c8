"""What is done by itself, and how often; declared here, kept in no table."""

import logging
from datetime import timedelta

from app.core.disclosure.policy import promising
from app.core.rounds import RoundRefused
from app.jobs.follow_ups import due_letters
from app.jobs.post import carry
from app.jobs.timetable import Job, Means
from app.render.letters import letterhead
from app.services import counting, notices, organisations, retention, rounds, signin, tokens, votes
from app.services.notices import Desk
from app.services.retention import Spans
from app.store import jobs
from app.store.database import Session
from app.vault.keys import KeyRefused

MINUTE = timedelta(minutes=1)
FIVE_MINUTES = timedelta(minutes=5)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REMEMBERED = timedelta(days=7)
UNCOUNTED = timedelta(hours=2)

_log = logging.getLogger(__name__)


def close_due(session: Session, means: Means) -> None:
    """Close the rounds whose last moment has come."""
    rounds.close_due(session, now=means.now)


def open_due(session: Session, means: Means) -> None:
    """Open the rounds in automatic mode whose first moment has come."""
    region = organisations.region(session)
    rounds.open_due(session, now=means.now, secret=means.secret, keys=means.settings.keys, region=region)


def count_due(session: Session, means: Means) -> None:
    """Count the closed rounds whose key is on this host; one that cannot be counted stops no other."""
    for round_id in counting.due_here(session, keys=means.settings.keys):
        current = rounds.round_of(session, round_id)
        if notices.is_thanking(session, current, now=means.now):
            continue
        policy = promising(current.k)
        try:
            with session.begin_nested():
                counting.count(
                    session,
                    round_id,
                    policy=policy,
                    secret=means.secret,
                    now=means.now,
                    keys=means.settings.keys,
                )
        except counting.CountStopped as stopped:
            _log.error("Round %s waits for a person to look at its count: %s", round_id, stopped.preflight)
        except (KeyRefused, counting.BoxDamaged, RoundRefused) as refused:
            _log.error("Round %s cannot be counted: %s", round_id, refused)


def miss_keys(session: Session, means: Means) -> None:
    """Say which closed rounds nobody counts: the key of each lies on a host that is away, or is lost."""
    for round_id in counting.due(session):
        if means.now - rounds.round_of(session, round_id).closes_at > UNCOUNTED:
            _log.error("Round %s waits for its count: start the host that keeps its key file.", round_id)


def finish_cleaning(session: Session, means: Means) -> None:
    """Destroy the keys of counted rounds and wipe what is left of their ballots."""
    counting.finish_cleaning(session, now=means.now, keys=means.settings.keys)
    counting.destroy_left_keys(session, keys=means.settings.keys)


def refresh_bands(session: Session, means: Means) -> None:
    """Tell coordinators once a day how many have answered, in bands of three people or more."""
    rounds.refresh_bands(session, now=means.now)


def write_letters(session: Session, means: Means) -> None:
    """Write the reminders, thanks and news of results whose day has come."""
    if means.settings.smtp_url:
        notices.write_due(session, desk=desk(means))


def remind_follow_ups(session: Session, means: Means) -> None:
    """Remind principals of what comes next in their follow-up; what was given is never given twice."""
    if means.settings.smtp_url:
        notices.write_follow_ups(session, due_letters(session, now=means.now), desk=desk(means))


def send_letters(_session: Session, means: Means) -> None:
    """Send what waits in the outbox, each letter in a transaction of its own."""
    carry(means)


def desk(means: Means) -> Desk:
    """Return what it takes to write letters."""
    return Desk(head=letterhead(means.settings), secret=means.secret, now=means.now)


def close_votes(session: Session, means: Means) -> None:
    """Close the votes that a meeting left open; destroy the keys of those that were closed before."""
    votes.destroy_keys(session, key_folder=means.settings.keys)
    votes.close_due(session, secret=means.secret, key_folder=means.settings.keys, now=means.now)


def forget_runs(session: Session, means: Means) -> None:
    """Forget which jobs ran more than a week ago."""
    jobs.forget(session, before=means.now - REMEMBERED)


def forget_sessions(session: Session, means: Means) -> None:
    """Forget sessions, one-time links, tokens and attempts to sign in that have run out."""
    signin.sweep(session, now=means.now)
    tokens.sweep(session, now=means.now)


def forget_old(session: Session, means: Means) -> None:
    """Erase what is older than the settings keep: the trail, closed accounts, ended letters, lists handed in."""
    kept = means.settings
    spans = Spans(trail=timedelta(days=kept.audit_days), letters=timedelta(days=kept.letter_days))
    retention.forget_old(session, spans, now=means.now)


DUTIES: tuple[Job, ...] = (
    Job("close_due", MINUTE, close_due),
    Job("open_due", MINUTE, open_due),
    Job("count_due", FIVE_MINUTES, count_due, everywhere=True),
    Job("miss_keys", HOUR, miss_keys),
    Job("write_letters", MINUTE, write_letters),
    Job("remind_follow_ups", HOUR, remind_follow_ups),
    Job("send_letters", MINUTE, send_letters, alone=True),
    Job("finish_cleaning", FIVE_MINUTES, finish_cleaning, alone=True, everywhere=True),
    Job("close_votes", MINUTE, close_votes, everywhere=True),
    Job("refresh_bands", DAY, refresh_bands),
    Job("forget_runs", DAY, forget_runs),
    Job("forget_sessions", DAY, forget_sessions),
    Job("forget_old", HOUR, forget_old),
)
