"""Small file in which respondents can save their own profile until the next round.

It contains no name, code or community: only the questionnaire's digest, the day and the scores. The service
sends it in one response and reads it in one request; it stores neither.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.core.feedback.profile import RespondentProfile

FILE_KIND = "voimavara own profile"
MAX_FILE_LENGTH = 20_000
MAX_SCALES = 60


class InvalidSavedProfile(Exception):
    """The file is not a profile written by this service."""


@dataclass(frozen=True, slots=True)
class SavedProfile:
    """An earlier profile: digest of the questionnaire, day, and score of each scale (0-100)."""

    digest: str
    day: date
    scores: Mapping[str, float]


def write_saved_profile(profile: RespondentProfile, *, digest: str, day: date) -> str:
    """Return the content of a profile file."""
    scores = {line.scale.id: line.score for line in profile.lines if line.score is not None}
    content = {"kind": FILE_KIND, "questionnaire": digest, "day": day.isoformat(), "scores": scores}
    return json.dumps(content, indent=2) + "\n"


def read_saved_profile(text: str) -> SavedProfile:
    """Read a profile file; InvalidSavedProfile for anything else."""
    try:
        content = json.loads(text) if len(text) <= MAX_FILE_LENGTH else None
        if not isinstance(content, dict) or content.get("kind") != FILE_KIND:
            raise InvalidSavedProfile
        scores = {str(name): _score(value) for name, value in content["scores"].items()}
        profile = SavedProfile(str(content["questionnaire"]), date.fromisoformat(content["day"]), scores)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise InvalidSavedProfile from fault
    if len(scores) > MAX_SCALES:
        raise InvalidSavedProfile
    return profile


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidSavedProfile
    if not 0 <= value <= 100:
        raise InvalidSavedProfile
    return float(value)
