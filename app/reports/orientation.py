"""Orientation of displayed numbers: higher is always better.

Publications, files and the programming interface keep the direction of the questionnaire. Pages, charts, slides and
handouts show the demands of the project's own questionnaire turned, under a name that says so, and negatively worded
questions by what their answers mean. Scales of a published key keep its convention: a reader compares them with the
manual of the key. Where a high number is bad there, `is_lower_better_as_shown` says so, and the page labels it.
"""

from dataclasses import replace

from app.core.catalogue import DIMENSIONS
from app.core.feedback import ProfileLine
from app.core.instruments import Instrument, Norm, Polarity, Scale
from app.core.languages import Language, TranslatedText
from app.core.matching.dossier import DimensionLine, Dossier
from app.core.matching.needs import Need
from app.core.publication import (
    Capped,
    Distribution,
    Figure,
    Measure,
    MeasureKind,
    Placement,
    RegionComparisonOutcome,
    Trend,
)

TURNED_TITLES = {"demands": DIMENSIONS["demands"]}
TURNED_ENDINGS = {
    "demands": TranslatedText(
        fi="Suuri luku tarkoittaa, että kuorma on kohtuullinen.",
        sv="Ett högt tal betyder att belastningen är rimlig.",
        en="A high number means that the load is manageable.",
    ),
}
LOW_IS_GOOD = TranslatedText(fi="pieni luku on hyvä", sv="lågt är bra", en="low is good")
_OTHER_SIDE = {Placement.ABOVE: Placement.BELOW, Placement.BELOW: Placement.ABOVE, Placement.SAME: Placement.SAME}
_OTHER_CAP = {Capped.LOW: Capped.HIGH, Capped.HIGH: Capped.LOW}
_OTHER_COMPARISON = {
    RegionComparisonOutcome.HIGHER: RegionComparisonOutcome.LOWER,
    RegionComparisonOutcome.LOWER: RegionComparisonOutcome.HIGHER,
}


def is_scale_turned(scale: Scale, instrument: Instrument) -> bool:
    """Tell whether a scale is shown turned: high is bad, there is a name for its opposite, and no published key."""
    return scale.polarity is Polarity.HIGH_IS_BAD and scale.dimension in TURNED_TITLES and instrument.key is None


def is_lower_better_as_shown(scale: Scale, instrument: Instrument) -> bool:
    """Tell whether low numbers of a scale are good as it is shown: its high numbers are bad and it is not turned."""
    return scale.polarity is Polarity.HIGH_IS_BAD and not is_scale_turned(scale, instrument)


def is_measure_turned(measure: Measure, instrument: Instrument) -> bool:
    """Tell whether the numbers of a measure are shown turned.

    A question is turned where disagreement is the good answer, unless its scale keeps the convention of a key in
    which lower is better.
    """
    if measure.polarity is Polarity.HIGH_IS_GOOD:
        return False
    scales = {scale.id: scale for scale in instrument.scales}
    if measure.kind is MeasureKind.SCALE:
        scale = scales.get(measure.id)
        return scale is not None and is_scale_turned(scale, instrument)
    of_item = [scale for scale in instrument.scales if measure.id in scale.items]
    return not any(is_lower_better_as_shown(scale, instrument) for scale in of_item)


def scale_title(scale: Scale, instrument: Instrument, language: Language) -> str:
    """Return the name of a scale as it is shown; a turned one has a name that fits its direction."""
    if is_scale_turned(scale, instrument):
        return TURNED_TITLES[scale.dimension].in_language(language)
    return scale.title.in_language(language)


def scale_titles(instrument: Instrument, language: Language) -> dict[str, str]:
    """Return the names of all scales as they are shown, by id."""
    return {scale.id: scale_title(scale, instrument, language) for scale in instrument.scales}


def scale_description(scale: Scale, instrument: Instrument, language: Language) -> str:
    """Return what a scale measures, in the direction in which it is shown."""
    if is_scale_turned(scale, instrument):
        return _turned_description(scale).in_language(language)
    return scale.description.in_language(language)


def _turned_description(scale: Scale) -> TranslatedText:
    """Return what a turned scale asks about, from its file, and what its high numbers mean as they are shown.

    What the file says after its first sentence is about the direction that is not shown.
    """
    ending = TURNED_ENDINGS[scale.dimension]
    texts = {language: scale.description.in_language(language).partition(". ")[0].rstrip(".") for language in Language}
    return TranslatedText(
        **{language.value: f"{texts[language]}. {ending.in_language(language)}" for language in Language}
    )


def orient_scale_texts(scale: Scale, instrument: Instrument) -> Scale:
    """Return a scale with the title and description of the direction in which it is shown, in every language.

    A scale that keeps a convention in which low is good says so in its name.
    """
    if is_scale_turned(scale, instrument):
        return replace(scale, title=TURNED_TITLES[scale.dimension], description=_turned_description(scale))
    if not is_lower_better_as_shown(scale, instrument):
        return scale
    labelled = {
        language.value: f"{scale.title.in_language(language)} ({LOW_IS_GOOD.in_language(language)})"
        for language in Language
    }
    return replace(scale, title=TranslatedText(**labelled))


def orient_profile_line(line: ProfileLine, instrument: Instrument) -> ProfileLine:
    """Return one scale of a person's profile in the direction in which it is shown; scores are 0-100."""
    shown = replace(line, scale=orient_scale_texts(line.scale, instrument))
    if not is_scale_turned(line.scale, instrument):
        return shown

    def score(value: float | None) -> float | None:
        return None if value is None else reflect_within(value, 0, 100)

    def side(placement: Placement | None) -> Placement | None:
        return None if placement is None else _OTHER_SIDE[placement]

    return replace(
        shown,
        score=score(line.score),
        region=score(line.region),
        earlier=score(line.earlier),
        compared_with_region=side(line.compared_with_region),
        compared_with_earlier=side(line.compared_with_earlier),
    )


