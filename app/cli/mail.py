"""Letters from the command line: `flask mail send|status|test|bounces`."""

import sys
from collections import Counter
from collections.abc import Sequence

import click
from flask.cli import AppGroup

from app.cli.mailboxes import messages
from app.core.bounces import Report, read
from app.core.notices import Outcome
from app.jobs.duties import desk
from app.jobs.post import carry, send_trial
from app.jobs.timetable import Means
from app.mailer import AnswerLost, MailUnreachable
from app.services import bounces, notices, posting
from app.services.bounces import Verdict
from app.services.posting import Waiting
from app.store.database import reading, transaction
from app.web.shared.door import now, secret, settings

group = AppGroup("mail", help="Letters: send what waits, see how much does, try the mail server, count what came back.")

_TOLD = {
    Verdict.COUNTED: ("counted", "counted"),
    Verdict.AGAIN: ("was counted before", "were counted before"),
    Verdict.PAST: (
        "is of a counted round or of a letter to staff",
        "are of counted rounds or of letters to staff",
    ),
    Verdict.DELAYED: ("was a delay", "were delays"),
    Verdict.FOREIGN: ("is not ours", "are not ours"),
    Verdict.OTHER: ("is no report of a failure", "are no reports of failures"),
    Verdict.DAMAGED: ("is damaged", "are damaged"),
}
_OURS = {Verdict.COUNTED, Verdict.AGAIN, Verdict.PAST}


@group.command("send")
def send() -> None:
    """Write the letters that are due and send what waits; the timetable does the same every minute."""
    _require_server()
    with transaction() as session:
        notices.write_due(session, desk=desk(_means()))
    before = None
    while (found := _waiting()) != before:  # one turn lasts half a minute
        before = found
        carry(_means())
    _print(found)


@group.command("status")
def status() -> None:
    """Tell how many letters wait, were sent and were refused; never whose."""
    click.echo(f"mail server\t{'set' if settings().smtp_url else 'not set: no letters are sent'}")
    _print(_waiting())


@group.command("test")
@click.argument("address")
def test(*, address: str) -> None:
    """Send a trial letter to ADDRESS at once and tell what the mail server said."""
    _require_server()
    try:
        outcome = send_trial(settings(), address, means=_means())
    except (MailUnreachable, AnswerLost, ValueError) as error:
        message = (
            f"No letter was sent ({error or type(error).__name__}). Check the address, user and encryption in smtp_url."
        )
        raise click.ClickException(message) from error
    told = {
        Outcome.ACCEPTED: "The mail server accepted the letter. Look into the mailbox, its spam folder too.",
        Outcome.LATER: "The mail server asks to try again later.",
        Outcome.REFUSED: "The mail server refused the letter: it does not deliver to this address or from mail_from.",
    }
    click.echo(told[outcome])


@group.command("bounces")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@click.option("--addresses", is_flag=True, help="Show on this terminal which addresses failed; kept nowhere.")
def count_bounces(*, paths: tuple[str, ...], addresses: bool) -> None:
    """Count letters that came back, out of the mailbox of mail_from.

    A PATH is an mbox file, a Maildir folder, one message in a file, or - for one message on standard input.
    Each letter counts once, however often its report is read. Nothing in the mailbox is changed.
    """
    if addresses and not sys.stdout.isatty():
        raise click.ClickException("Addresses are shown on a terminal only. Leave the pipe or file out.")
    reports = [read(one) for one in messages(paths)]  # all of them first: nobody waits for a large mailbox
    with transaction() as session:
        verdicts = bounces.count(session, reports, secret=secret())
    click.echo(_summary(verdicts))
    if addresses:
        _show(reports, verdicts)


def _summary(verdicts: Sequence[Verdict]) -> str:
    found, total = Counter(verdicts), len(verdicts)
    told = [f"{found[one]} {words[found[one] != 1]}" for one, words in _TOLD.items() if found[one] or one == "counted"]
    return f"{total} {'message' if total == 1 else 'messages'}: {', '.join(told)}."


def _show(reports: Sequence[Report], verdicts: Sequence[Verdict]) -> None:
    """Show failed addresses in the order of the alphabet, without a time or what the letter was."""
    ours = [one for one, verdict in zip(reports, verdicts, strict=True) if verdict in _OURS]
    for address in sorted({address for one in ours for address in one.addresses}):
        click.echo(address)


def _means() -> Means:
    return Means(settings=settings(), secret=secret(), now=now())


def _waiting() -> Waiting:
    with reading() as session:
        return posting.waiting(session)


def _print(found: Waiting) -> None:
    for word in ("planned", "waiting", "sent", "refused", "given_up"):
        click.echo(f"{word.replace('_', ' ')}\t{getattr(found, word)}")


def _require_server() -> None:
    if not settings().smtp_url:
        raise click.ClickException("No mail server is set. Put smtp_url into instance/config.py.")
