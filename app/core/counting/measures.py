"""Measures of a questionnaire: range, precision, caps, answer step and identity."""

import json
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, floor

from app.core.instruments import Instrument, Item, Polarity, Scale, Scoring, lead_ins_digest, score_range
from app.core.publication import Measure, MeasureKind

CAP = 0.125  # of the range at either end: 12 and 88 on 0-100, 1.5 and 4.5 on 1-5
COARSE = 20  # a range this wide is printed in whole numbers


@dataclass(frozen=True, slots=True)
class ScoredMeasure:
    """A measure with its scoring rule."""

    measure: Measure
    scale: Scale

    @property
    def item_count(self) -> int:
        """The number of items of the measure."""
        return len(self.scale.items)


def scored_measures(instrument: Instrument) -> tuple[ScoredMeasure, ...]:
    """Return the measures of a questionnaire: scales, then items."""
    scales = tuple(_scored_measure(instrument, scale, MeasureKind.SCALE) for scale in instrument.scales)
    scale_ids = {scale.id for scale in instrument.scales}
    items = tuple(
        _scored_measure(instrument, _single_item_scale(instrument, item), MeasureKind.ITEM)
        for item in instrument.items
        if item.id not in scale_ids
    )
    return scales + items


def _single_item_scale(instrument: Instrument, item: Item) -> Scale:
    """Return a scale of one item, scored as answered, never reversed."""
    scales = [scale for scale in instrument.scales if item.id in scale.items]
    parent_scale = scales[0] if scales else None
    polarity = parent_scale.polarity if parent_scale else Polarity.HIGH_IS_GOOD
    if parent_scale and item.id in parent_scale.reversed:
        polarity = Polarity.HIGH_IS_BAD if polarity is Polarity.HIGH_IS_GOOD else Polarity.HIGH_IS_GOOD
    raw = parent_scale is not None and parent_scale.scoring is not Scoring.PERCENT
    return Scale(
        id=item.id,
        title=item.text,
        description=item.text,
        polarity=polarity,
        items=(item.id,),
        reversed=frozenset(),
        min_answered=1,
        scoring=Scoring.MEAN if raw else Scoring.PERCENT,
        dimension=parent_scale.dimension if parent_scale else "",
        sensitive=any(scale.sensitive for scale in scales),
    )


def _scored_measure(instrument: Instrument, scale: Scale, kind: MeasureKind) -> ScoredMeasure:
    low, high = score_range(instrument, scale)
    decimals = 0 if high - low >= COARSE else 1
    unit = 10.0**-decimals
    options = max(len(instrument.item(name).options) for name in scale.items)
    measure = Measure(
        id=scale.id,
        kind=kind,
        identity=_identity(instrument, scale),
        polarity=scale.polarity,
        low=low,
        high=high,
        decimals=decimals,
        cap_low=round(floor((low + CAP * (high - low)) / unit + 1e-9) * unit, decimals),
        cap_high=round(ceil((high - CAP * (high - low)) / unit - 1e-9) * unit, decimals),
        step=(high - low) / max(options - 1, 1),
        dimension=scale.dimension,
        sensitive=scale.sensitive,
        lead_in=lead_ins_digest(instrument, scale.items),
    )
    return ScoredMeasure(measure, scale)


def _identity(instrument: Instrument, scale: Scale) -> str:
    """Return a digest of the questions and scoring; any changed word changes it."""
    questions = sorted(_question(instrument.item(name), name in scale.reversed) for name in scale.items)
    rules = [scale.polarity.value, scale.scoring.value, scale.min_answered]
    return sha256(json.dumps([questions, rules]).encode()).hexdigest()


def _question(item: Item, turned: bool) -> list[object]:
    options = [[option.value, option.label.fi, option.label.sv, option.label.en] for option in item.options]
    return [item.anchor, item.text.fi, item.text.sv, item.text.en, turned, options]
