"""Counted rounds of a made-up region, with communities of every size that a page must serve."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from app.core.counting import OpenedBallots, build_publication, sum_ballots
from app.core.disclosure.policy import Policy
from app.core.instruments import parse
from app.core.organisations import Community, CommunityKind, Municipality, Region, ReportingUnit
from app.core.rounds import KeyMode, Round, RoundId, RoundKind, RoundState
from app.store import instruments, organisations, publications, rounds

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SOURCE = (Path(__file__).parent.parent / "surveys" / "wellbeing.toml").read_text(encoding="utf-8")
WELLBEING = parse(SOURCE, name="wellbeing")
# What each community is invited and answers; "pine" is the community of 30 with 22 answers.
SIZES = {"pine": (30, 22), "fir": (18, 12), "small": (8, 6), "tiny": (4, 3), "full": (24, 24)}
NAMES = {
    "pine": "Mäntykallion koulu",
    "fir": "Kuusilahden päiväkoti",
    "small": "Pikkurannan koulu",
    "tiny": "Saaren koulu",
}


def region(others: int = 12) -> tuple[Region, dict[str, int]]:
    """Return a region of two municipalities, and how many answer in each unit."""
    sizes = dict(SIZES) | {f"other-{n}": (15 + 5 * (n % 9), 12 + 4 * (n % 9)) for n in range(others)}
    units = tuple(
        ReportingUnit(
            name,
            NAMES.get(name, name.title()),
            "north" if index % 2 else "south",
            (name,),
            {"teachers": invited},
            kind=CommunityKind.EARLY_CHILDHOOD if name == "fir" else CommunityKind.SCHOOL,
        )
        for index, (name, (invited, _)) in enumerate(sizes.items())
    )
    towns = (Municipality("north", "Pohjanlahti"), Municipality("south", "Etelänkylä"))
    return Region("region", "Kuvitteinen seutu", towns, units), {name: n for name, (_, n) in sizes.items()}


def answers(area, counts, *, seed, lift=0.0, moods=None, instrument=WELLBEING):
    """Answer at random; `lift` raises every option, `moods` those of single units."""
    chance = np.random.default_rng(seed)
    own = np.random.default_rng(7).normal(0, 0.35, len(area.units))
    ratings = []
    units = []
    for index, unit in enumerate(area.units):
        n = counts.get(unit.id, 0)
        person = chance.normal(0, 0.7, (n, 1))
        middle = 2.4 + lift + own[index] + (moods or {}).get(unit.id, 0.0)
        ratings.append(np.clip(np.rint(chance.normal(middle, 0.8, (n, len(instrument.items))) + person), 0, 4))
        units += [index] * n
    return OpenedBallots(
        np.array(units, np.int32), np.full(len(units), 255, np.uint8), np.concatenate(ratings).astype(np.uint8)
    )


def made(
    number=1,
    *,
    title="Autumn 2026",
    lift=0.0,
    moods=None,
    earlier=(),
    instrument=WELLBEING,
    others=12,
    days=0,
    kind=RoundKind.SURVEY,
    only=None,
    silent=(),
):
    """Count one round of the made-up region, or of the communities `only`; of `silent` ones nobody answers."""
    area, counts = region(others)
    area = area.restricted_to(only)
    counts = {name: 0 if name in silent else number for name, number in counts.items()}
    at = NOON + timedelta(days=days)
    one = Round(
        RoundId(number),
        title,
        kind,
        RoundState.CLOSED,
        instrument.id,
        instrument.digest,
        KeyMode.AUTOMATIC,
        at - timedelta(days=14),
        at,
        area,
    )
    ballots = answers(area, counts, seed=number, lift=lift, moods=moods, instrument=instrument)
    return build_publication(
        sum_ballots(ballots, area, instrument),
        round=one,
        instrument=instrument,
        policy=Policy(),
        earlier=earlier,
        counted_at=at,
        issued=sum(unit.invited_count for unit in area.units),
    )


def store(session, publication, *, released=True, instrument=WELLBEING, source=SOURCE):
    """Put a publication, its round and its questionnaire into the database; return it under its number."""
    instruments.store_source(session, instrument, source)
    units = publication.region.units
    organisations.upsert(
        session,
        region=(publication.region.id, publication.region.name),
        municipalities=list(publication.region.municipalities),
        communities=[Community(one.id, one.name, one.municipality, CommunityKind.SCHOOL, one.invited) for one in units],
    )
    draft = Round(
        RoundId(0),
        publication.title,
        publication.kind,
        RoundState.DRAFT,
        publication.instrument,
        publication.instrument_digest,
        KeyMode.AUTOMATIC,
        NOON,
        NOON,
        None,
        title_translations=publication.title_translations,
    )
    number = rounds.add(session, draft)
    publication = replace(publication, round=number)
    publications.add(session, publication)
    if released:
        publications.set_released_and_store_summary(session, number, now=NOON)
    session.commit()
    return publication


def release_round(session, publication):
    """Give the stored round of a publication the boundaries and the state of a released one."""
    rounds.store_boundaries_and_keys(
        session, publication.round, region=publication.region, public_key=bytes(32), box_salt=bytes(16)
    )
    assert rounds.try_change_state(session, publication.round, before=RoundState.DRAFT, after=RoundState.RELEASED)
    session.commit()


def alike(publication):
    """The publication with every community at the region's means, and no evidence that any differs."""
    regions = {figure.measure: figure for figure in publication.scale_figures_in(publication.region_cell)}

    def moved(figure):
        mean = regions[figure.measure].mean
        if figure.mean is None or figure.cell == publication.region_cell:
            return figure
        return replace(figure, mean=mean, interval=(mean - 5, mean + 5), interval_conditions=(mean - 9, mean + 9))

    quality = tuple(replace(one, communities_differ=False, between_variance=0.0) for one in publication.quality)
    return replace(publication, figures=tuple(map(moved, publication.figures)), quality=quality)
