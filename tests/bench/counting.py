"""Cost of a count from sealed boxes to the certificate, compared with libsodium's time to open the ballots alone."""

import secrets
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from nacl import bindings
from nacl.public import PrivateKey
from sqlalchemy.orm import Session

from app.core.ballots import Ballot, ballot_size, encode
from app.core.disclosure.policy import Policy
from app.core.organisations import Municipality, Region, ReportingUnit
from app.services import counting, rounds
from app.services.counting import CountStage
from app.store import boxes, invitations
from app.store import rounds as store
from app.store.boxes import BoxKey
from app.store.database import standalone_engine
from app.store.instruments import read_file
from app.store.invitations import Invitation
from app.vault import boxes as vault
from app.vault import round_keys
from tests.bench.measuring import Figure, apart, processor
from tests.bench.worlds import SURVEY
from tests.databases import lay_out

COUNTRY = (3_500, 300, 130_000)
MUNICIPALITY = (300, 8, 12_000)
PAPER = 5_000_000
SECRET = b"the secret of a made-up installation"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
POOL = 1_000
MOST_MEGABYTES = 1_000
LIMITS = """
Opening is libsodium's time: each ballot costs the same call as in the floor, and hardly more around it, as the count
makes that call without PyNaCl's checks and buffer for each ballot. Of the additional time half is computation (a
hundred thousand figures a column at a time, sums, reliability and agreement), a quarter is writing them as JSON and
storing that, a tenth is erasing a code for each invited person, and the rest is reading the boxes and writing to the
disk, including erased pages filled with zeros. On SQLite the index of codes is dropped and recreated while most of
them are erased; the remaining cost of erasing is mostly the check of the foreign key to the round, which stays. The
smaller count also includes one-time costs of a process: reading the questionnaire and preparing the statements. On a
shared machine all this grows more than libsodium's time does, because it reads memory and libsodium does not. Five
million in one process would need too much memory: they would have to be counted in parts by several processes, where
disclosure control, which reads the whole region, gets the sums of the parts; that is planned, not built.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Count a region and a country, each in a process of its own, and draw the line to five millions."""
    small, large = ((4, 1, 60), (12, 2, 240)) if tiny else (MUNICIPALITY, COUNTRY)
    found = []
    costs = []
    for size, turns in ((small, 1 if tiny else 5), (large, 1 if tiny else 3)):
        seconds, floor, megabytes, told = _counted(*size, turns=turns)
        costs.append((size[2], seconds, megabytes))
        what = f"{size[2]:,} ballots of {size[0]:,} communities"
        found += [
            Figure(f"count of {what}, progress told {told:,} times", seconds, "s", floor, most_times=1.5),
            Figure(f"most memory of the count of {what}", megabytes, "MB", most=MOST_MEGABYTES),
        ]
    return [*found, *_on_paper(*costs)]


def _on_paper(small, large) -> list[Figure]:
    def line(place):
        slope = (large[place] - small[place]) / (large[0] - small[0])
        return large[place] + slope * (PAPER - large[0])

    return [
        Figure(f"on paper: count of {PAPER:,} ballots, by the slope of the two", line(1) / 3600, "h"),
        Figure(f"on paper: memory for {PAPER:,} ballots in one process", line(2) / 1000, "GB"),
    ]


def _counted(communities, municipalities, ballots, *, turns):
    """Return processor seconds of the count and of its floor, most megabytes, and how often progress was told."""
    with tempfile.TemporaryDirectory() as folder:
        laid = Path(folder) / "laid"
        sealed, secret_key = lay_out_round(laid, communities, municipalities, ballots)
        counts = []
        floors = []
        for turn in range(turns):
            copied = shutil.copytree(laid, Path(folder) / str(turn))
            floors.append(processor(lambda: _open(sealed, secret_key)))
            counts.append(apart(count_round, copied))
            floors.append(processor(lambda: _open(sealed, secret_key)))
    best = min(counts, key=lambda cost: cost.seconds)
    counted, told = best.result
    assert counted == ballots, "every ballot was counted"
    return best.seconds, min(floors), best.megabytes, told


