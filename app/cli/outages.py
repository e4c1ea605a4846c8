"""A database that cannot be used is told in one sentence with its remedy, whichever verb asked for it."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from app.store import outages


@contextmanager
def plainly() -> Iterator[None]:
    """End with a sentence where the database cannot be used; every other error goes its way."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = outages.reason(error)
        if reason is None:
            raise
        message = f"the database cannot be used: {reason}. ./run flask doctor says what to do."
        raise click.ClickException(message) from error


def end_plainly(command: click.Command) -> None:
    """Let a verb, and all that are under it, end so."""
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        end_plainly(one)
    if command.callback is not None:
        command.callback = ending_plainly(command.callback)


def ending_plainly(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command's work, ending so."""

    @functools.wraps(work)
    def plain(*words: Any, **options: Any) -> Any:
        with plainly():
            return work(*words, **options)

    return plain
