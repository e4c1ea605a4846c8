"""What must hold before a command touches the database: tables, their version, the matching secret key."""

import click

from app.cli.secret import require_matching_secret
from app.config import ROOT
from app.store import schema_revision
from app.store.database import has_tables, read_session

MIGRATIONS = ROOT / "migrations"


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
