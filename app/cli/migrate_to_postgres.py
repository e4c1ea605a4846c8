"""`flask move --to URL`: migrate from SQLite to PostgreSQL; `flask reopen` ends read-only mode."""

import click
from alembic import command
from flask import current_app
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from app.config import ROOT
from app.store import migrate_to_postgres, read_only_mode, schema_revision
from app.store.database import database, standalone_engine
from app.store.migrate_to_postgres import MigrationError

READ_ONLY_REASON = "This installation has moved to another database. Nothing was stored here."
DRIVER = "postgresql+psycopg://"


@click.command("move")
@click.option(
    "--to",
    "url",
    required=True,
    envvar="VOIMAVARA_MOVE_TO",
    help="The address of an empty PostgreSQL database. VOIMAVARA_MOVE_TO keeps it from the list of processes.",
)
def move(*, url: str) -> None:
    """Copy this installation from SQLite to PostgreSQL: all rounds, ballot boxes, codes, plans and accounts.

    Nothing can be written meanwhile, and afterwards nothing into the old database. Whatever breaks off,
    the new database stays empty and the command can be given again.
    """
    target = _engine(url)
    try:
        _move(database.engine, target)
    except MigrationError as refused:
        raise click.ClickException(f"{refused} Nothing was moved.") from refused
    finally:
        target.dispose()
    click.echo(
        "\nThe installation has moved, and the old database takes nothing more.\n"
        "1. Put the new address into DATABASE_URL in instance/config.py, on every host.\n"
        "2. Start the processes anew; ./run flask doctor says whether all is well.\n"
        "3. Then delete the old database file and its copies: it still holds addresses, codes and sealed\n"
        "   boxes of open rounds, which the count erases only from the new one.\n"
        "Back instead? ./run flask reopen lets the old database be written again."
    )


@click.command("reopen")
def reopen_for_writing() -> None:
    """Leave read-only mode, in which an interrupted `move` or restore left the SQLite database."""
    if database.engine.dialect.name != "sqlite":
        raise click.ClickException("Only an SQLite database has a read-only mode. Check DATABASE_URL.")
    with database.engine.begin() as connection:
        number = read_only_mode.leave(connection)
    click.echo(f"{number} tables can be written again." if number else "The database was not in read-only mode.")


def _engine(url: str) -> Engine:
    kind, _, rest = url.partition("://")
    if kind not in {"postgresql", "postgres", DRIVER.removesuffix("://")} or not rest:
        message = f"An installation moves to PostgreSQL: give an address of the form {DRIVER}user@host/name"
        raise click.ClickException(message)
    try:
        return standalone_engine(DRIVER + rest)
    except ArgumentError as error:
        raise click.ClickException(f"This address cannot be read. It looks like {DRIVER}user@host/name") from error


def _move(old: Engine, new: Engine) -> None:
    with old.connect() as source, _connect_to_target(new) as target:
        migrate_to_postgres.require_sqlite_source(source)
        _require_latest_revision(source)
        migrate_to_postgres.require_empty_postgres_target(target)
        click.echo("The old database takes nothing from now on until the move has ended.")
        _upgrade(target)
        rows = migrate_to_postgres.copy_and_verify_database(source, target, progress=_print_progress)
        click.echo(f"{rows} rows were carried over, and each is the same.")
        # This order matters: otherwise a process that is still running could put a
        # ballot into the old database after the new one has become the one that counts.
        read_only_mode.enter(source, READ_ONLY_REASON)
        source.commit()
        _commit(target)


def _connect_to_target(new: Engine) -> Connection:
    try:
        return new.connect()
    except OperationalError as error:
        message = "The new database cannot be reached. Look at the address, its server, name, user and password."
        raise MigrationError(message) from error


def _require_latest_revision(source: Connection) -> None:
    if schema_revision.revision_of_connection(source) != schema_revision.head_revision(ROOT / "migrations"):
        raise MigrationError("First bring this database up to date: ./run flask db upgrade")


def _upgrade(target: Connection) -> None:
    config = current_app.extensions["migrate"].migrate.get_config()
    config.attributes["connection"] = target
    command.upgrade(config, "head")


def _print_progress(table: str, rows: int) -> None:
    click.echo(f"{rows:>9}  {table}")


def _commit(target: Connection) -> None:
    try:
        target.commit()
    except SQLAlchemyError as error:
        message = (
            f"The new database was lost at the very end ({type(error).__name__}), and it is not known whether it has "
            "kept everything. Nothing is lost: the old database holds it all and takes nothing more. Give the command "
            "again: if it says that the new database is not empty, the move had succeeded."
        )
        raise click.ClickException(message) from error
