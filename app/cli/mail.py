"""`flask mail send|status|test|bounces`: send waiting e-mails, show their status, process bounces."""

import sys
from collections import Counter
from collections.abc import Sequence

import click
from flask.cli import AppGroup

from app.cli.mailboxes import read_raw_messages
from app.core.bounces import MailboxMessageReport, parse_mailbox_message
from app.core.mail import DeliveryOutcome
from app.jobs.outbox_delivery import deliver_test_message, send_due_messages
from app.jobs.scheduler import TaskContext
from app.jobs.tasks import mail_context
from app.mailer import DeliveryUnknown, MailServerUnavailable
from app.services import bounces, mail, outbox_delivery
from app.services.bounces import BounceRecordOutcome
from app.services.outbox_delivery import OutboxCounts
from app.store.database import read_session, write_session
from app.web.shared.app_context import now, secret, settings

group = AppGroup("mail", help="Messages: send those that wait, show their number, test the mail server, count bounces.")

_TOLD = {
    BounceRecordOutcome.COUNTED: ("counted", "counted"),
    BounceRecordOutcome.AGAIN: ("was counted before", "were counted before"),
    BounceRecordOutcome.PAST: (
        "is of a counted round or of a message to staff",
        "are of counted rounds or of messages to staff",
    ),
    BounceRecordOutcome.DELAYED: ("was a delay", "were delays"),
    BounceRecordOutcome.FOREIGN: ("is not ours", "are not ours"),
    BounceRecordOutcome.OTHER: ("is no report of a failure", "are no reports of failures"),
    BounceRecordOutcome.DAMAGED: ("is damaged", "are damaged"),
}
_OURS = {BounceRecordOutcome.COUNTED, BounceRecordOutcome.AGAIN, BounceRecordOutcome.PAST}


@group.command("send")
def queue_and_send_due_messages() -> None:
    """Write the messages that are due and send those that are queued; the job scheduler does the same every minute."""
    _require_server()
    with write_session() as session:
        mail.write_messages_of_due_batches(session, context=mail_context(_means()))
    before = None
    while (outbox_counts := _waiting()) != before:  # one run lasts half a minute
        before = outbox_counts
        send_due_messages(_means())
    _print(outbox_counts)


@group.command("status")
def status() -> None:
    """Print how many messages are queued, sent and refused; never to whom."""
    click.echo(f"mail server\t{'set' if settings().smtp_url else 'not set: no messages are sent'}")
    _print(_waiting())


@group.command("test")
@click.argument("address")
def send_test_message(*, address: str) -> None:
    """Send a test message to ADDRESS at once and print the mail server's reply."""
    _require_server()
    try:
        result = deliver_test_message(settings(), address, context=_means())
    except (MailServerUnavailable, DeliveryUnknown, ValueError) as error:
        problem = error or type(error).__name__
        message = f"No message was sent ({problem}). Check the address, user and encryption in smtp_url."
        raise click.ClickException(message) from error
    fields = {
        DeliveryOutcome.ACCEPTED: "The mail server accepted the message. Look into the mailbox, its spam folder too.",
        DeliveryOutcome.LATER: "The mail server asks to try again later.",
        DeliveryOutcome.REFUSED: (
            "The mail server refused the message: it does not deliver to this address or from mail_from."
        ),
    }
    reply = f" ({result.reply})" if result.reply else ""
    click.echo(f"{fields[result.outcome]}{reply}")


@group.command("bounces")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@click.option("--addresses", is_flag=True, help="Show on this terminal which addresses failed; kept nowhere.")
def record_bounces_from_mailboxes(*, paths: tuple[str, ...], addresses: bool) -> None:
    """Count returned messages in the mailbox of `mail_from`.

    A PATH is an mbox file, a Maildir folder, one message in a file, or - for one message on standard input.
    Each message counts once, however often its report is read. Nothing in the mailbox is changed.
    """
    if addresses and not sys.stdout.isatty():
        raise click.ClickException("Addresses are shown on a terminal only. Leave the pipe or file out.")
    reports = [
        parse_mailbox_message(read_message) for read_message in read_raw_messages(paths)
    ]  # read all first: no lock is held while a large mailbox is read
    with write_session() as session:
        verdicts = bounces.record_bounces(session, reports, secret=secret())
    click.echo(_summary(verdicts))
    if addresses:
        _show(reports, verdicts)


def _summary(verdicts: Sequence[BounceRecordOutcome]) -> str:
    result = Counter(verdicts)
    total = len(verdicts)
    lines = [
        f"{result[bounce_verdict]} {words[result[bounce_verdict] != 1]}"
        for bounce_verdict, words in _TOLD.items()
        if result[bounce_verdict] or bounce_verdict == "counted"
    ]
    return f"{total} {'message' if total == 1 else 'messages'}: {', '.join(lines)}."


def _show(reports: Sequence[MailboxMessageReport], verdicts: Sequence[BounceRecordOutcome]) -> None:
    """Show failed addresses in the order of the alphabet, without a time or what the message was."""
    ours = [bounce_report for bounce_report, verdict in zip(reports, verdicts, strict=True) if verdict in _OURS]
    for address in sorted({address for our in ours for address in our.addresses}):
        click.echo(address)


def _means() -> TaskContext:
    return TaskContext(settings=settings(), secret=secret(), now=now())


def _waiting() -> OutboxCounts:
    with read_session() as session:
        return outbox_delivery.outbox_counts(session)


def _print(outbox_counts: OutboxCounts) -> None:
    for name in ("planned", "waiting", "sent", "refused", "given_up"):
        click.echo(f"{name.replace('_', ' ')}\t{getattr(outbox_counts, name)}")


def _require_server() -> None:
    if not settings().smtp_url:
        raise click.ClickException("No mail server is set. Put smtp_url into instance/config.py.")
