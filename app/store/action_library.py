"""Where the library of actions rests: one file beside the questionnaires."""

import tomllib
from functools import cache
from pathlib import Path

from app.core.followup import LibraryRefused, Suggested, read_library

FILE = Path("followup") / "actions.toml"


@cache
def suggested_actions(folder: Path) -> tuple[Suggested, ...]:
    """Return what may be agreed about each dimension; LibraryRefused names what is wrong in the file."""
    path = folder / FILE
    try:
        return read_library(tomllib.loads(path.read_text(encoding="utf-8")))
    except (LibraryRefused, tomllib.TOMLDecodeError) as fault:
        message = f"{path}: {fault}"
        raise LibraryRefused(message) from fault
