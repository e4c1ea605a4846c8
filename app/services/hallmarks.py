"""Whether this host's secret is the one that the database goes with.

With another one, every code would be refused, no box and no letter would open, and a round opened here
would be lost to the other hosts. So the database bears a keyed digest of the secret, and whoever starts,
serves, does jobs or looks after the house compares.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.core.rounds import Round, RoundState
from app.store import hallmarks, rounds
from app.store.hallmarks import DIFFERS, REMEDY, SecretDiffers
from app.vault.tokens import hallmark

__all__ = ["DIFFERS", "REMEDY", "SecretDiffers", "accept", "at_stake", "fits", "is_marked", "require"]


def fits(session: Session, secret: bytes) -> bool:
    """Tell whether a secret goes with the database; any does with one that bears no mark yet."""
    return hallmarks.laid(session) in {None, hallmark(secret)}


def is_marked(session: Session) -> bool:
    """Tell whether the database bears a mark."""
    return hallmarks.laid(session) is not None


def require(session: Session, secret: bytes) -> None:
    """Mark a database that bears no mark; raise SecretDiffers where it goes with another secret."""
    hallmarks.require(session, hallmark(secret))


def at_stake(session: Session) -> Sequence[Round]:
    """Return the rounds that are lost if the secret they were opened with is: open or closed, not counted."""
    return [one for one in rounds.rounds(session) if one.state in {RoundState.OPEN, RoundState.CLOSED}]


def accept(session: Session, secret: bytes) -> None:
    """Let the database go with this secret from now on, whatever it went with."""
    hallmarks.replace(session, hallmark(secret))
