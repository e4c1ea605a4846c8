"""Files that were damaged at random: each is read, or refused with a place and a cause; nothing else happens.

The seeds are fixed, so that every run tries the same files; `./run bench fuzz` tries many more.
"""

import random

import pytest

from tests.fuzzing import KINDS

EACH = 400


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_damaged_files_are_read_or_refused(app, kind, seed):
    chance = random.Random(f"{kind} {seed}")
    with app.test_request_context("/"):
        for _ in range(EACH // 2):
            KINDS[kind](chance)
