"""PDF documents: a Typst template for layout and JSON for content, so that no text is interpreted as markup."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.render.printable import font_folder, replace_unprintable_values

HERE = Path(__file__).resolve().parent
COMPILER = HERE / "typst_process.py"
LONGEST_SECONDS = 120


class DocumentError(Exception):
    """Compilation failed; the message is the compiler's, which quotes the template and not the content."""


def render_pdf(name: str, *, data: Mapping[str, Any], at: datetime) -> bytes:
    """Return the document `name`.typ filled with `data`, as PDF/UA; the same input gives the same bytes.

    Characters that the fonts lack are replaced.
    It is compiled in a process of its own, see `typst_process`. Raises DocumentError.
    """
    order = {
        "file": str(HERE / f"{name}.typ"),
        "fonts": _font_folder(),
        "sheet": json.dumps(replace_unprintable_values(data)),
        "timestamp": at.replace(microsecond=0).isoformat(),
    }
    command = [sys.executable, "-I", str(COMPILER)]
    done = subprocess.run(  # noqa: S603 - our own program; the content goes through its standard input
        command, input=json.dumps(order).encode(), capture_output=True, check=False, timeout=LONGEST_SECONDS
    )
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        message = f"{name}.typ: {lines[-1] if lines else f'the compiler ended with {done.returncode}'}"
        raise DocumentError(message)
    return done.stdout


def _font_folder() -> str:
    try:
        return str(font_folder())
    except LookupError as error:
        raise DocumentError(str(error)) from error
