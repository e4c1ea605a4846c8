"""How much processor time a count of 130,000 ballots takes: `python -m tests.bench.counting`."""

import resource
import time

import numpy as np

from app.core.counting import Collected
from app.core.publication import from_json, to_json
from tests.core.made_up_region import published, questionnaire, region_of, scale

BALLOTS, UNITS, MUNICIPALITIES = 130_000, 3_500, 300
SCALES = ("control", "demands", "resources", "practices", "leadership", "wellbeing", "followup")


def timed(what, work):
    """Print the processor time of one piece of work and return its result."""
    start = time.process_time()
    result = work()
    print(f"{what}: {time.process_time() - start:.1f} s")
    return result


def main():
    """Count a made-up country twice, the second time with trends."""
    rng = np.random.default_rng(1)
    sizes = {}
    for unit in range(UNITS):
        sizes.setdefault(f"m{unit % MUNICIPALITIES}", {})[f"u{unit}"] = {"teacher": 36, "assistant": 12, "other": 6}
    region = region_of(sizes)
    instrument = questionnaire([scale(name, [f"{name}{item}" for item in range(4)]) for name in SCALES])
    collected = Collected(
        rng.integers(0, UNITS, BALLOTS).astype(np.int32),
        rng.choice([0, 1, 2, 255], BALLOTS, p=[0.6, 0.2, 0.1, 0.1]).astype(np.uint8),
        rng.choice([0, 1, 2, 3, 4, 255], (BALLOTS, 28), p=[0.1, 0.2, 0.3, 0.2, 0.15, 0.05]).astype(np.uint8),
    )
    first = timed("count", lambda: published(region, collected, instrument=instrument))
    text = timed("write", lambda: to_json(first))
    timed("read", lambda: from_json(text))
    timed("count with trends", lambda: published(region, collected, instrument=instrument, earlier=(first,), id=2))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(text) / 1e6:.0f} MB of JSON, {memory:.0f} MB of memory")


if __name__ == "__main__":
    main()
