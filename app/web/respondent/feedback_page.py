"""Own feedback page: common parts are rendered once, personal parts are inserted.

Every part is rendered for all scales and with all texts before anyone's scores are used. So neither the content of the
cache nor the time at which it was filled reveals how someone answered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import get_template_attribute
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.catalogue import Course
from app.core.feedback import (
    ProfileLine,
    RespondentProfile,
    ScoreLevel,
    Suggestion,
    SuggestionLevel,
    SuitableCourse,
    build_profile,
    first_startable_course_positions,
    suggestions_for_scale,
    suitable_courses_for_dimension,
)
from app.core.instruments import Instrument, ScaleScorer, scale_scorers
from app.core.publication import Placement
from app.reports import orientation
from app.web.respondent.page_cache import CompiledPage, compile_rendered_page, escape_bytes, placeholder

# pixels in the chart: row height, and position of the first row
ROW = 52
FIRST_ROW = 38
# position and length of its lines
LEFT = 8
LENGTH = 304
STANDINGS = {
    ScoreLevel.STRENGTH: _("A strength of yours."),
    ScoreLevel.BETWEEN: _("Neither a strength nor a concern."),
    ScoreLevel.ATTENTION: _("Worth your attention."),
}
BESIDE_REGION = {
    Placement.ABOVE: _("Higher than in the region."),
    Placement.SAME: _("No clear difference from the region."),
    Placement.BELOW: _("Lower than in the region."),
}
SINCE_EARLIER = {
    Placement.ABOVE: _("Higher than last time."),
    Placement.SAME: _("No clear difference from last time."),
    Placement.BELOW: _("Lower than last time."),
}
WITH_WHOM = {
    SuggestionLevel.SELF: _("By yourself"),
    SuggestionLevel.COLLEAGUE: _("With a colleague"),
    SuggestionLevel.SUPERVISOR: _("With your supervisor"),
    SuggestionLevel.OCCUPATIONAL_HEALTH: _("With occupational health"),
}


@dataclass(frozen=True, slots=True)
class SuggestionCard:
    """What may help with one scale, and the courses that suit it, the best first."""

    page: CompiledPage
    heading: CompiledPage
    suitable: tuple[SuitableCourse, ...]
    named: tuple[bytes, ...]

    def html_with_current_courses(self, *, now: datetime) -> bytes:
        """Return the HTML of the card with the courses that can still be started."""
        named = b"".join(self.named[place] for place in first_startable_course_positions(self.suitable, now=now))
        return self.page.fill({"courses": self.heading.fill({"named": named}) if named else b""})


@dataclass(frozen=True, slots=True)
class FeedbackParts:
    """The compiled parts of the feedback page in one language, by scale."""

    instrument: Instrument
    gauges: tuple[ScaleScorer, ...]
    region: Mapping[str, float]
    picture: CompiledPage
    table: CompiledPage
    drawn: Mapping[str, CompiledPage]
    rows: Mapping[str, CompiledPage]
    cards: Mapping[str, SuggestionCard]
    words: tuple[Mapping[str | None, bytes], ...]
    advised: CompiledPage
    calm: bytes
    nothing: bytes

    def scores_html(self, profile: RespondentProfile, *, day: bytes) -> bytes:
        """Return the chart and the table of one person's scores as HTML; `day` is that of the earlier profile."""
        lines = orient_and_sort_lines(self.instrument, (line for line in profile.lines if line.score is not None))
        if not lines:
            return self.nothing
        own = [(line.scale.id, self._own(line, place) | {"day": day}) for place, line in enumerate(lines)]
        drawn = b"".join(self.drawn[scale].fill(values) for scale, values in own)
        rows = b"".join(self.rows[scale].fill(values) for scale, values in own)
        picture = self.picture.fill({"height": b"%d" % (ROW * len(lines)), "drawn": drawn})
        return picture + b"\n" + self.table.fill({"rows": rows, "day": day})

    def advice_html(self, profile: RespondentProfile, *, now: datetime) -> bytes:
        """Return suggestions for one person as HTML; empty if too little was answered."""
        if profile.scales_needing_attention:
            cards = (
                self.cards[line.scale.id].html_with_current_courses(now=now)
                for line in profile.scales_needing_attention
            )
            return self.advised.fill({"advice": b"".join(cards)})
        return self.calm if any(line.score is not None for line in profile.lines) else b""

    def _own(self, line: ProfileLine, place: int) -> dict[str, bytes]:
        assert line.score is not None, "a scale without a score has no row"
        own_result = (line.level, line.compared_with_region, line.compared_with_earlier)
        then = "–".encode()
        dot = b""
        if line.earlier is not None:
            then = b"%d" % round(line.earlier)
            dot = b'<circle cx="%.1f" cy="0" r="6" class="earlier" stroke-width="2"/>' % _across(line.earlier)
        return {
            "y": b"%d" % (ROW * place + FIRST_ROW),
            "x": b"%.1f" % _across(line.score),
            "own": b"%d" % round(line.score),
            "words": b" ".join(
                known[item] for known, item in zip(self.words, own_result, strict=True) if item is not None
            ),
            "then": then,
            "dot": dot,
        }


