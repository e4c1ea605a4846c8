"""Read the suggestions for own feedback from their file in the questionnaires folder."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from app.core.feedback import InvalidSuggestions, Suggestion, parse_suggestions

FILE = Path("feedback") / "suggestions.toml"


@lru_cache(maxsize=4)
def load_feedback_suggestions(folder: Path) -> Mapping[str, tuple[Suggestion, ...]]:
    """Return the suggestions of each dimension; InvalidSuggestions names the error in the file."""
    path = folder / FILE
    try:
        return parse_suggestions(tomllib.loads(path.read_text(encoding="utf-8")))
    except (InvalidSuggestions, tomllib.TOMLDecodeError) as fault:
        message = f"{path}: {fault}"
        raise InvalidSuggestions(message) from fault
