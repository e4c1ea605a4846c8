"""Compile one Typst document; runs as a separate program.

The compiler keeps 40 MB and parts of every document it saw until its process ends. So it gets a process of its own:
a worker stays small, and the words of a key sheet are gone from memory when the sheet is printed.

Standard input: a JSON object with the paths, the content and the time. Standard output: the PDF.
"""

import contextlib
import ctypes
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

import typst

STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA: refuses a document without title, language or a picture's words
PR_SET_DUMPABLE = 4


def protect_memory() -> None:
    """Keep other programs of this account from reading the memory of this process, which may hold a round key."""
    with contextlib.suppress(AttributeError, OSError):  # Linux alone has it
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def compile_document(order: dict[str, str]) -> bytes:
    """Return the PDF of an order: `file`, `fonts` (a folder), `sheet` (JSON for the document), `timestamp`."""
    file = Path(order["file"])
    return typst.compile(
        file,
        root=file.parent,
        format="pdf",
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[order["fonts"]]),
        sys_inputs={"sheet": order["sheet"]},
        pdf_standards=STANDARD,
        timestamp=datetime.fromisoformat(order["timestamp"]),
    )


if __name__ == "__main__":
    protect_memory()
    sys.stdout.buffer.write(compile_document(json.load(sys.stdin)))
