"""Cost of a count from sealed boxes to the certificate, compared with libsodium's time to open the ballots alone."""

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
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
from app.services.counting.box_processes import choose_process_count
from app.store import boxes, invitations
from app.store import rounds as store
from app.store.boxes import BoxPrimaryKey
from app.store.database import standalone_engine
from app.store.instruments import read_questionnaire_file
from app.store.invitations import Invitation
from app.vault import boxes as vault
from app.vault import round_keys
from tests.bench.measuring import Figure, apart, most_megabytes, processor
from tests.bench.worlds import SURVEY
from tests.databases import lay_out

MUNICIPALITY = (300, 8, 12_000)
COUNTRY = (3_500, 300, 130_000)
# As many communities, ten times the ballots: what grows then grows with ballots.
FULL_COUNTRY = (3_500, 300, 1_300_000)
PAPER = 5_000_000
SECRET = b"the secret of a made-up installation"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
POOL = 1_000
MOST_MEGABYTES = 1_000
MOST_OF_A_PROCESS = 200
LIMITS = """
Opening is libsodium's time: each ballot costs the same call as in the floor, and hardly more around it, as the count
makes that call without PyNaCl's checks and buffer for each ballot. Boxes are shared out over as many processes as there
are cores (eight at most), a community is never split, and only the sums of a community leave its process; so the time
is shared by the cores, while the table counts that of all processes. Starting a process costs half a second of
processor time, which is why a round of a few thousand people is opened in the process that counts. Of the additional
time half is computation (a hundred thousand figures a column at a time, reliability and agreement), a quarter is
writing them as JSON and storing that, a tenth is erasing a code for each invited person, and the rest is reading the
boxes and writing to the disk, including erased pages filled with zeros. On SQLite the index of codes is dropped and
recreated while most of them are erased; the remaining cost of erasing is mostly the check of the foreign key to the
round, which stays. Memory is that of the sums and of the publication: both grow with the number of communities (a
tenth of a megabyte each), and not with the number of ballots. The two smaller counts took this long on a machine with
many other programs at work, whose caches they share; the largest one is nearly all libsodium.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Count a region, a country and ten times its ballots, and draw the line of the last two to five millions."""
    sizes = ((4, 1, 60), (12, 2, 240), (12, 2, 480)) if tiny else (MUNICIPALITY, COUNTRY, FULL_COUNTRY)
    found = []
    costs = []
    for size, turns in zip(sizes, (1, 1, 1) if tiny else (5, 3, 1), strict=True):
        counted, floor = _counted(*size, turns=turns)
        costs.append((size[2], counted))
        what = f"{size[2]:,} ballots of {size[0]:,} communities"
        found += [
            Figure(
                f"count of {what}, progress told {counted.told:,} times", counted.seconds, "s", floor, most_times=1.5
            ),
            Figure(f"most memory of the count of {what}", counted.megabytes, "MB", most=MOST_MEGABYTES),
        ]
        if counted.of_each_process:  # else the boxes were opened in the process that counts
            each = counted.of_each_process
            found.append(Figure("of it each process that opens boxes", each, "MB", most=MOST_OF_A_PROCESS))
    # Two counts of a few hundred ballots differ by chance alone: they have no slope.
    return found if tiny else [*found, *extrapolate(*costs[1:])]


def extrapolate(small: tuple[int, "_Counted"], large: tuple[int, "_Counted"]) -> list[Figure]:
    """Draw the line of two counts, each with its ballots, to five millions."""

    def line(cost):
        slope = (cost(large[1]) - cost(small[1])) / (large[0] - small[0])
        return cost(large[1]) + slope * (PAPER - large[0])

    return [
        Figure(
            f"on paper: count of {PAPER:,} ballots, by the slope of the last two",
            line(lambda cost: cost.seconds) / 3600,
            "h",
        ),
        Figure(
            f"on paper: memory for {PAPER:,} ballots",
            line(lambda cost: cost.megabytes),
            "MB",
            most=MOST_MEGABYTES,
        ),
    ]


@dataclass(frozen=True)
class _Counted:
    """Processor seconds of a count, most megabytes of all its processes, and how often progress was told."""

    seconds: float
    megabytes: float
    of_each_process: float
    told: int


def _counted(communities, municipalities, ballots, *, turns):
    """Return the cheapest count, and the processor seconds of its floor."""
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
    counted, told, own, each, processes = best.result
    assert counted == ballots, "every ballot was counted"
    return _Counted(best.seconds, own + processes * each, each, told), min(floors)


def _open(sealed, secret_key):
    public_key = bytes(PrivateKey(secret_key).public_key)
    for ballot in sealed:
        bindings.crypto_box_seal_open(ballot, public_key, secret_key)


def count_round(folder):
    """Count the round in a folder, in a process of its own.

    Return how many ballots there were, how often progress was told, the most megabytes of this process and of each
    process that opened boxes, and the number of these.
    """
    engine = standalone_engine(f"sqlite:///{folder}/made-up.db")
    told = []
    each = 0.0

    def note(stage, number):
        nonlocal each
        told.append((stage, number))
        if stage is CountStage.OPENED and number % 100 == 0:
            each = max([each, *map(most_megabytes, child_processes(os.getpid()))])

    with Session(engine) as session:
        made = counting.count_round(
            session, 1, policy=Policy(), secret=SECRET, now=NOON + timedelta(days=2), keys=folder / "keys",
            progress=note,
        )  # fmt: skip
        session.commit()
    engine.dispose()
    assert told[-1][0] is CountStage.CERTIFIED, "the count came to its end"
    own = most_megabytes("self")
    return made.counted, len(told), own, each, choose_process_count(made.invited)


def child_processes(process):
    """Return the child processes of a process."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for threads in listed for child in threads.read_text(encoding="ascii").split()]


def lay_out_round(folder, communities, municipalities, ballots):
    """Lay out a closed round whose boxes are filled; return its sealed ballots and the key that opens them."""
    (folder / "keys").mkdir(parents=True)
    url = f"sqlite:///{folder}/made-up.db"
    chance = np.random.default_rng(1)
    lay_out(url)
    engine = standalone_engine(url)
    instrument = read_questionnaire_file(SURVEY)
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
    pool = [
        vault.seal_ballot(encode(_ballot(instrument, chance), size=size), public_key) for _ in range(min(POOL, ballots))
    ]
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
        filled = vault._encrypt(content[vault.random_permutation(len(content))], key=key, name=name)
        boxes.replace_boxes(session, {BoxPrimaryKey(number, box.unit_id, box.number): filled})
    codes = [
        Invitation(secrets.token_bytes(32), unit.id, 0, "slip") for unit in units for _ in range(unit.invited_count)
    ]
    invitations.add(session, number, codes)
    return sealed


def _ballot(instrument, chance):
    mood = chance.uniform(1, 3)
    ratings = [
        int(np.clip(np.rint(chance.normal(mood, 1.1)), 0, len(item.options) - 1)) if chance.random() < 0.95 else 255
        for item in instrument.items
    ]
    return Ballot(instrument.digest, tuple(ratings), int(chance.choice([0, 0, 0, 1, 2, 255])))
