"""Read the meeting guide from two files in the questionnaires folder."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.core.meetings import Guide, InvalidGuide, read_guide

FOLDER = "meeting"


@lru_cache(maxsize=4)
def load_meeting_guide(folder: Path) -> Guide:
    """Return the meeting guide; InvalidGuide names the error in the files."""
    try:
        return read_guide(_read(folder, "agendas"), _read(folder, "prompts"))
    except (InvalidGuide, tomllib.TOMLDecodeError) as fault:
        message = f"{folder / FOLDER}: {fault}"
        raise InvalidGuide(message) from fault


def _read(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
