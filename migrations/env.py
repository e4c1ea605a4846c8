"""Alembic's way in: one starter at a time, nothing half-done, children kept."""

from typing import Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from app.cli.database_errors import exit_on_database_or_seal_error
from app.store import publications, tables
from app.store.database import Base, database

LOCK = 7_301_998

tables.import_table_modules()


def plain(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write the project's own column types as plain ones: a migration must outlive the code of its day."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    """Run the migrations on the connection that was handed in, else on the application's own database."""
    handed_in = context.config.attributes.get("connection")
    if handed_in is not None:  # its owner commits
        migrate(handed_in)
        return
    with exit_on_database_or_seal_error(), database.engine.connect() as connection:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Run the migrations on one connection, all of them or none."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # Batch mode drops and makes tables anew: with foreign keys on, ON DELETE CASCADE would
        # take the children along. Inside a transaction the PRAGMA is ignored.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    arguments = current_app.extensions["migrate"].configure_args
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
        render_item=plain,
        **{k: v for k, v in arguments.items() if k not in {"render_as_batch", "compare_type"}},
    )
    with context.begin_transaction():
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # starters wait for one another
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()
        publications.split_whole_publications(connection)
        publications.add_missing_survey_summaries(connection)
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            message = "the migration left rows that break a foreign key"
            raise RuntimeError(message)
    if sqlite:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
