"""Whether this host's secret is the one that the database goes with.

With another one, every code would be refused, no box and no letter would open, and a round opened here
would be lost to the other hosts. So the database bears a keyed digest of the secret, and whoever starts,
serves, does jobs or looks after the house compares. A database that bears none yet may hold boxes all the
same, put up before there were marks: then they tell whose secret it is.
"""

from collections.abc import Sequence
from contextlib import closing

from sqlalchemy.orm import Session

from app.core.rounds import Round, RoundId, RoundState
from app.store import boxes, hallmarks, rounds
from app.store.hallmarks import DIFFERS, REMEDY, SecretDiffers
from app.vault import boxes as vault
from app.vault.tokens import hallmark

__all__ = ["DIFFERS", "REMEDY", "SecretDiffers", "accept", "at_stake", "fits", "is_marked", "require", "unopened"]


def fits(session: Session, secret: bytes) -> bool:
    """Tell whether a secret goes with the database; any does with one that bears neither a mark nor boxes."""
    mark = hallmarks.laid(session)
    return not _is_belied(session, secret) if mark is None else mark == hallmark(secret)


def is_marked(session: Session) -> bool:
    """Tell whether the database bears a mark."""
    return hallmarks.laid(session) is not None


def require(session: Session, secret: bytes) -> None:
    """Mark a database that bears no mark; raise SecretDiffers where it goes with another secret."""
    if not fits(session, secret):
        raise SecretDiffers
    hallmarks.require(session, hallmark(secret))


def unopened(session: Session, secret: bytes) -> tuple[RoundId, ...]:
    """Return the rounds whose boxes do not open with a secret."""
    return tuple(round_id for round_id, opens in _tried(session, secret).items() if not opens)


def at_stake(session: Session) -> Sequence[Round]:
    """Return the rounds that are lost if the secret they were opened with is: open or closed, not counted."""
    return [one for one in rounds.rounds(session) if one.state in {RoundState.OPEN, RoundState.CLOSED}]


def accept(session: Session, secret: bytes) -> None:
    """Let the database go with this secret from now on, whatever it went with."""
    hallmarks.replace(session, hallmark(secret))


def _is_belied(session: Session, secret: bytes) -> bool:
    """Tell whether there are boxes, and this secret opens those of no round: they are another host's."""
    tried = _tried(session, secret) if hallmarks.has_room(session) else {}
    return bool(tried) and not any(tried.values())


def _tried(session: Session, secret: bytes) -> dict[RoundId, bool]:
    """Try one box of each round that has some; no ballot is looked at."""
    tried = {}
    for round_id, salt in rounds.salts(session).items():
        with closing(boxes.boxes(session, round_id)) as found:
            box = next(found, None)
        if box is not None:
            name = vault.label(round_id, box.unit_id, box.number)
            tried[round_id] = vault.opens(box.blob, key=vault.box_key(secret, salt), name=name)
    return tried
