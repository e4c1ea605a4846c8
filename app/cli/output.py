"""Write the output file of a command atomically."""

import os
import sys
import tempfile
from pathlib import Path

import click


def write_output(content: bytes, output: Path | None) -> None:
    """Write `content` to a file, or to the standard output where there is none.

    The file replaces an earlier one when it is complete, and only its owner may read it: names and addresses may be in
    it. Raises ClickException where it cannot be written.
    """
    if output is None:
        sys.stdout.buffer.write(content)
        return
    if output.exists() and not output.is_file():  # a pipe or a device
        output.write_bytes(content)
        return
    try:
        descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}-")  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(name).replace(output)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}."
        raise click.ClickException(message) from error
