"""Compare two questionnaires: versions of one, or a questionnaire and a published instrument."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from hashlib import sha256

from app.core.instruments.errors import QuestionnaireErrorCode, Words, message_parameters
from app.core.instruments.instrument import Instrument, Item, Scale
from app.core.languages import TranslatedText

KeyDeviation = tuple[QuestionnaireErrorCode, Words]


def same_question(item: Item, other: Item) -> bool:
    """Tell whether two items have the same anchor, text and options."""
    return item.anchor == other.anchor and item.text == other.text and item.options == other.options


def lead_in(instrument: Instrument, item_id: str) -> TranslatedText:
    """Return the introduction above an item on its page; an empty text if there is none.

    "Think of the past month" and "Think of an ordinary working day" make two questions of one sentence.
    """
    texts = (theme.introduction for theme in instrument.themes if item_id in theme.items)
    return next(texts, TranslatedText("", "", ""))


def lead_ins_digest(instrument: Instrument, items: Iterable[str]) -> str:
    """Return the SHA-256 (hexadecimal) of the lead-ins of some items, regardless of their order."""
    texts = sorted([instrument.item(name).anchor, *astuple(lead_in(instrument, name))] for name in items)
    return sha256(json.dumps(texts).encode()).hexdigest()


def items_with_changed_lead_in(instrument: Instrument, other: Instrument) -> tuple[str, ...]:
    """Return the items of `instrument` that `other` asks word for word, but under another lead-in.

    They are not compared between rounds.
    """
    known = {item.anchor: item for item in other.items}
    return tuple(
        item.id
        for item in instrument.items
        if item.anchor in known
        and same_question(item, known[item.anchor])
        and lead_in(instrument, item.id) != lead_in(other, known[item.anchor].id)
    )


def continued_items(earlier: Instrument, later: Instrument) -> tuple[str, ...]:
    """Return the items of `later` that `earlier` asks too: the same words and options under the same lead-in."""
    known = {item.anchor: item for item in earlier.items}
    return tuple(
        item.id
        for item in later.items
        if item.anchor in known
        and same_question(item, known[item.anchor])
        and lead_in(later, item.id) == lead_in(earlier, known[item.anchor].id)
    )


def comparable_scales(earlier: Instrument, later: Instrument) -> tuple[str, ...]:
    """Return the scales of `later` whose scores continue those of `earlier`.

    A scale continues when both versions score the very same questions, under the same lead-ins, in the same
    way. One changed word breaks the line: then nobody can tell a change at work from a change of wording.
    """
    if earlier.digest and earlier.digest == later.digest:
        return tuple(scale.id for scale in later.scales)
    before = {scale.id: scale for scale in earlier.scales}
    return tuple(
        scale.id
        for scale in later.scales
        if scale.id in before and _signature(earlier, before[scale.id]) == _signature(later, scale)
    )


def _signature(instrument: Instrument, scale: Scale) -> object:
    items = [instrument.item(name) for name in scale.items]
    questions = frozenset(
        (item.anchor, item.text, item.options, item.id in scale.reversed, lead_in(instrument, item.id))
        for item in items
    )
    return questions, scale.polarity, scale.scoring, scale.min_answered


def scoring_key_deviations(instrument: Instrument, key: Instrument) -> tuple[KeyDeviation, ...]:
    """Return every deviation of `instrument` from the published `key`; empty if there is none.

    Compared are the items and their option numbers, and of every scale of the key the items, the
    reversed ones and the scoring. Sentences, pages and staff groups are the writer's own.
    """
    found_key_deviations = _deviating_items(instrument, key)
    have = {scale.id: scale for scale in instrument.scales}
    for scale in key.scales:
        if scale.id not in have:
            found_key_deviations.append(
                (QuestionnaireErrorCode.SCALE_MISSING, message_parameters(name=scale.id, key=key.id))
            )
        else:
            found_key_deviations.extend(_deviating_scale(have[scale.id], scale))
    strange = sorted(set(have) - {scale.id for scale in key.scales})
    found_key_deviations.extend(
        (QuestionnaireErrorCode.SCALE_NOT_IN_KEY, message_parameters(name=name, key=key.id)) for name in strange
    )
    return tuple(found_key_deviations)


def _deviating_items(instrument: Instrument, key: Instrument) -> list[KeyDeviation]:
    have = _numbers(instrument)
    want = _numbers(key)
    result = [
        (QuestionnaireErrorCode.ITEM_MISSING, message_parameters(name=name, key=key.id))
        for name in want
        if name not in have
    ]
    result += [
        (QuestionnaireErrorCode.ITEM_NOT_IN_KEY, message_parameters(name=name, key=key.id))
        for name in have
        if name not in want
    ]
    result += [
        (
            QuestionnaireErrorCode.OTHER_NUMBERS,
            message_parameters(name=name, here=_spell(have[name]), there=_spell(numbers)),
        )
        for name, numbers in want.items()
        if name in have and have[name] != numbers
    ]
    return result


def _numbers(instrument: Instrument) -> Mapping[str, tuple[int, ...]]:
    return {item.id: tuple(option.value for option in item.options) for item in instrument.items}


def _deviating_scale(scale: Scale, key: Scale) -> list[KeyDeviation]:
    scored = (scale.scoring, scale.polarity), (key.scoring, key.polarity)
    compared = (
        (QuestionnaireErrorCode.OTHER_ITEMS, set(scale.items) != set(key.items), scale.items, key.items),
        (
            QuestionnaireErrorCode.OTHER_REVERSED,
            scale.reversed != key.reversed,
            sorted(scale.reversed),
            sorted(key.reversed),
        ),
        (QuestionnaireErrorCode.OTHER_SCORING, scored[0] != scored[1], *scored),
        (
            QuestionnaireErrorCode.OTHER_LEAST,
            scale.min_answered < key.min_answered,
            (scale.min_answered,),
            (key.min_answered,),
        ),
    )
    return [
        (fault, message_parameters(name=key.id, here=_spell(here), there=_spell(there)))
        for fault, departs, here, there in compared
        if departs
    ]


def _spell(parts: Iterable[object]) -> str:
    return ", ".join(map(str, parts)) or "–"
