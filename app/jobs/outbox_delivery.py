"""Send e-mails from the outbox to the mail server, within the time limit of one task run."""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from app.config import Settings
from app.core.mail import BatchId, DeliveryOutcome, DeliveryResult
from app.jobs.scheduler import TaskContext
from app.mailer import (
    DeliveryUnknown,
    MailServerUnavailable,
    SenderRefused,
    SmtpConnection,
    SmtpServer,
    smtp_connection,
    smtp_server,
)
from app.render.mail_messages import SenderDetails, sender_details
from app.services import outbox_delivery
from app.services.outbox_delivery import ConsecutiveRefusals, DeliveryLease, OutgoingMail
from app.store.database import read_session, write_session

BUDGET = timedelta(seconds=30)

_log = logging.getLogger(__name__)


def send_due_messages(
    context: TaskContext, *, budget: timedelta = BUDGET, clock: Callable[[], float] = time.monotonic
) -> None:
    """Send what is due; each message is a transaction of its own. Without a mail server nothing happens.

    Other jobs wait meanwhile, therefore a turn ends after `budget`; the next one goes on.
    """
    if not context.settings.smtp_url:
        return
    where = smtp_server(context.settings)
    ends = clock() + budget.total_seconds()
    with write_session() as session:
        waiting = outbox_delivery.end_expired_and_list_due_batches(session, now=context.now, secret=context.secret)
    for batch_id in waiting:
        if clock() < ends:
            _BatchDelivery(context, where, is_over=lambda: clock() >= ends).deliver(batch_id)


class _BatchDelivery:
    """One process at one batch."""

    def __init__(self, context: TaskContext, where: SmtpServer, *, is_over: Callable[[], bool]) -> None:
        self._means = context
        self._where = where
        self._is_over = is_over
        self._head: SenderDetails = sender_details(context.settings)
        self._reached = False
        self._run = ConsecutiveRefusals()

    def deliver(self, batch_id: BatchId) -> None:
        with write_session() as session:
            lease = outbox_delivery.lease_batch(session, batch_id, holder=secrets.token_hex(16), now=self._means.now)
        if lease is None:
            return
        try:
            complete = self._deliver_all(lease)
        except MailServerUnavailable as unavailable:
            _log.warning("The mail server takes no messages now (%s); they are tried again later.", unavailable)
            reached = self._reached and not isinstance(unavailable, SenderRefused)
            with write_session() as session:
                outbox_delivery.end_delivery_early(
                    session,
                    lease,
                    now=self._means.now,
                    reached=reached,
                    setback=unavailable.setback,
                    accepted=self._run.accepted,
                )
            return
        with write_session() as session:
            if complete:
                outbox_delivery.finish_pass(session, lease, self._run, now=self._means.now)
            else:
                outbox_delivery.end_delivery_early(session, lease, now=self._means.now, reached=True)

    def _deliver_all(self, lease: DeliveryLease) -> bool:
        """Send over as many connections as it takes; a fresh one that takes nothing at all ends the turn."""
        outgoing = self._next(lease)
        while outgoing is not None and not self._is_over():
            progress = False
            try:
                with smtp_connection(self._where) as connection:
                    while outgoing is not None and not self._is_over():
                        self._hand_over(lease, outgoing, connection)
                        progress = True
                        self._reached = True
                        outgoing = self._next(lease)
            except DeliveryUnknown:
                assert outgoing is not None, "an answer is lost to a message"
                # It may have been delivered. Retrying only in the next pass prevents repeated sending
                # if a server breaks the connection each time.
                self._record(lease, outgoing, DeliveryResult(DeliveryOutcome.LATER))
                outgoing = self._next(lease)
            except MailServerUnavailable as unavailable:
                if not progress or isinstance(unavailable, SenderRefused):
                    raise
        return outgoing is None

    def _hand_over(self, lease: DeliveryLease, outgoing: OutgoingMail, connection: SmtpConnection) -> None:
        unreadable = DeliveryResult(DeliveryOutcome.REFUSED)
        self._record(lease, outgoing, unreadable if outgoing.message is None else connection.send(outgoing.message))

    def _next(self, lease: DeliveryLease) -> OutgoingMail | None:
        with read_session() as session:
            return outbox_delivery.next_message(session, lease, sender=self._head, secret=self._means.secret)

    def _record(self, lease: DeliveryLease, outgoing: OutgoingMail, result: DeliveryResult) -> None:
        with write_session() as session:
            setback = outbox_delivery.record_result(session, lease, outgoing, result, self._run)
        if setback is not None:
            raise SenderRefused(setback)


def deliver_test_message(settings: Settings, to: str, *, context: TaskContext) -> DeliveryResult:
    """Send one trial message at once; MailServerUnavailable says why no server took it."""
    message = outbox_delivery.build_test_message(to, sender=sender_details(settings), now=context.now)
    with smtp_connection(smtp_server(settings)) as connection:
        return connection.send(message)
