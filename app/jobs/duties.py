"""What is done by itself, and how often; declared here, kept in no table."""

from datetime import timedelta

from app.jobs.timetable import Job, Means
from app.services import organisations, rounds
from app.store import jobs
from app.store.database import Session

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
REMEMBERED = timedelta(days=7)


def close_due(session: Session, means: Means) -> None:
    """Close the rounds whose last moment has come."""
    rounds.close_due(session, now=means.now)


def open_due(session: Session, means: Means) -> None:
    """Open the rounds in automatic mode whose first moment has come."""
    region = organisations.region(session)
    rounds.open_due(session, now=means.now, secret=means.secret, keys=means.settings.keys, region=region)


def refresh_bands(session: Session, means: Means) -> None:
    """Tell coordinators once a day how many have answered, in tens of per cent."""
    rounds.refresh_bands(session, now=means.now)


def forget_runs(session: Session, means: Means) -> None:
    """Forget which jobs ran more than a week ago."""
    jobs.forget(session, before=means.now - REMEMBERED)


DUTIES: tuple[Job, ...] = (
    Job("close_due", MINUTE, close_due),
    Job("open_due", MINUTE, open_due),
    Job("refresh_bands", DAY, refresh_bands),
    Job("forget_runs", DAY, forget_runs),
)
