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


class KeepsakeRefused(Exception):
    """The file is no profile that this service wrote."""


@dataclass(frozen=True, slots=True)
class Keepsake:
    """An earlier profile: the questionnaire's digest, the day, and the score of each scale on 0-100."""

    digest: str
    day: date
    scores: Mapping[str, float]


def write_keepsake(found: Profile, *, digest: str, day: date) -> str:
    """Return the content of the file."""
    scores = {line.scale.id: line.score for line in found.lines if line.score is not None}
    content = {"kind": KIND, "questionnaire": digest, "day": day.isoformat(), "scores": scores}
    return json.dumps(content, indent=2) + "\n"


def read_keepsake(text: str) -> Keepsake:
    """Read such a file; KeepsakeRefused if it is anything else."""
    try:
        content = json.loads(text) if len(text) <= LONGEST else None
        if not isinstance(content, dict) or content.get("kind") != KIND:
            raise KeepsakeRefused
        scores = {str(name): _score(value) for name, value in content["scores"].items()}
        keepsake = Keepsake(str(content["questionnaire"]), date.fromisoformat(content["day"]), scores)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise KeepsakeRefused from fault
    if len(scores) > MOST_SCALES:
        raise KeepsakeRefused
    return keepsake


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise KeepsakeRefused
    if not 0 <= value <= 100:
        raise KeepsakeRefused
    return float(value)
