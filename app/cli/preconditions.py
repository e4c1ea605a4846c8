"""Preconditions of commands: tables exist, the schema is up to date, and the secret key matches."""

import click

from app.cli.secret import require_matching_secret
from app.config import ROOT
from app.store import schema_revision
from app.store.database import has_tables, read_session

MIGRATIONS = ROOT / "migrations"


def require_migrated_database_and_secret(context: click.Context) -> None:
    """End a command if the database has no tables, is not up to date, or belongs to another secret; say what to do.

    An empty template needs no database.
    """
    if context.invoked_subcommand == "template":
        return
    if not has_tables():
        raise click.ClickException("the database is empty yet: make it with `./run flask db upgrade` or `./run serve`.")
    require_current_schema()
    require_matching_secret()


def require_current_schema() -> None:
    """End a command if the database is at another migration than the program; say what to do."""
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
