"""Decrypt the boxes of whole units and sum their ballots; ballots are discarded unit by unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from app.core.ballots import decode_batch
from app.core.counting import BallotSums, OpenedBallots, sum_ballots_of_units
from app.core.instruments import Instrument
from app.vault import boxes as vault


@dataclass(frozen=True, slots=True)
class SealedBox:
    """One box of a unit: its number, its slots, and its encrypted content."""

    number: int
    slots: int
    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnitBoxes:
    """All boxes of one unit: a unit is never split, so that its sums are those of all its people."""

    unit_id: str
    is_first_survey: bool
    boxes: tuple[SealedBox, ...]


@dataclass(frozen=True, slots=True)
class OpeningKeys:
    """What opens the boxes of a round and its ballots."""

    round_id: int
    box_key: bytes = field(repr=False)
    secret_key: bytes = field(repr=False)
    public_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class SummedUnits:
    """The sums over the ballots of some units, in their order, and how many ballots could not be read."""

    sums: BallotSums
    unreadable: int


def sum_boxes(units: Sequence[UnitBoxes], instrument: Instrument, keys: OpeningKeys) -> SummedUnits:
    """Open the boxes of some units and return the sums over their ballots; raises InvalidBox."""
    opened: list[bytes] = []
    rows: list[int] = []
    unopened = 0
    for row, unit in enumerate(units):
        for box in unit.boxes:
            ballots = _open_box(unit.unit_id, box, keys)
            readable = [ballot for ballot in ballots if ballot is not None]
            unopened += len(ballots) - len(readable)
            opened += readable
            rows += [row] * len(readable)
    batch = decode_batch(
        opened,
        instrument_digest=instrument.digest,
        options=[len(item.options) for item in instrument.items],
        groups=len(instrument.groups),
    )
    of_units = np.asarray(rows, dtype=np.int32)[batch.readable_inputs]
    sums = sum_ballots_of_units(
        OpenedBallots(units=of_units, groups=batch.groups, ratings=batch.ratings),
        instrument,
        first_surveys=[unit.is_first_survey for unit in units],
    )
    return SummedUnits(sums, unopened + len(opened) - len(of_units))


def _open_box(unit_id: str, box: SealedBox, keys: OpeningKeys) -> list[bytes | None]:
    size = vault.ballot_size_from_blob(box.blob, slots=box.slots)
    name = vault.box_label(keys.round_id, unit_id, box.number)
    sealed = vault.extract_sealed_ballots(box.blob, key=keys.box_key, name=name, size=size)
    return list(vault.open_ballots(sealed, secret_key=keys.secret_key, public_key=keys.public_key))