def reflect_measure(measure: Measure) -> Measure:
    """Return a measure whose high numbers are good; the range stays, the caps change places."""
    return replace(
        measure,
        polarity=Polarity.HIGH_IS_GOOD,
        cap_low=reflect_number(measure.cap_high, measure),
        cap_high=reflect_number(measure.cap_low, measure),
    )


def reflect_number(value: float, measure: Measure) -> float:
    """Reflect a number within the range of its measure."""
    return reflect_within(value, measure.low, measure.high)


def reflect_within(value: float, low: float, high: float) -> float:
    """Reflect a number within a range: low + high - value; every number that is turned is turned here.

    Printed decimals are kept: the sum of the ends has no more decimals than the number itself.
    """
    return round(low + high - value, 9)


def reflect_figure(figure: Figure, measure: Measure) -> Figure:
    """Return a figure with every number reflected; what is withheld or unknown stays so."""

    def number(value: float | None) -> float | None:
        return None if value is None else reflect_number(value, measure)

    def ends(interval: tuple[float, float] | None) -> tuple[float, float] | None:
        return (
            None if interval is None else (reflect_number(interval[1], measure), reflect_number(interval[0], measure))
        )

    return replace(
        figure,
        mean=number(figure.mean),
        capped=None if figure.capped is None else _OTHER_CAP[figure.capped],
        interval=ends(figure.interval),
        interval_conditions=ends(figure.interval_conditions),
        placement=None if figure.placement is None else _OTHER_SIDE[figure.placement],
        shrunken=number(figure.shrunken),
        distribution=None if figure.distribution is None else _turned_shares(figure.distribution),
        trends=tuple(reflect_trend(trend) for trend in figure.trends),
        worst_case=ends(figure.worst_case),
    )


def reflect_trend(trend: Trend) -> Trend:
    """Return a change with its sign turned; its label says how certain it is and stays."""
    return replace(
        trend,
        difference=-trend.difference,
        interval=_negated(trend.interval),
        staff_interval=None if trend.staff_interval is None else _negated(trend.staff_interval),
        effect=None if trend.effect is None else -trend.effect,
    )


def reflect_comparison(comparison: RegionComparisonOutcome) -> RegionComparisonOutcome:
    """Return the comparison with the region of a reflected number."""
    return _OTHER_COMPARISON.get(comparison, comparison)


def reflect_norm(norm: Norm, measure: Measure) -> Norm:
    """Return a reference value with its mean reflected."""
    return replace(norm, mean=reflect_number(norm.mean, measure))


def orient_figure(figure: Figure | None, measure: Measure, instrument: Instrument) -> Figure | None:
    """Return a figure in the direction in which it is shown; None stays None."""
    if figure is None or not is_measure_turned(measure, instrument):
        return figure
    return reflect_figure(figure, measure)


def orient_measure(measure: Measure, instrument: Instrument) -> Measure:
    """Return a measure in the direction in which it is shown."""
    return reflect_measure(measure) if is_measure_turned(measure, instrument) else measure


def is_need_turned(need: Need) -> bool:
    """Tell whether the figures that a need rests on are shown turned.

    A need does not know its questionnaire: the scale of demands of a published key would have to be distinguished by
    its dimension, and no key that comes with the program has one whose high numbers are bad.
    """
    return need.polarity is Polarity.HIGH_IS_BAD and need.dimension in TURNED_TITLES


def orient_need(need: Need) -> Need:
    """Return a need with its printed figures in the direction in which they are shown."""
    if not is_need_turned(need):
        return need
    low, high = need.ends
    return replace(
        need,
        mean=None if need.mean is None else reflect_within(need.mean, low, high),
        region=None if need.region is None else reflect_within(need.region, low, high),
        capped=None if need.capped is None else _OTHER_CAP[need.capped],
        region_capped=None if need.region_capped is None else _OTHER_CAP[need.region_capped],
        placement=None if need.placement is None else _OTHER_SIDE[need.placement],
    )


def orient_dossier(dossier: Dossier) -> Dossier:
    """Return a dossier with the means of dimensions and staff groups in the direction in which pages show them."""
    turned = [_is_line_turned(line) for line in dossier.dimensions]
    measures = [line.measure for line in dossier.dimensions]
    groups = tuple(
        replace(
            group,
            figures=tuple(
                reflect_figure(figure, measure) if is_turned_here and figure is not None else figure
                for figure, measure, is_turned_here in zip(group.figures, measures, turned, strict=True)
            ),
        )
        for group in dossier.groups
    )
    lines = tuple(
        _turned_line(line) if is_turned_here else line
        for line, is_turned_here in zip(dossier.dimensions, turned, strict=True)
    )
    return replace(dossier, dimensions=lines, groups=groups)


def _is_line_turned(line: DimensionLine) -> bool:
    return line.measure.polarity is Polarity.HIGH_IS_BAD and line.dimension in TURNED_TITLES


def _turned_line(line: DimensionLine) -> DimensionLine:
    return replace(
        line,
        title=TURNED_TITLES[line.dimension],
        measure=reflect_measure(line.measure),
        figure=None if line.figure is None else reflect_figure(line.figure, line.measure),
    )


def _negated(interval: tuple[float, float]) -> tuple[float, float]:
    return -interval[1], -interval[0]


def _turned_shares(shares: Distribution) -> Distribution:
    return Distribution(shares.high, shares.middle, shares.low, tuple(reversed(shares.intervals)))
