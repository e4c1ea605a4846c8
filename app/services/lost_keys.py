"""Rounds whose key was lost: a new key while nobody can have answered, and what is known after the end."""

from sqlalchemy.orm import Session

from app.core.rounds import KeyMode, RoundError, RoundFault, RoundId, RoundState
from app.store import rounds
from app.vault import round_keys
from app.vault.round_keys import KeyBackup


def is_key_lost(session: Session, round_id: RoundId) -> bool:
    """Tell whether a round was ended without its key, so that there is nothing to release."""
    certificate = rounds.certificate(session, round_id)
    return certificate is not None and certificate.is_lost


def can_renew_key(session: Session, round_id: RoundId) -> bool:
    """Tell whether a round can be given a new key: open, in trustee mode, and no code was ever drawn."""
    round_ = rounds.find(session, round_id)
    waits = round_ is not None and round_.state is RoundState.OPEN and round_.key_mode is KeyMode.TRUSTEE
    return waits and rounds.codes_drawn(session, round_id) == 0


def renew_key(session: Session, round_id: RoundId, *, split: bool = False) -> tuple[KeyBackup, ...]:
    """Give a round a new key in place of one that was lost; its sheets are returned and kept nowhere.

    RoundError once a code was drawn: the boxes may then hold ballots that only the first key opens.
    """
    rounds.lock_against_submissions(session, round_id)
    if not can_renew_key(session, round_id):
        raise RoundError(RoundFault.NEW_KEY_TOO_LATE)
    pair = round_keys.draw_keypair()
    rounds.set_public_key(session, round_id, pair.public)
    return round_keys.key_backups(pair.secret, split=split)
