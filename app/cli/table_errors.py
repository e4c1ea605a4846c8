"""What is wrong with a file that a command was given, in English and with the end of the command."""

from collections.abc import Iterable

import click

from app.core.tables.cells import TableNotice
from app.core.tables.errors import TableImportError
from app.web.shared.table_error_words import error_sentences, notice_sentence


def print_errors(refused: TableImportError) -> click.ClickException:
    """Print every fault of a table, each once, and return the error that ends the command."""
    lines = error_sentences(refused.problems)
    for line in lines:
        click.echo(line, err=True)
    return click.ClickException(f"{len(lines)} faults; nothing was stored.")


def print_notices(notices: Iterable[TableNotice]) -> None:
    """Print what a person should know of a file that was read all the same."""
    for table_notice in notices:
        click.echo(notice_sentence(table_notice), err=True)
