"""Whether two questionnaires ask the same: across versions, and against a published key."""

from collections.abc import Mapping

from app.core.instruments.values import Instrument, Item, Scale


def same_question(one: Item, other: Item) -> bool:
    """Say whether two items have the same anchor, the same words and the same options."""
    return one.anchor == other.anchor and one.text == other.text and one.options == other.options


def comparable_scales(earlier: Instrument, later: Instrument) -> tuple[str, ...]:
    """Return the scales of `later` whose scores continue those of `earlier`.

    A scale continues when both versions score the very same questions in the same way. One changed
    word breaks the line: then nobody can tell a change at work from a change of wording.
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
    questions = frozenset((item.anchor, item.text, item.options, item.id in scale.reversed) for item in items)
    return questions, scale.polarity, scale.scoring, scale.min_answered


def departures(instrument: Instrument, key: Instrument) -> tuple[str, ...]:
    """Return, in words, every way in which `instrument` departs from the checked `key`; none is ().

    Compared are the items and their option numbers, and of every scale of the key the items, the
    reversed ones and the scoring. Sentences, pages and staff groups are the writer's own.
    """
    found = _departing_items(instrument, key)
    have = {scale.id: scale for scale in instrument.scales}
    for scale in key.scales:
        if scale.id not in have:
            found.append(f"the scale '{scale.id}' of the key '{key.id}' is missing")
        else:
            found.extend(_departing_scale(have[scale.id], scale))
    found.extend(f"the key '{key.id}' has no scale '{name}'" for name in sorted(set(have) - {s.id for s in key.scales}))
    return tuple(found)


def _departing_items(instrument: Instrument, key: Instrument) -> list[str]:
    have, want = _numbers(instrument), _numbers(key)
    found = [f"the item '{name}' of the key '{key.id}' is missing" for name in want if name not in have]
    found += [f"the key '{key.id}' has no item '{name}'" for name in have if name not in want]
    found += [
        f"the options of '{name}' are numbered {_spell(have[name])}, in the key {_spell(numbers)}"
        for name, numbers in want.items()
        if name in have and have[name] != numbers
    ]
    return found


def _numbers(instrument: Instrument) -> Mapping[str, tuple[int, ...]]:
    return {item.id: tuple(option.value for option in item.options) for item in instrument.items}


def _departing_scale(scale: Scale, key: Scale) -> list[str]:
    found = []
    if set(scale.items) != set(key.items):
        found.append(f"the scale '{key.id}' has the items {_spell(scale.items)}, in the key {_spell(key.items)}")
    if scale.reversed != key.reversed:
        turned, right = _spell(sorted(scale.reversed)), _spell(sorted(key.reversed))
        found.append(f"the scale '{key.id}' reverses {turned}, in the key {right}")
    if (scale.scoring, scale.polarity) != (key.scoring, key.polarity):
        found.append(
            f"the scale '{key.id}' is scored as {scale.scoring}, {scale.polarity}; "
            f"in the key as {key.scoring}, {key.polarity}"
        )
    if scale.min_answered < key.min_answered:
        found.append(f"the scale '{key.id}' needs {key.min_answered} answered items, not {scale.min_answered}")
    return found


def _spell(parts: object) -> str:
    words = [str(part) for part in parts] if isinstance(parts, tuple | list) else [str(parts)]
    return ", ".join(words) or "none"
