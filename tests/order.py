"""Which tests run, and in which order: long files first where several processes share them, shuffled by a seed."""

import os
import secrets
import time
from itertools import groupby
from random import Random
from typing import Any

import pytest

LONG = ("browser", "hosts", "upgrade", "attacks", "bench")
SEEDS = 10**6
SEED = pytest.StashKey[int | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--seed` and `--until`."""
    parser.addoption(
        "--seed",
        metavar="NUMBER",
        help="shuffle files, and tests within a file; `new` draws a number, which the run names at its start and end",
    )

    parser.addoption(
        "--until",
        metavar="SECONDS",
        type=float,
        default=float("inf"),
        help="skip tests that would start after this moment, in seconds since 1970; the run says how many",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test for which no time is left: a run that is broken off would tell nothing of the others."""
    if time.time() > item.config.getoption("--until"):
        pytest.skip("no time was left for it in this run")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed once; processes that share the tests are told the same."""
    word = config.getoption("--seed")
    if hasattr(config, "workerinput"):
        config.stash[SEED] = config.workerinput["seed"]
    elif word == "new":
        config.stash[SEED] = secrets.randbelow(SEEDS)
    else:
        config.stash[SEED] = None if word is None else int(word)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process that shares the tests in which order they are."""
    node.workerinput["seed"] = node.config.stash[SEED]


def pytest_report_header(config: pytest.Config) -> str:
    """Name the seed, so that the very same order can be run again."""
    seed = config.stash[SEED]
    return "order: as in the files" if seed is None else f"order: shuffled; the same again with --seed {seed}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the seed once more beside what failed."""
    if config.stash[SEED] is not None:
        terminalreporter.write_line(pytest_report_header(config))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests in the order of this run; leave out those whose answers of real people are not here."""
    if not os.environ.get("REAL_ANSWERS"):
        absent = [item for item in items if item.get_closest_marker("real_answers")]
        items[:] = [item for item in items if not item.get_closest_marker("real_answers")]
        config.hook.pytest_deselected(items=absent)
    seed = config.stash[SEED]
    if seed is not None:
        items[:] = shuffled(items, seed)
    if hasattr(config, "workerinput"):  # else one process is left with a long file when the others have ended
        items.sort(key=lambda item: LONG.index(item.path.parent.name) if item.path.parent.name in LONG else len(LONG))


def shuffled(items: list[pytest.Item], seed: int) -> list[pytest.Item]:
    """Return the items with their files, and the tests of each file, in an order that `seed` alone decides.

    A file stays together: its tests share what is costly to make.
    """
    chance = Random(seed)
    by_file = [list(several) for _path, several in groupby(items, key=lambda item: item.path)]
    chance.shuffle(by_file)
    for several in by_file:
        chance.shuffle(several)
    return [item for several in by_file for item in several]
