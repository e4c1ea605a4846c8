"""Check whether this host's secret key is the one that the database belongs to.

With another one, every code would be refused, no box and no message would open, and a round opened here
would be lost to the other hosts. So the database bears a keyed digest of the secret, and whoever starts,
serves, does jobs or maintains the installation compares. A database that bears none yet may hold boxes all the
same, put up before there were marks: then they tell whose secret it is.
"""

from collections.abc import Sequence
from contextlib import closing

from sqlalchemy.orm import Session

from app.core.rounds import Round, RoundId, RoundState
from app.store import boxes, rounds
from app.store import secret_fingerprint as secret_fingerprint_module
from app.store.secret_fingerprint import MISMATCH_MESSAGE, REMEDY, SecretMismatch
from app.vault import boxes as vault
from app.vault.tokens import secret_fingerprint

__all__ = [
    "MISMATCH_MESSAGE",
    "REMEDY",
    "SecretMismatch",
    "has_fingerprint",
    "matches_database",
    "replace_fingerprint",
    "rounds_at_risk",
    "set_or_verify_fingerprint",
    "undecryptable_rounds",
]


def matches_database(session: Session, secret: bytes) -> bool:
    """Tell whether a secret belongs to the database; any does if it has neither a fingerprint nor boxes."""
    mark = secret_fingerprint_module.stored_fingerprint(session)
    return not _is_belied(session, secret) if mark is None else mark == secret_fingerprint(secret)


def has_fingerprint(session: Session) -> bool:
    """Tell whether the database has the fingerprint of a secret."""
    return secret_fingerprint_module.stored_fingerprint(session) is not None


def set_or_verify_fingerprint(session: Session, secret: bytes) -> None:
    """Store the fingerprint if the database has none; raise SecretMismatch if the secret does not belong to it."""
    if not matches_database(session, secret):
        raise SecretMismatch
    secret_fingerprint_module.require_or_store(session, secret_fingerprint(secret))


def undecryptable_rounds(session: Session, secret: bytes) -> tuple[RoundId, ...]:
    """Return the rounds whose boxes cannot be decrypted with a secret."""
    return tuple(round_id for round_id, opens in _tried(session, secret).items() if not opens)


def rounds_at_risk(session: Session) -> Sequence[Round]:
    """Return the rounds that are lost if the secret they were opened with is: open or closed, not counted."""
    return [round_ for round_ in rounds.rounds(session) if round_.state in {RoundState.OPEN, RoundState.CLOSED}]


def replace_fingerprint(session: Session, secret: bytes) -> None:
    """Replace the fingerprint in the database with that of this secret."""
    secret_fingerprint_module.replace(session, secret_fingerprint(secret))


def _is_belied(session: Session, secret: bytes) -> bool:
    """Tell whether there are boxes, and this secret opens those of no round: they are another host's."""
    tried = _tried(session, secret) if secret_fingerprint_module.has_fingerprint_table(session) else {}
    return bool(tried) and not any(tried.values())


def _tried(session: Session, secret: bytes) -> dict[RoundId, bool]:
    """Try one box of each round that has some; no ballot is looked at."""
    tried = {}
    for round_id, salt in rounds.box_salts_by_round(session).items():
        with closing(boxes.iterate_boxes(session, round_id)) as found_boxes:
            box = next(found_boxes, None)
        if box is not None:
            name = vault.box_label(round_id, box.unit_id, box.number)
            tried[round_id] = vault.can_decrypt(box.blob, key=vault.box_key(secret, salt), name=name)
    return tried
