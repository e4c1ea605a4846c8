"""`flask secret accept`: let the database go with another secret, when the old one is lost for good."""

import click
from flask.cli import AppGroup

from app.core.accounts import Account
from app.services import accounts, hallmarks, second_factor
from app.store.database import Session, has_tables, reading, transaction
from app.web.shared.door import now, secret

group = AppGroup("secret", help="The installation's secret, and the database that goes with it.")


def require_own_secret() -> None:
    """Refuse whatever is asked for where this host's secret is not the one that the database goes with."""
    with reading() as session:
        if not hallmarks.fits(session, secret()):
            raise click.ClickException(f"{hallmarks.DIFFERS} {hallmarks.REMEDY}")


@group.command("accept")
@click.option("--yes", is_flag=True, help="Do not ask.")
def accept(*, yes: bool) -> None:
    """Let the database go with this host's secret from now on: the old one is lost, or was given up."""
    if not has_tables():
        raise click.ClickException("the database is empty yet: it goes with any secret.")
    with reading() as session:
        if hallmarks.is_marked(session) and hallmarks.fits(session, secret()):
            click.echo("The database goes with this host's secret already.")
            return
        lost = _lost(session)
    click.echo(lost)
    if not yes:
        click.confirm("Is the old secret nowhere any more?", abort=True)
    accept_another(told=True)
    click.echo("The database goes with this host's secret now. Copy it to every other host, and start them all anew.")


def accept_another(*, told: bool = False) -> None:
    """Let the database go with this host's secret, and switch off what only the old one opens; say what is lost."""
    with transaction() as session:
        if not told:
            click.echo(_lost(session))
        for one in _with_second_step(session):
            second_factor.switch_off(session, one.id, by=None, now=now())
        hallmarks.accept(session, secret())


def _lost(session: Session) -> str:
    rounds = [
        f"round {one.id}, {one.title}, is {one.state}: none of its codes works and none of its boxes opens any more. "
        "Close it, delete its file in instance/keys, and end it on its page as a round whose key is lost"
        for one in hallmarks.at_stake(session)
    ]
    people = len(_with_second_step(session))
    steps = [f"the second step of {people} accounts is switched off: they set it up anew"] if people else []
    lost = [*rounds, *steps, "letters that wait cannot be read any more, and are not sent"]
    return "\n".join(("With another secret, this is so for good:", *(f"- {what}" for what in lost)))


def _with_second_step(session: Session) -> list[Account]:
    return [one for one in accounts.accounts(session) if second_factor.is_on(session, one.id)]
