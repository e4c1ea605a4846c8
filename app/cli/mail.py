"""Letters from the command line: `flask mail send|status|test`."""

import click
from flask.cli import AppGroup

from app.core.notices import Outcome
from app.jobs.duties import desk
from app.jobs.post import carry, send_trial
from app.jobs.timetable import Means
from app.mailer import AnswerLost, MailUnreachable
from app.services import notices, posting
from app.services.posting import Waiting
from app.store.database import reading, transaction
from app.web.shared.door import now, secret, settings

group = AppGroup("mail", help="Letters: send what waits, see how much does, try the mail server.")


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
