"""What attackers of publications know, and the guards that tests take away from the product."""

from collections import Counter

import numpy as np

from app.core.counting import families, figure_columns, publication_builder
from app.core.disclosure.pattern import PublicationPattern
from app.core.disclosure.policy import Policy
from app.core.instruments import scale_scores
from app.core.publication import AttackCheck
from tests.core.synthetic_region import answers, published, questionnaire, random_region, scale

ONE_ITEM = questionnaire((scale("control", ("a",)),))
UNEQUAL = questionnaire(
    (scale("control", ("a",)), scale("followup", ("b",)), scale("demands", ("c", "d")), scale("practices", ("e", "f")))
)
SKIPPED_BY = (0.0, 0.6, 0.25, 0.25, 0.15, 0.0)  # of those who answered, item by item


def laid_out(seed, *, policy=None, by_group=False, instrument=ONE_ITEM, skipped=None, **sizes):
    """A made-up region, its ballots and its publication; `skipped` says by how many each item is left open."""
    region, counts, rng = random_region(seed, **sizes)
    collected = answers(region, counts, instrument=instrument, rng=rng)
    if skipped is not None:
        collected.ratings[rng.random(collected.ratings.shape) < np.array(skipped)] = 255
    publication = published(region, collected, instrument=instrument, policy=policy or Policy(), by_group=by_group)
    return region, collected, publication


def who_answered(region, collected, measure="control", *, instrument=ONE_ITEM):
    """The counts of an attacker who watched the staff room, and the sums that he is after."""
    groups = [group.id for group in instrument.groups]
    scores = scale_scores(instrument, instrument.scale(measure), collected.ratings)
    counts = Counter()
    sums = Counter()
    for unit, group, value in zip(collected.units, collected.groups, scores, strict=True):
        if np.isfinite(value):
            place = int(unit), groups[group] if group < len(groups) else None
            counts[place] += 1
            sums[place] += value
    return {measure: counts}, sums


def truth(target, counts, sums):
    """The real mean of an attacked set."""
    places = [(leaf.unit, leaf.group) for leaf in target.leaves]
    if any(group is None for _, group in places):  # the rest of a unit: whatever is not named beside it
        units = {unit for unit, group in places if group is None}
        named = {(leaf.unit, leaf.group) for leaf in target.leaves}
        places = [place for place in counts if place in named or place[0] in units]
    return sum(sums[place] for place in places) / sum(counts[place] for place in places)


def naive(region, tally, limits, *, by_group=False, within=(), overall=None, placeable=None):
    """The usual rule: print each cell that has enough answers, whatever else is printed."""
    enough = limits.threshold if within else 5
    home = np.array([unit.municipality for unit in region.units])
    municipalities = {one.id: home == one.id for one in region.municipalities}
    by_unit = tally.valid.min(axis=2)
    everybody = np.ones(len(region.units), dtype=bool)
    return PublicationPattern(
        shown=tally.valid.sum(axis=1).min(axis=1) >= enough,
        placement=np.zeros(len(region.units), dtype=bool),
        municipalities={
            name: mask for name, mask in municipalities.items() if tally.fewest_valid_answers(mask) >= enough
        },
        region=everybody,
        groups=tuple(group for group in range(tally.staff_group_count) if by_unit[:, group].sum() >= enough),
        unit_groups=(by_unit >= enough)[:, :-1] & by_group,
    )


def take_the_gate_away(monkeypatch):
    """Print whole numbers by the usual rule, and let nobody try the tables by group before they are frozen."""
    monkeypatch.setattr(families, "decide_pattern", naive)
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    monkeypatch.setattr(
        publication_builder,
        "attack_knowing_exact_counts",
        lambda *_, **__: AttackCheck(sets=0, broken=0, narrowest=None),
    )
