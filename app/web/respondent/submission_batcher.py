"""Group commit of concurrent submissions: one transaction, and each box is rewritten once.

Each thread queues its submission. The first thread commits all that are queued by then; the others wait until theirs
is committed, or until they lead the next batch. A single submission does not wait for others.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import cast

from app.core.rounds import RoundId
from app.services.answering import Refusal, Submission
from app.store.database import DatabaseUnavailable

MOST = 16  # submissions per batch; psycopg parses statements with more than fifty parameters at every call
StoreBatch = Callable[[Sequence[Submission]], Sequence[Refusal | None]]


class PendingSubmission:
    """A submission of one thread. The thread sleeps until it is stored, or until it must lead the next batch."""

    def __init__(self, sending: Submission) -> None:
        self.sending = sending
        self.done = False
        self.fault = cast("Exception | None", None)
        self._asleep = Lock()
        self._asleep.acquire()

    def wait_until_woken(self) -> None:
        """Sleep until another thread calls `wake_waiting_thread`."""
        self._asleep.acquire()

    def wake_waiting_thread(self) -> None:
        """Wake the thread that waits."""
        self._asleep.release()

    def mark_done(self, fault: Exception | None) -> None:
        """Mark the submission as done, with the error that it failed with, if any."""
        self.done = True
        self.fault = fault


class SubmissionBatcher:
    """Stores submissions that several threads receive at the same moment in one transaction."""

    def __init__(self) -> None:
        self._left: deque[PendingSubmission] = deque()
        self._busy = False
        self._book = Lock()

    def submit(self, sending: Submission, put_in: StoreBatch) -> None:
        """Store a submission, alone or in one batch with those of other threads.

        Raises the error that it was refused with.

        `put_in` casts several in one transaction. What it refuses is one person's own; where it fails for
        several, each goes in alone, so that nobody bears another's fault. An outage is everybody's at once.
        """
        own = PendingSubmission(sending)
        with self._book:
            self._left.append(own)
            somebody_leads = self._busy
            self._busy = True
        if somebody_leads:
            own.wait_until_woken()
        if not own.done:
            self._lead(own, put_in)
        if own.fault is not None:
            raise own.fault

    def _lead(self, own: PendingSubmission, put_in: StoreBatch) -> None:
        together = [self._left.popleft() for _ in range(min(len(self._left), MOST))]
        try:
            if not _try(together, put_in) and len(together) > 1:
                _one_by_one(together, put_in)
        finally:  # even if this thread is interrupted, no other may wait for ever
            for pending_submission in together:
                if not pending_submission.done:
                    pending_submission.mark_done(DatabaseUnavailable("The sending was broken off; nothing was done."))
                if pending_submission is not own:
                    pending_submission.wake_waiting_thread()
            self._hand_over()

    def _hand_over(self) -> None:
        with self._book:
            if self._left:
                self._left[0].wake_waiting_thread()  # the first waiting thread leads the next batch
            else:
                self._busy = False


def _one_by_one(together: Sequence[PendingSubmission], put_in: StoreBatch) -> None:
    for number, pending_submission in enumerate(together):
        _try([pending_submission], put_in)
        if isinstance(pending_submission.fault, DatabaseUnavailable):
            for other in together[number + 1 :]:
                other.mark_done(DatabaseUnavailable(*pending_submission.fault.args))
            return


def _try(together: Sequence[PendingSubmission], put_in: StoreBatch) -> bool:
    """Put several in; where that fails, one alone gets the fault and several get another try."""
    try:
        outcomes = put_in([pending_submission.sending for pending_submission in together])
    except Exception as fault:
        if len(together) == 1:
            together[0].mark_done(fault)
        return False
    for pending_submission, outcome in zip(together, outcomes, strict=True):
        pending_submission.mark_done(outcome)
    return True


class BatcherRegistry:
    """One SubmissionBatcher for each round, so that a round being counted does not delay the others."""

    def __init__(self) -> None:
        self._of: defaultdict[RoundId, SubmissionBatcher] = defaultdict(SubmissionBatcher)

    def batcher_of_round(self, round_id: RoundId) -> SubmissionBatcher:
        """Return the batcher of a round."""
        return self._of[round_id]