def orient_and_sort_lines(instrument: Instrument, lines: Iterable[ProfileLine]) -> list[ProfileLine]:
    """Return the lines in display order, oriented towards the good end; those where low is good come last."""
    shown = [orientation.orient_profile_line(line, instrument) for line in lines]
    return sorted(shown, key=lambda line: orientation.is_lower_better_as_shown(line.scale, instrument))


def render_parts(
    instrument: Instrument,
    *,
    region: Mapping[str, float],
    courses: Sequence[Course],
    suggested: Mapping[str, Sequence[Suggestion]],
    comparing: bool,
) -> FeedbackParts:
    """Render the parts in the current language; `comparing` tells whether there is an earlier profile."""
    measured = scale_scorers(instrument)
    lines = orient_and_sort_lines(instrument, build_profile(measured, {}, region=region).lines)
    has_region = any(line.region is not None for line in lines)
    drawn = _macro("picture", "drawn")
    row = _macro("profile_parts", "row")
    card = _macro("advice", "advice")
    return FeedbackParts(
        instrument=instrument,
        gauges=measured,
        region=region,
        picture=_macro("picture", "picture")(placeholder),
        table=_macro("profile_parts", "table")(comparing, has_region, placeholder),
        drawn={line.scale.id: drawn(line, placeholder) for line in lines},
        rows={line.scale.id: row(line, comparing, has_region, placeholder) for line in lines},
        cards={line.scale.id: _card(card, line, courses, suggested) for line in lines},
        words=(_inked(STANDINGS), _inked(BESIDE_REGION), _inked(SINCE_EARLIER)),
        advised=_macro("profile_parts", "advised")(placeholder),
        calm=_macro("profile_parts", "calm")().fill({}),
        nothing=_macro("profile_parts", "nothing")().fill({}),
    )


def _card(
    card: Callable[..., CompiledPage],
    line: ProfileLine,
    courses: Sequence[Course],
    suggested: Mapping[str, Sequence[Suggestion]],
) -> SuggestionCard:
    dimension = line.scale.dimension
    named = _macro("advice", "course")
    suitable = suitable_courses_for_dimension(courses, dimension)
    return SuggestionCard(
        page=card(line, suggestions_for_scale(suggested, line.scale), WITH_WHOM, placeholder),
        heading=_macro("advice", "courses")(placeholder),
        suitable=suitable,
        named=tuple(named(suitable_course.course).fill({}) for suitable_course in suitable),
    )


def _macro(template: str, name: str) -> Callable[..., CompiledPage]:
    macro = get_template_attribute(f"respondent/{template}.html", name)
    return lambda *values: compile_rendered_page(macro(*values))


def _inked(words: Mapping[ScoreLevel, LazyString] | Mapping[Placement, LazyString]) -> dict[str | None, bytes]:
    return {item.value: escape_bytes(str(text)) for item, text in words.items()}


def _across(score: float) -> float:
    return LEFT + score / 100 * LENGTH
