"""Report database, seal and key errors of any command as one sentence with a remedy."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import PublicationSealMismatch
from app.lazy import lazy_module
from app.store import db_errors

if TYPE_CHECKING:
    from app.store import tables
else:
    tables = lazy_module("app.store.tables")


@contextmanager
def exit_on_database_or_seal_error() -> Iterator[None]:
    """End the command with one sentence if the database cannot be used or a publication does not match its seal."""
    try:
        yield
    except PublicationSealMismatch as error:
        message = f"{error} ./run flask results verify names every such place and says what to do."
        raise click.ClickException(message) from error
    except SQLAlchemyError as error:
        reason = db_errors.unavailable_reason(error)
        if reason is None:
            raise
        message = f"the database cannot be used: {reason}. ./run flask doctor says what to do."
        raise click.ClickException(message) from error


def add_database_error_exit(command: click.Command) -> None:
    """Let a command and all its subcommands end with one sentence on a database error."""
    for each_command in command.commands.values() if isinstance(command, click.Group) else ():
        add_database_error_exit(each_command)
    if command.callback is not None:
        command.callback = with_database_error_exit(command.callback)


def with_database_error_exit(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command callback that ends with one sentence on a database error; all tables are imported first."""

    @functools.wraps(work)
    def plain(*words: Any, **options: Any) -> Any:
        tables.import_table_modules()
        with exit_on_database_or_seal_error():
            return work(*words, **options)

    return plain
