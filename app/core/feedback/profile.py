"""A respondent's scale scores in words, compared with the region.

A few items say little about one person, so the words are coarse: thirds of the scale, and a
difference from the region or an earlier profile counts from half an answer step. Scores keep
the scale's own direction; the words are reversed where a high score is unfavourable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.instruments import Polarity, Scale, ScaleScorer
from app.core.publication import Placement

MIN_STRENGTH = 60.0
MIN_BETWEEN = 40.0


class ScoreLevel(StrEnum):
    """Meaning of a score for the person."""

    STRENGTH = "strength"
    BETWEEN = "between"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One scale of a profile; scores are 0-100 of the scale's range, None if unknown."""

    scale: Scale
    score: float | None
    level: ScoreLevel | None
    region: float | None
    compared_with_region: Placement | None
    earlier: float | None = None
    compared_with_earlier: Placement | None = None


@dataclass(frozen=True, slots=True)
class RespondentProfile:
    """All scales of a questionnaire for one respondent."""

    lines: tuple[ProfileLine, ...]

    @property
    def scales_needing_attention(self) -> tuple[ProfileLine, ...]:
        """The scales that need attention, at most three, weakest first."""
        profile_lines = [line for line in self.lines if line.level is ScoreLevel.ATTENTION]
        return tuple(sorted(profile_lines, key=lambda line: _goodness(line.scale, line.score or 0.0))[:3])

    @property
    def strengths(self) -> tuple[ProfileLine, ...]:
        """The scales that are strengths."""
        return tuple(line for line in self.lines if line.level is ScoreLevel.STRENGTH)


def build_profile(
    scorers: Sequence[ScaleScorer],
    positions: Mapping[str, int],
    *,
    region: Mapping[str, float],
    earlier: Mapping[str, float] | None = None,
) -> RespondentProfile:
    """Return the profile of one person's answers on the scales of `scorers`.

    `positions` maps an item's id to the position of the chosen option, from 0, without unanswered items.
    `region` maps a scale's id to the region's published mean in the scale's own unit, if it can be compared;
    `earlier` to the person's earlier score, 0-100.
    """
    return RespondentProfile(tuple(_line(scorer, scorer.score(positions), region, earlier or {}) for scorer in scorers))


def _line(
    scorer: ScaleScorer, raw: float | None, region: Mapping[str, float], earlier: Mapping[str, float]
) -> ProfileLine:
    scale = scorer.scale
    own = None if raw is None else _in_hundred(scorer, raw)
    theirs = _in_hundred(scorer, region[scale.id]) if scale.id in region else None
    before = earlier.get(scale.id)
    return ProfileLine(
        scale=scale,
        score=own,
        level=None if own is None else _standing(_goodness(scale, own)),
        region=theirs,
        compared_with_region=_beside(own, theirs, scorer.half_step),
        earlier=before,
        compared_with_earlier=_beside(own, before, scorer.half_step),
    )


def _in_hundred(scorer: ScaleScorer, value: float) -> float:
    return round((value - scorer.low) / (scorer.high - scorer.low) * 100, 1)


def _goodness(scale: Scale, own: float) -> float:
    return own if scale.polarity is Polarity.HIGH_IS_GOOD else 100 - own


def _standing(goodness: float) -> ScoreLevel:
    if goodness >= MIN_STRENGTH:
        return ScoreLevel.STRENGTH
    return ScoreLevel.ATTENTION if goodness < MIN_BETWEEN else ScoreLevel.BETWEEN


def _beside(own: float | None, other: float | None, half_step: float) -> Placement | None:
    if own is None or other is None:
        return None
    if abs(own - other) < half_step:
        return Placement.SAME
    return Placement.ABOVE if own > other else Placement.BELOW
