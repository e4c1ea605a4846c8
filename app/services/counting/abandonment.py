"""End a round whose key is lost: no results, and its data is erased."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.core import counting
from app.core.disclosure.policy import policy_for_promised_k
from app.core.rounds import Certificate, KeyMode, Round, RoundError, RoundFault, RoundId, RoundState, require_transition
from app.services.counting.erasure import CountedComments, publish_and_erase
from app.services.counting.key_sharing import can_open, key_copies_of_living_hosts
from app.store import instruments, invitations, publications, rounds
from app.vault import round_keys as vault_keys


def abandon_round(session: Session, round_id: RoundId, *, now: datetime, keys: Path) -> Certificate:
    """End a closed round whose key is lost: count nothing and erase everything as at a count.

    Its ballots can never be read, but addresses and codes must not stay for ever. The certificate states the number
    of lost ballots. RoundError if this host, or another one that is alive, can open the round.
    """
    rounds.lock_against_submissions(session, round_id)
    round_ = rounds.find_round(session, round_id)
    if round_ is None:
        raise RoundError(RoundFault.NO_SUCH_ROUND, round=round_id)
    require_transition(round_.state, RoundState.COUNTED)
    _require_lost(session, round_, now=now, keys=keys)
    instrument = instruments.get_questionnaire(session, round_.instrument_digest)
    publication = counting.build_publication(
        counting.empty_ballot_sums(instrument, units=len(round_.boundaries.units) if round_.boundaries else 0),
        round=round_,
        instrument=instrument,
        policy=policy_for_promised_k(round_.k),
        earlier=publications.list_released_not_replaced(session),
        counted_at=now,
        issued=rounds.drawn_code_count(session, round_id),
    )
    lost = sum(invitations.spent_code_counts_by_unit(session, round_id).values())
    return publish_and_erase(
        session, round_, publication, unreadable=lost, comments_=CountedComments({}, 0), key_lost=True
    )


def _require_lost(session: Session, round_: Round, *, now: datetime, keys: Path) -> None:
    if vault_keys.has_secret_key_file_in_any_state(keys, round_.id):
        raise RoundError(RoundFault.KEY_FILE_HERE)
    if round_.key_mode is KeyMode.AUTOMATIC:
        if can_open(session, round_.id, keys=keys):
            raise RoundError(RoundFault.KEY_FILE_HERE)
        if key_copies_of_living_hosts(session, round_.id, now=now):
            raise RoundError(RoundFault.KEY_ON_OTHER_HOST)
