"""End a round whose key is lost: nothing can be counted, but data must not stay for ever."""

from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from app.core import counting
from app.core.counting import OpenedBallots
from app.core.disclosure.policy import policy_for
from app.core.rounds import Certificate, RoundError, RoundFault, RoundId, RoundState, require_transition
from app.services.counting.erasure import CountedComments, publish_and_erase
from app.store import instruments, invitations, publications, rounds
from app.vault import round_keys as vault_keys


def abandon_round(session: Session, round_id: RoundId, *, now: datetime, keys: Path) -> Certificate:
    """End a closed round whose key is lost: count nothing and erase everything as at a count.

    Its ballots can never be read, but addresses and codes must not stay for ever. The certificate states the number
    of lost ballots. RoundError if the key file is on this host.
    """
    rounds.lock_against_submissions(session, round_id)
    round_ = rounds.find(session, round_id)
    if round_ is None:
        raise RoundError(RoundFault.NO_SUCH_ROUND, round=round_id)
    require_transition(round_.state, RoundState.COUNTED)
    if round_id in vault_keys.rounds_with_key_files(keys):
        raise RoundError(RoundFault.KEY_FILE_HERE)
    instrument = instruments.stored_instrument(session, round_.instrument_digest)
    publication = counting.build_publication(
        OpenedBallots(np.zeros(0, np.int32), np.zeros(0, np.uint8), np.zeros((0, len(instrument.items)), np.uint8)),
        round=round_,
        instrument=instrument,
        policy=policy_for(round_.k),
        earlier=publications.list_released_not_replaced(session),
        counted_at=now,
        issued=rounds.codes_drawn(session, round_id),
    )
    lost = sum(invitations.spent_code_counts_by_unit(session, round_id).values())
    return publish_and_erase(
        session, round_, publication, unreadable=lost, comments_=CountedComments({}, 0), key_lost=True
    )
