"""Compare the clock of this host with that of the database.

Rounds are opened, closed and counted by the clock, and a count destroys the key. A host whose clock is wrong must not
do that: two clocks have to agree, its own and that of the database, which all hosts share.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.store.database import Session

MAX_SKEW = timedelta(seconds=30)
REMEDY = "Let both follow the same time servers."


def host_now() -> datetime:
    """Return the time of this host's clock, to compare it with another one."""
    return datetime.now(UTC)  # noqa: TID251 - the application's clock may be another one


def clock_skew(session: Session) -> timedelta | None:
    """Return by how much this host's clock is ahead of the database's; None on SQLite, which has no own clock."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    database_now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return host_now() - database_now


def excessive_skew(session: Session) -> timedelta | None:
    """Return the skew where it is more than MAX_SKEW, else None."""
    skew = clock_skew(session)
    return skew if skew is not None and abs(skew) > MAX_SKEW else None


def skew_message(difference: timedelta) -> str:
    """Return a sentence that says which clock is ahead, and by how much.

    >>> skew_message(timedelta(seconds=-95))
    "This host's clock is 95 seconds behind the database's."
    """
    where = "behind" if difference < timedelta() else "ahead of"
    return f"This host's clock is {abs(difference).total_seconds():.0f} seconds {where} the database's."