def _open(sealed, secret_key):
    public_key = bytes(PrivateKey(secret_key).public_key)
    for ballot in sealed:
        bindings.crypto_box_seal_open(ballot, public_key, secret_key)


def count_round(folder):
    """Count the round in a folder; return how many ballots there were and how often progress was told."""
    engine = standalone_engine(f"sqlite:///{folder}/made-up.db")
    told = []
    with Session(engine) as session:
        made = counting.count_round(
            session, 1, policy=Policy(), secret=SECRET, now=NOON + timedelta(days=2), keys=folder / "keys",
            progress=lambda stage, number: told.append((stage, number)),
        )  # fmt: skip
        session.commit()
    engine.dispose()
    assert told[-1][0] is CountStage.CERTIFIED, "the count came to its end"
    return made.counted, len(told)


def lay_out_round(folder, communities, municipalities, ballots):
    """Lay out a closed round whose boxes are filled; return its sealed ballots and the key that opens them."""
    (folder / "keys").mkdir(parents=True)
    url = f"sqlite:///{folder}/made-up.db"
    chance = np.random.default_rng(1)
    lay_out(url)
    engine = standalone_engine(url)
    instrument = read_file(SURVEY)
    groups = [group.id for group in instrument.groups]
    invited = dict(zip(groups, (-(-14 * ballots // communities // 10), 6, 4, 2, 2), strict=False))
    units = tuple(
        ReportingUnit(f"u{n}", f"U{n}", f"m{n % municipalities}", (f"u{n}",), invited) for n in range(communities)
    )
    region = Region("r", "R", tuple(Municipality(f"m{n}", f"M{n}") for n in range(municipalities)), units)
    with Session(engine) as session:
        number = rounds.plan_round(
            session, title="Made up", instrument=instrument, source=SURVEY.read_text(encoding="utf-8"),
            opens_at=NOON, closes_at=NOON + timedelta(days=1),
        )  # fmt: skip
        rounds.open_round(session, number, now=NOON, secret=SECRET, keys=folder / "keys", region=region)
        sealed = _fill(session, number, units, ballots, instrument, chance)
        rounds.close(session, number, now=NOON + timedelta(hours=1))
        secret_key = round_keys.load_key_file(folder / "keys", number, public_key=store.public_key(session, number))
        session.commit()
    engine.dispose()
    return sealed, secret_key


def _fill(session, number, units, ballots, instrument, chance):
    """Put the ballots into the boxes, whole boxes at a time, and spend as many codes."""
    public_key = store.public_key(session, number)
    key = vault.box_key(SECRET, store.box_salt(session, number))
    size = ballot_size(len(instrument.items))
    pool = [vault.seal(encode(_ballot(instrument, chance), size=size), public_key) for _ in range(min(POOL, ballots))]
    shares = np.full(len(units), ballots // len(units))
    shares[: ballots % len(units)] += 1
    sealed = []
    for box in list(boxes.iterate_boxes(session, number)):
        name = vault.box_label(number, box.unit_id, box.number)
        content = vault._slots(box.blob, key=key, name=name, size=size)
        place = int(box.unit_id[1:])
        mine = [pool[chosen] for chosen in chance.integers(0, len(pool), min(shares[place], len(content)))]
        shares[place] -= len(mine)
        for slot, ballot in enumerate(mine):
            content[slot] = np.frombuffer(b"\1" + ballot, np.uint8)
        sealed += mine
        filled = vault._encrypt(content[vault.random_order(len(content))], key=key, name=name)
        boxes.replace_boxes(session, {BoxKey(number, box.unit_id, box.number): filled})
    codes = [Invitation(secrets.token_bytes(32), unit.id, 0, "slip") for unit in units for _ in range(unit.size)]
    invitations.add(session, number, codes)
    return sealed


def _ballot(instrument, chance):
    mood = chance.uniform(1, 3)
    ratings = [
        int(np.clip(np.rint(chance.normal(mood, 1.1)), 0, len(item.options) - 1)) if chance.random() < 0.95 else 255
        for item in instrument.items
    ]
    return Ballot(instrument.digest, tuple(ratings), int(chance.choice([0, 0, 0, 1, 2, 255])))
