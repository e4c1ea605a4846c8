"""What a questionnaire's numbers are: their range, precision, caps, step and identity."""

import json
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, floor

from app.core.instruments import Instrument, Item, Polarity, Scale, Scoring, lead_in_digest, score_range
from app.core.publication import Measure, MeasureKind

CAP = 0.125  # of the range at either end: 12 and 88 on 0-100, 1.5 and 4.5 on 1-5
COARSE = 20  # a range this wide is printed in whole numbers


@dataclass(frozen=True, slots=True)
class ScoredMeasure:
    """A measure together with the way to score it; `items` is how many items it averages."""

    measure: Measure
    scale: Scale

    @property
    def items(self) -> int:
        """How many items stand behind the number."""
        return len(self.scale.items)


def scored_measures(instrument: Instrument) -> tuple[ScoredMeasure, ...]:
    """Return the measures of a questionnaire: its scales, then its items."""
    scales = tuple(_scored(instrument, scale, MeasureKind.SCALE) for scale in instrument.scales)
    taken = {scale.id for scale in instrument.scales}
    items = tuple(
        _scored(instrument, _alone(instrument, item), MeasureKind.ITEM)
        for item in instrument.items
        if item.id not in taken
    )
    return scales + items


def _alone(instrument: Instrument, item: Item) -> Scale:
    """Treat one item as a scale of its own, answered as it stands, never turned."""
    homes = [scale for scale in instrument.scales if item.id in scale.items]
    home = homes[0] if homes else None
    polarity = home.polarity if home else Polarity.HIGH_IS_GOOD
    if home and item.id in home.reversed:
        polarity = Polarity.HIGH_IS_BAD if polarity is Polarity.HIGH_IS_GOOD else Polarity.HIGH_IS_GOOD
    raw = home is not None and home.scoring is not Scoring.PERCENT
    return Scale(
        id=item.id,
        title=item.text,
        description=item.text,
        polarity=polarity,
        items=(item.id,),
        reversed=frozenset(),
        min_answered=1,
        scoring=Scoring.MEAN if raw else Scoring.PERCENT,
        dimension=home.dimension if home else "",
        sensitive=any(scale.sensitive for scale in homes),
    )


def _scored(instrument: Instrument, scale: Scale, kind: MeasureKind) -> ScoredMeasure:
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
        lead_in=lead_in_digest(instrument, scale.items),
    )
    return ScoredMeasure(measure, scale)


def _identity(instrument: Instrument, scale: Scale) -> str:
    """Return a digest of what is asked and how it is scored; one changed word changes it."""
    questions = sorted(_question(instrument.item(name), name in scale.reversed) for name in scale.items)
    rules = [scale.polarity.value, scale.scoring.value, scale.min_answered]
    return sha256(json.dumps([questions, rules]).encode()).hexdigest()


def _question(item: Item, turned: bool) -> list[object]:
    options = [[option.value, option.label.fi, option.label.sv, option.label.en] for option in item.options]
    return [item.anchor, item.text.fi, item.text.sv, item.text.en, turned, options]
