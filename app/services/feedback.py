"""A person's own feedback, worked out from answers that are in the request and nowhere else."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.core.feedback import Keepsake, Profile, profile
from app.core.instruments import Instrument, comparable_scales
from app.core.publication import Publication, State
from app.store import publications
from app.store.instruments import InstrumentUnknown, kept


def own_profile(
    session: Session, instrument: Instrument, positions: Mapping[str, int], *, earlier: Keepsake | None = None
) -> Profile:
    """Return the profile of one person's answers beside the last released result of the region.

    `positions` maps an item's id to the position of the chosen option, from 0. Nothing is stored.
    """
    latest = publications.latest(session)
    region = {} if latest is None else _region(session, latest, instrument)
    before = {} if earlier is None else _continuing(session, earlier.digest, instrument, earlier.scores)
    return profile(instrument, positions, region=region, earlier=before)


def _region(session: Session, latest: Publication, instrument: Instrument) -> dict[str, float]:
    figures = [latest.figure(latest.region_cell, scale.id) for scale in instrument.scales]
    means = {one.measure: one.mean for one in figures if one and one.state is State.SHOWN and one.mean is not None}
    return _continuing(session, latest.instrument_digest, instrument, means)


def _continuing(session: Session, digest: str, instrument: Instrument, values: Mapping[str, float]) -> dict[str, float]:
    """Keep the values of those scales that ask the very same questions as `instrument` does."""
    try:
        earlier = kept(session, digest)
    except InstrumentUnknown:
        return {}
    return {name: values[name] for name in comparable_scales(earlier, instrument) if name in values}
