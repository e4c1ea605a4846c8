"""Worker process of a count: reads boxes from standard input, writes sums to standard output.

`app.services.counting.box_processes` starts it with `python -m app.vault.box_sums_worker`. It ends when its standard
input ends: when the count is finished, and also when the process that counts is killed. Ballots and keys are in its
memory only; it opens no file and no database.
"""

import pickle
import sys
from contextlib import suppress
from typing import BinaryIO

from app.core.instruments import Instrument
from app.vault.box_sums import OpeningKeys, sum_boxes
from app.vault.boxes import InvalidBox
from app.vault.memory import protect_memory


def serve(requests: BinaryIO, results: BinaryIO) -> None:
    """Answer every list of `UnitBoxes` with `SummedUnits`, or with the text of an InvalidBox.

    The first request is the questionnaire with the keys.
    """
    instrument, keys = _load(requests)
    assert isinstance(instrument, Instrument)
    assert isinstance(keys, OpeningKeys)
    while True:
        units = _load(requests)
        try:
            summed: object = sum_boxes(units, instrument, keys)
        except InvalidBox as damaged:
            summed = str(damaged)
        pickle.dump(summed, results, protocol=pickle.HIGHEST_PROTOCOL)
        results.flush()


def _load(requests: BinaryIO):  # type: ignore[no-untyped-def]  # noqa: ANN202 - whatever the parent process sends
    return pickle.load(requests)  # noqa: S301 - the other end is the process that started this one


if __name__ == "__main__":
    protect_memory()
    # The count is over, or the process that counts has ended.
    with suppress(EOFError, BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
