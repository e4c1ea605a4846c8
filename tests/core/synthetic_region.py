"""Made-up regions, questionnaires and answers for tests of the count and the gate."""

from datetime import UTC, datetime

import numpy as np

from app.core.counting import OpenedBallots, build_publication, sum_ballots
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument, Item, Option, Polarity, Scale, Scoring, StaffGroup
from app.core.languages import Language, PartlyTranslatedText, TranslatedText
from app.core.organisations import CommunityKind, Municipality, Region, ReportingUnit
from app.core.rounds import KeyMode, Round, RoundId, RoundKind, RoundState

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GROUPS = ("teacher", "assistant", "other")


def text(words):
    return TranslatedText(words, words, words)


def scale(name, items, **changes):
    values = {
        "id": name,
        "title": text(name),
        "description": text(name),
        "polarity": Polarity.HIGH_IS_BAD if name == "demands" else Polarity.HIGH_IS_GOOD,
        "items": tuple(items),
        "reversed": frozenset(),
        "min_answered": (len(items) + 1) // 2,
        "scoring": Scoring.PERCENT,
        "dimension": name,
        "sensitive": False,
    }
    return Scale(**(values | changes))


def questionnaire(scales=None, *, options=5, groups=GROUPS):
    """Two scales of two items each, unless others are given."""
    scales = scales or (scale("control", ("c1", "c2")), scale("demands", ("d1", "d2")))
    names = dict.fromkeys(name for one in scales for name in one.items)
    choices = tuple(Option(value, text(str(value))) for value in range(1, options + 1))
    return Instrument(
        id="made_up",
        version="1",
        title=text("Made up"),
        introduction=text("Made up"),
        languages=tuple(Language),
        items=tuple(Item(name, text(name), choices, name) for name in names),
        themes=(),
        scales=tuple(scales),
        groups=tuple(StaffGroup(name, text(name)) for name in groups),
        licence=PartlyTranslatedText(""),
        source="",
        digest="0" * 64,
    )


def region_of(sizes, kinds=None):
    """A region from {municipality: {unit: {group: invited} or invited}}; `kinds` maps units to their kinds."""
    units = []
    for municipality, members in sizes.items():
        for unit, invited in members.items():
            counts = invited if isinstance(invited, dict) else {"teacher": invited}
            kind = (kinds or {}).get(unit)
            units.append(ReportingUnit(unit, unit.upper(), municipality, (unit,), counts, kind=kind))
    return Region("region", "Region", tuple(Municipality(name, name.upper()) for name in sizes), tuple(units))


def round_on(region, **changes):
    values = {
        "id": RoundId(1),
        "title": "Autumn",
        "kind": RoundKind.SURVEY,
        "state": RoundState.CLOSED,
        "instrument": "made_up",
        "instrument_digest": "0" * 64,
        "key_mode": KeyMode.AUTOMATIC,
        "opens_at": NOON,
        "closes_at": NOON,
        "boundaries": region,
    }
    return Round(**(values | changes))


def answers(region, counts, *, instrument, rng, mood=None):
    """Answer at random: `counts` maps a unit to {group: n} or n; `mood` maps a unit to a mean option."""
    rows = []
    units = []
    groups = []
    items = len(instrument.items)
    options = len(instrument.items[0].options)
    names = [group.id for group in instrument.groups]
    for index, unit in enumerate(region.units):
        wanted = counts.get(unit.id, 0)
        wanted = wanted if isinstance(wanted, dict) else {"teacher": wanted}
        for group, n in wanted.items():
            middle = (mood or {}).get(unit.id, rng.uniform(1, options - 2))
            rows.append(np.clip(np.rint(rng.normal(middle, 1.1, size=(n, items))), 0, options - 1))
            units += [index] * n
            groups += [names.index(group) if group in names else 255] * n
    ratings = np.concatenate(rows).astype(np.uint8) if rows else np.zeros((0, items), np.uint8)
    return OpenedBallots(np.array(units, np.int32), np.array(groups, np.uint8), ratings)


def published(region, collected, *, instrument=None, policy=None, earlier=(), counted_at=NOON, **changes):
    instrument = instrument or questionnaire()
    return build_publication(
        sum_ballots(collected, region, instrument),
        round=round_on(region, **changes),
        instrument=instrument,
        policy=policy or Policy(),
        earlier=earlier,
        counted_at=counted_at,
        issued=sum(unit.invited_count for unit in region.units),
    )


def random_region(seed, *, municipalities=3, per_municipality=4, low=8, high=45, rate=0.7):
    """A region like those of real life: schools of all sizes, three staff groups; with its answers' counts.

    The last community of each municipality is a daycare centre, all others are schools.
    """
    rng = np.random.default_rng(seed)
    sizes = {}
    counts = {}
    kinds = {}
    for municipality in range(municipalities):
        members = sizes.setdefault(f"m{municipality}", {})
        for school in range(per_municipality):
            size = int(rng.integers(low, high + 1))
            invited = {g: max(1, round(size * share)) for g, share in zip(GROUPS, (0.66, 0.22, 0.12), strict=True)}
            members[f"m{municipality}s{school}"] = invited
            counts[f"m{municipality}s{school}"] = {g: int(rng.binomial(n, rate)) for g, n in invited.items()}
            early = school == per_municipality - 1
            kinds[f"m{municipality}s{school}"] = CommunityKind.EARLY_CHILDHOOD if early else CommunityKind.SCHOOL
    return region_of(sizes, kinds), counts, rng
