"""Check that a running host holds the key of a round; otherwise no ballot is accepted.

A ballot in a box that nobody can open is lost, and its code is spent. So while the hosts with the round's key are
down, respondents are told to wait, and keep what they wrote.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from app.core.rounds import KeyMode, RoundId
from app.services.answering.code_resolution import AnswerTicket
from app.store import round_key_copies
from app.store.database import Executor, is_postgresql
from app.store.db_errors import NoHostWithRoundKey
from app.vault import host_keys, round_keys

REMEMBER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RoundKeyAvailability:
    """Who can open a round: this host, and how many hosts that are alive; `is_known` is False if none has reported."""

    here: bool
    alive: int
    is_known: bool

    @property
    def any_host_can_open(self) -> bool:
        """Whether some host can open the round."""
        return self.here or self.alive > 0


def round_key_availability(session: Executor, round_id: RoundId, *, keys: Path, now: datetime) -> RoundKeyAvailability:
    """Return who can open a round in automatic mode."""
    public_key = round_key_copies.public_key_or_empty(session, round_id)
    has_file = round_keys.has_valid_key_file(keys, round_id, public_key=public_key)
    if not is_postgresql(session):
        return RoundKeyAvailability(here=has_file, alive=int(has_file), is_known=True)
    shares = (
        round_key_copies.key_copies_of_round(session, round_id)
        if round_key_copies.has_key_copies_table(session)
        else ()
    )
    own = host_keys.host_ids_of_key_files(keys, round_id)
    return RoundKeyAvailability(
        here=has_file or any(share.can_open and share.host_id in own for share in shares),
        alive=sum(share.is_alive_and_can_open(now) for share in shares),
        is_known=bool(shares),
    )


def rounds_without_key_host(session: Executor, *, keys: Path, now: datetime) -> tuple[RoundId, ...]:
    """Return the open and closed rounds in automatic mode that no host that is alive can open."""
    return tuple(
        shared.id
        for shared in round_key_copies.uncounted_automatic_rounds(session)
        if not round_key_availability(session, shared.id, keys=keys, now=now).any_host_can_open
    )


class KeyAvailabilityCache:
    """Remembers for half a minute that a round can be opened, so that few submissions ask the database."""

    def __init__(self, keys: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._clock = clock
        self._lock = Lock()
        self._open_until: dict[RoundId, float] = {}
        self._unknown_since: dict[RoundId, float] = {}

    def may_skip_key_check(self, ticket: AnswerTicket) -> bool:
        """Tell whether a ballot may be accepted without asking the database for the hosts with the key."""
        if ticket.key_mode is KeyMode.TRUSTEE:
            return True
        with self._lock:
            return self._clock() < self._open_until.get(ticket.round_id, 0.0)

    def require_host_with_key(self, session: Executor, ticket: AnswerTicket, *, now: datetime) -> None:
        """Raise NoHostWithRoundKey if no host can open the round.

        Where no host has reported yet, as after an upgrade or a restore, they have some minutes to do so.
        """
        if self.may_skip_key_check(ticket):
            return
        holders = round_key_availability(session, ticket.round_id, keys=self._keys, now=now)
        moment = self._clock()
        with self._lock:
            if holders.is_known:
                self._unknown_since.pop(ticket.round_id, None)
            since = moment if holders.is_known else self._unknown_since.setdefault(ticket.round_id, moment)
            if not holders.any_host_can_open and (
                holders.is_known or moment - since > round_key_copies.SILENCE.total_seconds()
            ):
                raise NoHostWithRoundKey(ticket.round_id)
            self._open_until[ticket.round_id] = moment + REMEMBER_SECONDS
