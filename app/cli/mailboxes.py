"""Read e-mails one by one from an mbox file, a Maildir folder, a single file or standard input."""

import mailbox
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import click

STANDARD_INPUT = "-"


def read_raw_messages(paths: Iterable[str]) -> Iterator[bytes]:
    """Yield every message of some mailboxes; nothing in them is changed."""
    for path in paths:
        try:
            yield from _standard_input() if path == STANDARD_INPUT else _of(Path(path))
        except OSError as error:
            message = f"{path} cannot be read ({error.strerror}). Run this as an account that may read it."
            raise click.ClickException(message) from error


def _standard_input() -> Iterator[bytes]:
    yield sys.stdin.buffer.read()


def _of(path: Path) -> Iterator[bytes]:
    if path.is_dir():
        if not ((path / "cur").is_dir() and (path / "new").is_dir()):
            message = f"{path} is no Maildir: it lacks the folders cur and new. Name the files in it one by one."
            raise click.ClickException(message)
        yield from _each(mailbox.Maildir(path, create=False))
        return
    with path.open("rb") as file:
        first = file.read(5)
    if first == b"From ":
        yield from _each(mailbox.mbox(path, create=False))
    elif first or path.suffix == ".eml":
        yield path.read_bytes()


def _each(box: "mailbox.mbox | mailbox.Maildir") -> Iterator[bytes]:
    with closing(box):
        for key in box.keys():  # noqa: SIM118 - a mailbox is no mapping: iterating it parses every message
            with suppress(KeyError, FileNotFoundError):  # a mail program has moved it meanwhile
                yield box.get_bytes(key)
