"""Those who send at the same moment go in together: one transaction, one commit, each box rewritten once.

Each thread leaves what it brings and stands at the door. Whoever gets in takes along all that was left until
then; the others find that theirs is done. Nobody waits for company: who comes alone goes in alone.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from app.core.rounds import RoundId
from app.services.casting import Refusal, Sending
from app.store.database import DatabaseAway

MOST = 32
PutIn = Callable[[Sequence[Sending]], Sequence[Refusal | None]]


@dataclass(slots=True, eq=False)
class _Brought:
    sending: Sending
    done: bool = False
    fault: BaseException | None = None

    def end(self, fault: BaseException | None) -> None:
        self.done, self.fault = True, fault


class Usher:
    """Puts in what several threads of a process bring at the same moment."""

    def __init__(self) -> None:
        self._left: deque[_Brought] = deque()
        self._door = Lock()

    def hand_in(self, sending: Sending, put_in: PutIn) -> None:
        """Let what one person sends be cast, alone or with what others bring; raise why it was not.

        `put_in` casts several in one transaction. What it refuses is one person's own; where it fails for
        several, each goes in alone, so that nobody bears another's fault. An outage is everybody's at once.
        """
        own = _Brought(sending)
        self._left.append(own)
        with self._door:
            while not own.done:
                self._let_in(put_in)
        if own.fault is not None:
            raise own.fault

    def _let_in(self, put_in: PutIn) -> None:
        together = [self._left.popleft() for _ in range(min(len(self._left), MOST))]
        try:
            if not _try(together, put_in) and len(together) > 1:
                _one_by_one(together, put_in)
        finally:  # a thread that is ended in the middle must leave nobody waiting
            for one in together:
                if not one.done:
                    one.end(DatabaseAway("The sending was broken off; nothing was done."))


def _one_by_one(together: Sequence[_Brought], put_in: PutIn) -> None:
    for number, one in enumerate(together):
        _try([one], put_in)
        if isinstance(one.fault, DatabaseAway):
            for other in together[number + 1 :]:
                other.end(DatabaseAway(*one.fault.args))
            return


def _try(together: Sequence[_Brought], put_in: PutIn) -> bool:
    """Put several in; where that fails, one alone gets the fault and several get another try."""
    try:
        outcomes = put_in([one.sending for one in together])
    except Exception as fault:
        if len(together) == 1:
            together[0].end(fault)
        return False
    for one, outcome in zip(together, outcomes, strict=True):
        one.end(outcome)
    return True


class Ushers:
    """An usher for each round: one that is being counted holds up no other."""

    def __init__(self) -> None:
        self._of: defaultdict[RoundId, Usher] = defaultdict(Usher)

    def of(self, round_id: RoundId) -> Usher:
        """Return the usher of a round."""
        return self._of[round_id]
