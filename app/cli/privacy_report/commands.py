"""Measurements of the privacy report; data of this installation is neither read nor changed."""

import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
from flask.cli import AppGroup

from app.cli.privacy_report.synthetic_rounds import open_synthetic_round, synthetic_publication
from app.core.disclosure.attack import attack_publication
from app.core.scientific import stats
from app.store.instruments import read_questionnaire_file
from app.vault import boxes, round_keys
from app.web.shared.app_context import settings

group = AppGroup("trust", help="Measure what the promise rests on.")
PEOPLE = 40
VOTES = 30
SLOTS = 40
BIG = 120
BATCHES = 5


@group.command("report")
@click.option("--runs", default=200, show_default=True, help="How many boxes are filled to look for an order.")
@click.option("--communities", default=10, show_default=True, help="Communities in each of ten municipalities.")
def report(runs: int, communities: int) -> None:
    """Print equal bytes, order, the attacker's intervals and run times, measured in a temporary database."""
    questionnaire = settings().surveys / "wellbeing.toml"
    for line in (
        *box_snapshot_comparison_lines(questionnaire),
        *slot_order_correlation_lines(runs),
        *synthetic_publication_attack_lines(questionnaire, communities),
        *submission_time_lines(questionnaire),
    ):
        click.echo(line)


def box_snapshot_comparison_lines(questionnaire: Path) -> Iterator[str]:
    """Copy the box after each of 40 submissions and compare the copies; look for the answers in every file."""
    chance = np.random.default_rng(1)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_synthetic_round(Path(folder), questionnaire, people=PEOPLE) as synthetic_round,
    ):
        answers = [
            [int(item.options[chance.integers(len(item.options))].value) for item in synthetic_round.instrument.items]
            for _ in range(PEOPLE)
        ]
        copies = [synthetic_round.box_bytes()]
        for person, values in enumerate(answers):
            synthetic_round.answer(person, values)
            copies.append(synthetic_round.box_bytes())
        everything = synthetic_round.database_bytes()
    count = sum(bytes(values) in everything or bytes(value - 1 for value in values) in everything for values in answers)
    pairs = [(np.frombuffer(item, np.uint8), np.frombuffer(next_, np.uint8)) for item, next_ in pairwise(copies)]
    share = np.mean([(item == next_).mean() for item, next_ in pairs])
    yield f"copies of a box after each of {PEOPLE} submissions: {len({len(copy) for copy in copies})} length(s)"
    yield f"equal bytes of two copies in a row: {share:.4f} (chance {1 / 256:.4f}, at most 0.01)"
    yield f"answers found in database and log: {count} of {PEOPLE}"


def slot_order_correlation_lines(runs: int) -> Iterator[str]:
    """Yield a report line: the correlation between the order of answering and the order of slots over `runs` boxes."""
    result = [stats.spearmanr(_filled_box(), range(VOTES)).statistic for _ in range(runs)]
    p = 2 * stats.norm.sf(abs(np.mean(result)) * np.sqrt((VOTES - 1) * runs))
    mean = np.mean(result)
    yield f"order of answering and order in the box, {runs} boxes of {VOTES}: correlation {mean:+.4f}, p = {p:.2f}"


def synthetic_publication_attack_lines(questionnaire: Path, communities: int) -> Iterator[str]:
    """Yield report lines: time and result of a disclosure attack on a synthetic region."""
    begun = time.process_time()
    publication = synthetic_publication(
        read_questionnaire_file(questionnaire), seed=1, municipalities=10, communities=communities
    )
    counted = time.process_time() - begun
    begun = time.process_time()
    attack_report = attack_publication(publication, exact=True)
    seconds = time.process_time() - begun
    widths = [target.steps for target in attack_report.targets]
    yield f"count of {10 * communities} communities: {counted:.1f} s"
    broken = len(attack_report.insufficiently_protected_sets)
    yield f"attack on {len(widths)} hidden sets: {broken} broken, {seconds:.1f} s"
    if widths:
        low = np.min(widths)
        middle = np.median(widths)
        yield f"attacker's intervals in steps of an answer: narrowest {low:.2f}, median {middle:.2f}"


def submission_time_lines(questionnaire: Path) -> Iterator[str]:
    """Yield report lines: processor time of a submission, and of its ballot box alone."""
    submission, sealing = measure_submission_and_sealing_ms(questionnaire)
    yield f"submission into a box of {BIG}: {submission:.2f} ms of processor time with code, database and commit"
    yield f"of that, sealing, shuffling and encrypting the box: {sealing:.2f} ms"


def measure_submission_and_sealing_ms(questionnaire: Path) -> tuple[float, float]:
    """Measure a submission into a box of 120, and its box alone, in milliseconds of processor time."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_synthetic_round(Path(folder), questionnaire, people=BIG) as synthetic_round,
    ):
        values = [int(item.options[0].value) for item in synthetic_round.instrument.items]
        people = iter(range(BIG))
        submission = _mean(lambda: synthetic_round.answer(next(people), values), number=100)
    pair = round_keys.draw_keypair()
    key = bytes(32)
    name = boxes.box_label(1, "u", 0)
    blob = boxes.new_box(BIG, key=key, name=name)
    sealing = _mean(
        lambda: boxes.insert_ballots(blob, boxes.seal_ballot(bytes(256), pair.public), key=key, name=name), number=200
    )
    return submission, sealing


def _filled_box() -> list[int]:
    pair = round_keys.draw_keypair()
    key = bytes(32)
    name = boxes.box_label(1, "u", 0)
    blob = boxes.new_box(SLOTS, key=key, name=name)
    for number in range(VOTES):
        blob = boxes.insert_ballots(
            blob, boxes.seal_ballot(bytes((number,)) + bytes(255), pair.public), key=key, name=name
        )
    sealed = boxes.extract_sealed_ballots(blob, key=key, name=name)
    return [ballot[0] for ballot in boxes.open_ballots(sealed, secret_key=pair.secret) if ballot is not None]


def _mean(work: Callable[[], object], *, number: int) -> float:
    """Return milliseconds of processor time: the mean of the batch that other programs disturbed least."""
    batches = []
    for _ in range(BATCHES):
        begun = time.process_time()
        for _ in range(number // BATCHES):
            work()
        batches.append(1000 * (time.process_time() - begun) / (number // BATCHES))
    return min(batches)
