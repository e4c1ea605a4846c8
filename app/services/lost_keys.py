"""Lost round keys: recover a key from its backup, or replace it before any code is issued."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.rounds import KeyMode, RoundError, RoundFault, RoundId, RoundState
from app.store import rounds
from app.vault import round_keys
from app.vault.round_keys import KeyBackup, Keypair


def were_all_ballots_unreadable(session: Session, round_id: RoundId) -> bool:
    """Tell whether none of a round's ballots could be decrypted at its count, so that there is nothing to release.

    So it is where the round was ended without its key, and where every ballot was unreadable. False before the count.
    """
    certificate = rounds.find_certificate(session, round_id)
    return certificate is not None and certificate.all_ballots_unreadable


def can_renew_key(session: Session, round_id: RoundId) -> bool:
    """Tell whether a round can be given a new key: open, in trustee mode, and no code was ever drawn."""
    round_ = rounds.find_round(session, round_id)
    waits = round_ is not None and round_.state is RoundState.OPEN and round_.key_mode is KeyMode.TRUSTEE
    return waits and rounds.drawn_code_count(session, round_id) == 0


def recover_key(session: Session, round_id: RoundId, sheets: Sequence[str], *, keys: Path) -> None:
    """Put the key of a recovery sheet back into the keys folder of this host; it is shared within minutes.

    RoundError for a round that needs no key file; InvalidKey says what is wrong with the sheet.
    """
    round_ = rounds.find_round(session, round_id)
    if round_ is None:
        raise RoundError(RoundFault.NO_SUCH_ROUND, round=round_id)
    if round_.key_mode is not KeyMode.AUTOMATIC or round_.state not in {RoundState.OPEN, RoundState.CLOSED}:
        raise RoundError(RoundFault.NO_KEY_FILE_NEEDED)
    public_key = rounds.public_key(session, round_id)
    secret = round_keys.secret_key_from_backups(sheets, public_key=public_key)
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not round_keys.has_valid_key_file(keys, round_id, public_key=public_key):
        round_keys.destroy_secret_key_file(
            keys, round_id, public_key=public_key
        )  # a damaged file would block the new one
        round_keys.save_key_file(keys, round_id, Keypair(public=public_key, secret=secret))


def renew_key(session: Session, round_id: RoundId, *, split: bool = False) -> tuple[KeyBackup, ...]:
    """Give a round a new key in place of one that was lost; its sheets are returned and kept nowhere.

    RoundError once a code was drawn: the boxes may then hold ballots that only the first key opens.
    """
    rounds.lock_against_submissions(session, round_id)
    if not can_renew_key(session, round_id):
        raise RoundError(RoundFault.NEW_KEY_TOO_LATE)
    pair = round_keys.draw_keypair()
    rounds.set_untested_public_key(session, round_id, pair.public)
    return round_keys.key_backups(pair.secret, split=split)
