"""`flask secret accept`: bind the database to a new secret key when the old one is lost for good."""

import click
from flask.cli import AppGroup

from app.core.accounts import Account
from app.services import accounts, second_factor, secret_match
from app.store.database import Session, has_tables, read_session, write_session
from app.web.shared.app_context import now, secret

group = AppGroup("secret", help="The installation's secret, and the database that goes with it.")


def require_matching_secret() -> None:
    """End a command if this host's secret is not the one that the database belongs to."""
    with read_session() as session:
        if not secret_match.matches_database(session, secret()):
            raise click.ClickException(f"{secret_match.MISMATCH_MESSAGE} {secret_match.REMEDY}")


@group.command("accept")
@click.option("--yes", is_flag=True, help="Do not ask.")
def accept(*, yes: bool) -> None:
    """Accept this host's secret for the database from now on, because the old one is lost or was given up."""
    if not has_tables():
        raise click.ClickException("the database is empty yet: it goes with any secret.")
    with read_session() as session:
        if secret_match.has_fingerprint(session) and secret_match.matches_database(session, secret()):
            click.echo("The database goes with this host's secret already.")
            return
        lost = _lost_rounds(session)
    click.echo(lost)
    if not yes:
        click.confirm("Is the old secret nowhere any more?", abort=True)
    accept_secret_and_disable_factors(confirmed=True)
    click.echo("The database goes with this host's secret now. Copy it to every other host, and start them all anew.")


def accept_secret_and_disable_factors(*, confirmed: bool = False) -> None:
    """Record this host's secret as the database's, disable what only the old one decrypts, and print what is lost."""
    with write_session() as session:
        if not confirmed:
            click.echo(_lost_rounds(session))
        for account in _with_second_step(session):
            second_factor.disable(session, account.id, by=None, now=now())
        secret_match.replace_fingerprint(session, secret())


def _lost_rounds(session: Session) -> str:
    rounds = [
        f"round {round_.id}, {round_.title}, is {round_.state}: "
        "none of its codes works and none of its boxes opens any more. "
        "Close it, delete its file in instance/keys, and end it on its page as a round whose key is lost"
        for round_ in secret_match.rounds_at_risk(session)
    ]
    people = len(_with_second_step(session))
    steps = [f"the second step of {people} accounts is switched off: they set it up anew"] if people else []
    lost = [*rounds, *steps, "messages that wait cannot be read any more, and are not sent"]
    return "\n".join(("With another secret, this is so for good:", *(f"- {what}" for what in lost)))


def _with_second_step(session: Session) -> list[Account]:
    return [account for account in accounts.accounts(session) if second_factor.is_enabled(session, account.id)]
