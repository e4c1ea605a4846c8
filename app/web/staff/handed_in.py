"""Files that are handed in to be checked first: read, checked, and refused with every fault."""

from collections.abc import Callable
from typing import Protocol

from flask_wtf.file import FileField

from app.core.catalogue.faults import CatalogueRefused, Problem
from app.store.database import Session, reading


class Checked(Protocol):
    """What a check brought; only a file without problems may wait to be confirmed."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What has to be mended."""


def read_checked(
    field: FileField, most: int, check: Callable[[Session, bytes], Checked]
) -> tuple[bytes, tuple[Problem, ...]]:
    """Read an uploaded file, at most one byte beyond `most`, and return it with what has to be mended in it."""
    content: bytes = field.data.read(most + 1)
    try:
        with reading() as session:
            return content, check(session, content).problems
    except CatalogueRefused as refused:
        return content, refused.problems
