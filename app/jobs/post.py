"""Carry letters from the outbox to the mail server, for as long as one turn may last."""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from app.config import Settings
from app.core.notices import BatchId, Outcome
from app.jobs.timetable import Means
from app.mailer import AnswerLost, Counter, MailUnreachable, Server, connected, server
from app.render.letters import Letterhead, letterhead
from app.services import posting
from app.services.posting import Addressed, Turn
from app.store.database import reading, transaction

BUDGET = timedelta(seconds=30)

_log = logging.getLogger(__name__)


def carry(means: Means, *, budget: timedelta = BUDGET, clock: Callable[[], float] = time.monotonic) -> None:
    """Send what is due; each letter is a transaction of its own. Without a mail server nothing happens.

    Other jobs wait meanwhile, therefore a turn ends after `budget`; the next one goes on.
    """
    if not means.settings.smtp_url:
        return
    where, ends = server(means.settings.smtp_url), clock() + budget.total_seconds()
    with transaction() as session:
        waiting = posting.due(session, now=means.now)
    for batch_id in waiting:
        if clock() < ends:
            _Carrier(means, where, is_over=lambda: clock() >= ends).carry(batch_id)


class _Carrier:
    """One process at one batch."""

    def __init__(self, means: Means, where: Server, *, is_over: Callable[[], bool]) -> None:
        self._means, self._where, self._is_over = means, where, is_over
        self._head: Letterhead = letterhead(means.settings)
        self._reached = False

    def carry(self, batch_id: BatchId) -> None:
        with transaction() as session:
            turn = posting.take(session, batch_id, holder=secrets.token_hex(16), now=self._means.now)
        if turn is None:
            return
        try:
            complete = self._carry_all(turn)
        except MailUnreachable as unreachable:
            _log.warning("The mail server takes no letters now (%s); they are tried again later.", unreachable)
            with transaction() as session:
                posting.break_off(session, turn, now=self._means.now, reached=self._reached)
            return
        with transaction() as session:
            if complete:
                posting.finish_pass(session, turn, now=self._means.now)
            else:
                posting.break_off(session, turn, now=self._means.now, reached=True)

    def _carry_all(self, turn: Turn) -> bool:
        """Send over as many connections as it takes; a fresh one that takes nothing at all ends the turn."""
        letter = self._next(turn)
        while letter is not None and not self._is_over():
            progress = False
            try:
                with connected(self._where) as counter:
                    while letter is not None and not self._is_over():
                        self._hand_over(turn, letter, counter)
                        progress = self._reached = True
                        letter = self._next(turn)
            except AnswerLost:
                assert letter is not None, "an answer is lost to a letter"
                # It may have arrived. Leaving it to the next pass keeps a server that breaks off each time
                # from sending the same letter over and over.
                self._note(turn, letter, Outcome.LATER)
                letter = self._next(turn)
            except MailUnreachable:
                if not progress:
                    raise
        return letter is None

    def _hand_over(self, turn: Turn, letter: Addressed, counter: Counter) -> None:
        outcome = Outcome.REFUSED if letter.message is None else counter.hand_over(letter.message)
        self._note(turn, letter, outcome)

    def _next(self, turn: Turn) -> Addressed | None:
        with reading() as session:
            return posting.next_letter(session, turn, head=self._head, secret=self._means.secret)

    def _note(self, turn: Turn, letter: Addressed, outcome: Outcome) -> None:
        with transaction() as session:
            posting.note(session, turn, letter, outcome)


def send_trial(settings: Settings, to: str, *, means: Means) -> Outcome:
    """Send one trial letter at once; MailUnreachable says why no server took it."""
    message = posting.trial(to, head=letterhead(settings), now=means.now)
    with connected(server(settings.smtp_url)) as counter:
        return counter.hand_over(message)
