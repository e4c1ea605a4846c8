"""Every verb of the command line."""

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from app.cli.answers import group as answers
from app.cli.backups import backup, restore
from app.cli.catalogue import group as catalogue
from app.cli.database_errors import wrap_command, wrapped
from app.cli.demo.commands import group as demo
from app.cli.disclosure import group as disclosure
from app.cli.doctor.command import doctor
from app.cli.mail import group as mail
from app.cli.matching import group as matching
from app.cli.migrate_to_postgres import move, reopen
from app.cli.organisations import group as organisations
from app.cli.people import people
from app.cli.privacy_report.commands import group as trust
from app.cli.results import group as results
from app.cli.rounds import group as rounds
from app.cli.secret import group as secret
from app.cli.secret import require_matching_secret
from app.cli.version import version
from app.config import ROOT
from app.store import schema_revision
from app.store.database import has_tables, read_session

GROUPS: tuple[AppGroup, ...] = (
    people,
    organisations,
    catalogue,
    rounds,
    answers,
    results,
    matching,
    mail,
    disclosure,
    trust,
    demo,
    secret,
)
MIGRATIONS = ROOT / "migrations"

COMMANDS: tuple[click.Command, ...] = (backup, doctor, move, reopen, restore, version)
for verb in (*GROUPS, *COMMANDS):
    wrap_command(verb)

# The one makes them, the other has databases of its own, and the third tells of them itself.
NEED_NO_TABLES = ("demo", "trust", "secret")


@click.pass_context
def require_tables(context: click.Context) -> None:
    """Refuse a verb before the database is made, or with another secret than it goes with, and tell the remedy.

    An empty template needs no database.
    """
    if context.invoked_subcommand == "template":
        return
    if not has_tables():
        raise click.ClickException("the database is empty yet: make it with `./run flask db upgrade` or `./run serve`.")
    require_up_to_date()
    require_matching_secret()


def require_up_to_date() -> None:
    """Refuse a verb where the program is not of the database's age, and tell the remedy."""
    with read_session() as session:
        stands = schema_revision.current_revision(session)
        newest = schema_revision.head_revision(MIGRATIONS)
    if stands in {None, newest}:
        return
    if schema_revision.is_known(MIGRATIONS, stands):
        message = f"the database stands at migration {stands}, this program at {newest}: ./run flask db upgrade"
    else:
        message = f"the database stands at migration {stands}, which is newer than this program: use the newer one."
    raise click.ClickException(message)


def register(app: Flask) -> None:
    """Hang the verbs into `app`."""
    for group in GROUPS:
        if group.name not in NEED_NO_TABLES:
            group.callback = wrapped(with_appcontext(require_tables))
        app.cli.add_command(group)
    for command in COMMANDS:
        app.cli.add_command(command)
