"""Distribute the boxes of a round over processes that return sums; a unit is never split.

If a process ends early (killed, out of memory), the count stops with an error before anything was written.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

from app.core.instruments import Instrument
from app.core.rounds import RoundError, RoundFault
from app.vault.box_sums import OpeningKeys, SummedUnits, UnitBoxes, sum_boxes
from app.vault.boxes import InvalidBox

UnitBatch = Sequence[UnitBoxes]
SLOTS_PER_BATCH = 8192
SLOTS_PER_PROCESS = 16384  # fewer are counted faster than a process starts
MOST_PROCESSES = 8
_PROJECT = Path(__file__).resolve().parents[3]
_WORKER = "app.vault.box_sums_worker"


def choose_process_count(slots: int) -> int:
    """Return the number of processes for boxes with this many slots; 0 to count in this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    useful = min(cores, MOST_PROCESSES, slots // SLOTS_PER_PROCESS)
    return useful if useful > 1 else 0


def batches(units: Iterable[UnitBoxes]) -> Iterator[UnitBatch]:
    """Yield whole units in batches of at least SLOTS_PER_BATCH slots; the last may have fewer."""
    batch: list[UnitBoxes] = []
    slots = 0
    for unit in units:
        batch.append(unit)
        slots += sum(box.slots for box in unit.boxes)
        if slots >= SLOTS_PER_BATCH:
            yield batch
            batch = []
            slots = 0
    if batch:
        yield batch


def sum_in_processes(
    units: Iterable[UnitBoxes], instrument: Instrument, keys: OpeningKeys, *, processes: int
) -> Generator[tuple[UnitBatch, SummedUnits]]:
    """Yield each batch of units with the sums over its ballots; 0 processes: opened in this one.

    Raises InvalidBox, and RoundError if a process ended early.
    """
    if not processes:
        for batch in batches(units):
            yield batch, sum_boxes(batch, instrument, keys)
        return
    with _started(processes, instrument, keys) as workers:
        # Each process has one batch at work while the next is read, and each is asked in its turn: no process can
        # wait for a reader that waits for it.
        for worker, batch in zip(cycle(workers), batches(units), strict=False):
            if worker.batch is not None:
                yield worker.finish()
            worker.begin(batch)
        for worker in workers:
            if worker.batch is not None:
                yield worker.finish()


class _Worker:
    """A process that opens boxes, and the batch that it works on."""

    def __init__(self, instrument: Instrument, keys: OpeningKeys) -> None:
        # A small environment: settings with passwords stay here. One thread: each process has a core of its own.
        environment = {"PYTHONPATH": str(_PROJECT), "PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(  # noqa: S603 - our own module; keys and boxes go through its standard input
            [sys.executable, "-m", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_PROJECT,
            env=environment,
        )
        self.batch: UnitBatch | None = None
        self._send((instrument, keys))

    def begin(self, batch: UnitBatch) -> None:
        """Start the work on a batch."""
        self.batch = batch
        self._send(batch)

    def finish(self) -> tuple[UnitBatch, SummedUnits]:
        """Wait for the sums of the batch at work; raises InvalidBox and RoundError."""
        assert self.batch is not None
        batch = self.batch
        self.batch = None
        assert self.process.stdout is not None
        try:
            result = pickle.load(self.process.stdout)  # noqa: S301 - the other end is a process that was started here
        except (EOFError, pickle.UnpicklingError) as ended:
            raise RoundError(RoundFault.COUNT_INTERRUPTED) from ended
        if isinstance(result, str):
            raise InvalidBox(result)
        assert isinstance(result, SummedUnits)
        return batch, result

    def stop(self) -> None:
        """End the process; its memory held ballots and the key."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self.process.wait()

    def _send(self, content: object) -> None:
        assert self.process.stdin is not None
        try:
            pickle.dump(content, self.process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()
        except BrokenPipeError as ended:
            raise RoundError(RoundFault.COUNT_INTERRUPTED) from ended


@contextmanager
def _started(processes: int, instrument: Instrument, keys: OpeningKeys) -> Iterator[list[_Worker]]:
    workers: list[_Worker] = []
    try:
        workers.extend(_Worker(instrument, keys) for _ in range(processes))
        yield workers
    finally:
        for worker in workers:
            worker.stop()
