"""End a round whose key is lost: nothing can be counted, but nothing may stay for ever either."""

from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from app.core import counting
from app.core.counting import Collected
from app.core.disclosure.policy import promising
from app.core.rounds import Certificate, RoundFault, RoundId, RoundRefused, RoundState, require_move
from app.services.counting.erasing import Words, publish_and_erase
from app.store import instruments, invitations, publications, rounds
from app.vault import keys as vault_keys


def give_up(session: Session, round_id: RoundId, *, now: datetime, keys: Path) -> Certificate:
    """End a closed round whose key is lost: nothing is counted, and all is erased as at a count.

    Its ballots can never be read, but addresses and codes must not stay for ever. The certificate says
    how many ballots were lost. RoundRefused where the key file is here after all.
    """
    rounds.lock(session, round_id)
    current = rounds.find(session, round_id)
    if current is None:
        raise RoundRefused(RoundFault.NO_SUCH_ROUND, round=round_id)
    require_move(current.state, RoundState.COUNTED)
    if round_id in vault_keys.numbers(keys):
        raise RoundRefused(RoundFault.KEY_FILE_HERE)
    instrument = instruments.kept(session, current.instrument_digest)
    publication = counting.count(
        Collected(np.zeros(0, np.int32), np.zeros(0, np.uint8), np.zeros((0, len(instrument.items)), np.uint8)),
        round=current,
        instrument=instrument,
        policy=promising(current.k),
        earlier=publications.all_released(session),
        counted_at=now,
        issued=rounds.drawn(session, round_id),
    )
    lost = sum(invitations.spent_by_unit(session, round_id).values())
    return publish_and_erase(session, current, publication, unreadable=lost, words=Words({}, 0), key_lost=True)
