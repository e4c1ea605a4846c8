"""Read the library of suggested actions from its file in the questionnaires folder."""

import tomllib
from functools import lru_cache
from pathlib import Path

from app.core.followup import InvalidActionLibrary, SuggestedAction, parse_action_library

FILE = Path("followup") / "actions.toml"


@lru_cache(maxsize=4)
def load_suggested_actions(folder: Path) -> tuple[SuggestedAction, ...]:
    """Return all suggested actions; InvalidActionLibrary names the error in the file."""
    path = folder / FILE
    try:
        return parse_action_library(tomllib.loads(path.read_text(encoding="utf-8")))
    except (InvalidActionLibrary, tomllib.TOMLDecodeError) as fault:
        message = f"{path}: {fault}"
        raise InvalidActionLibrary(message) from fault
