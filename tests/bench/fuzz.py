"""Files damaged at random: how many were read without an error of the program, and the worst time and memory of one."""

import random
import resource
import tempfile
import time
from pathlib import Path

from app.config import load_settings
from app.factory import create_app
from tests.bench.measuring import Figure
from tests.fuzzing import KINDS

FILES = 40_000
LIMITS = """
Workbooks, CSV files, LimeSurvey structures, reports of returned mail and pages that respondents send, each damaged at
random: bytes taken out, doubled, moved or put in. Every file must be read, or refused with a place and a cause; the
benchmark ends with an error at the first that is not. The memory is by how much the process grew over all files.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Read the damaged files of every kind; the seeds are fixed, so that a run can be repeated."""
    each = 20 if tiny else FILES
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({}, instance=Path(folder) / "instance"))
        with app.app_context(), app.test_request_context("/"):
            for read in KINDS.values():
                read(random.Random(0))  # imports what is imported at first use
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            slowest = {kind: _slowest(kind, each) for kind in KINDS}
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [
        Figure("damaged files that were read or refused", each * len(KINDS), "files"),
        *(Figure(f"slowest of {each:,} damaged {kind}", seconds, "s", most=2) for kind, seconds in slowest.items()),
        Figure("growth of the process over all of them", max(grown, 0.1), "MB", most=200),
    ]


def _slowest(kind: str, each: int) -> float:
    """Return the longest processor time of one file."""
    chance = random.Random(f"bench {kind} {each}")
    longest = 0.0
    for number in range(each):
        state = chance.getstate()
        began = time.process_time()
        try:
            KINDS[kind](chance)
        except Exception as error:
            error.add_note(f"file {number} of {kind}; the state of its chance begins with {state[1][:3]}")
            raise
        longest = max(longest, time.process_time() - began)
    return longest
