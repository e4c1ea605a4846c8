"""The clocks of this host and of the database: jobs move rounds on by the one, and many hosts share the other."""

from datetime import datetime, timedelta

from sqlalchemy import text

from app.store.database import Session

TOLERATED = timedelta(seconds=30)
REMEDY = "Let both follow the same time servers."


def clock_skew(session: Session, moment: datetime) -> timedelta | None:
    """Return by how much `moment` is ahead of the database's clock; None on SQLite, which has no clock of its own."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment - theirs


def skew_message(difference: timedelta) -> str:
    """Say in a sentence which clock is ahead, and by how much.

    >>> skew_message(timedelta(seconds=-95))
    "This host's clock is 95 seconds behind the database's."
    """
    where = "behind" if difference < timedelta() else "ahead of"
    return f"This host's clock is {abs(difference).total_seconds():.0f} seconds {where} the database's."
