"""Read the suggestions of own feedback from their file beside the questionnaires."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from app.core.feedback import InvalidSuggestions, Suggestion, read_suggestions

FILE = Path("feedback") / "suggestions.toml"


@lru_cache(maxsize=4)
def load_suggestions(folder: Path) -> Mapping[str, tuple[Suggestion, ...]]:
    """Return the suggestions of each dimension; InvalidSuggestions names the error in the file."""
    path = folder / FILE
    try:
        return read_suggestions(tomllib.loads(path.read_text(encoding="utf-8")))
    except (InvalidSuggestions, tomllib.TOMLDecodeError) as fault:
        message = f"{path}: {fault}"
        raise InvalidSuggestions(message) from fault
