"""Print the errors of an imported table in English, and end the command."""

from collections.abc import Iterable

import click

from app.core.tables.cells import TableNotice
from app.core.tables.errors import TableImportError
from app.web.shared.table_error_words import error_sentences, notice_sentence


def print_errors_and_make_exception(refused: TableImportError) -> click.ClickException:
    """Print every error of a table once, and return the exception that ends the command."""
    lines = error_sentences(refused.problems)
    for line in lines:
        click.echo(line, err=True)
    return click.ClickException(f"{len(lines)} faults; nothing was stored.")


def print_notices(notices: Iterable[TableNotice]) -> None:
    """Print the notices on a table that was accepted nevertheless."""
    for table_notice in notices:
        click.echo(notice_sentence(table_notice), err=True)
