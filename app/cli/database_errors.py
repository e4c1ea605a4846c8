"""A database that cannot be used is told in one sentence with its remedy, whichever verb asked for it."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy.exc import SQLAlchemyError

from app.lazy import lazy_module
from app.store import db_errors

if TYPE_CHECKING:
    from app.store import tables
else:
    tables = lazy_module("app.store.tables")


@contextmanager
def exit_on_database_error() -> Iterator[None]:
    """End with a sentence where the database cannot be used; every other error goes its way."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = db_errors.unavailable_reason(error)
        if reason is None:
            raise
        message = f"the database cannot be used: {reason}. ./run flask doctor says what to do."
        raise click.ClickException(message) from error


def exit_command_on_database_error(command: click.Command) -> None:
    """Let a verb, and all that are under it, end so."""
    for each_command in command.commands.values() if isinstance(command, click.Group) else ():
        exit_command_on_database_error(each_command)
    if command.callback is not None:
        command.callback = with_database_error_exit(command.callback)


def with_database_error_exit(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command's work, ending so; all tables are imported before it begins."""

    @functools.wraps(work)
    def plain(*words: Any, **options: Any) -> Any:
        tables.import_table_modules()
        with exit_on_database_error():
            return work(*words, **options)

    return plain
