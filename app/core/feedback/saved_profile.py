"""The small file in which a person may keep the own profile until the next round.

It bears no name, no code and no community: only which questionnaire, when, and the scores. The service
writes it into one answer and reads it in one request; it keeps neither.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.core.feedback.profile import Profile

KIND = "voimavara own profile"
LONGEST = 20_000
MOST_SCALES = 60


class InvalidSavedProfile(Exception):
    """The file is no profile that this service wrote."""


@dataclass(frozen=True, slots=True)
class SavedProfile:
    """An earlier profile: the questionnaire's digest, the day, and the score of each scale on 0-100."""

    digest: str
    day: date
    scores: Mapping[str, float]


def write_saved_profile(profile: Profile, *, digest: str, day: date) -> str:
    """Return the content of the file."""
    scores = {line.scale.id: line.score for line in profile.lines if line.score is not None}
    content = {"kind": KIND, "questionnaire": digest, "day": day.isoformat(), "scores": scores}
    return json.dumps(content, indent=2) + "\n"


def read_saved_profile(text: str) -> SavedProfile:
    """Read such a file; InvalidSavedProfile if it is anything else."""
    try:
        content = json.loads(text) if len(text) <= LONGEST else None
        if not isinstance(content, dict) or content.get("kind") != KIND:
            raise InvalidSavedProfile
        scores = {str(name): _score(value) for name, value in content["scores"].items()}
        keepsake = SavedProfile(str(content["questionnaire"]), date.fromisoformat(content["day"]), scores)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise InvalidSavedProfile from fault
    if len(scores) > MOST_SCALES:
        raise InvalidSavedProfile
    return keepsake


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidSavedProfile
    if not 0 <= value <= 100:
        raise InvalidSavedProfile
    return float(value)
