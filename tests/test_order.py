"""The plugins of the test run itself: the shuffled order, and the guard over what tests share."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.config import ROOT
from tests.order import shuffled
from tests.shared_state import differences


def items(*names):
    return [SimpleNamespace(path=Path(name[0]), name=name) for name in names]


def test_a_seed_decides_the_order_alone_and_files_stay_together():
    listed = items(*(f"{file}{number}" for file in "abcdef" for number in range(5)))
    orders = {seed: [one.name for one in shuffled(listed, seed)] for seed in (1, 2)}
    assert orders[1] == [one.name for one in shuffled(listed, 1)]
    assert orders[1] != orders[2]
    for order in orders.values():
        assert sorted(order) == [one.name for one in listed]
        files = [name[0] for name in order]
        assert all(files[place : place + 5] == [files[place]] * 5 for place in range(0, 30, 5))


def test_what_was_added_removed_or_changed_is_told():
    assert differences({"a": 1, "b": 2, "c": 3}, {"b": 5, "c": 3, "d": 4}) == [
        "a: removed (was 1)",
        "b: 2 became 5",
        "d: added (4)",
    ]


LEFT_BEHIND = {
    "environment variable LEFT_BEHIND": "os.environ['LEFT_BEHIND'] = '1'",
    "logger left.behind": "logging.getLogger('left.behind').setLevel(10)",
    "signal SIGUSR1": "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
    "file instance/left-behind": "(ROOT / 'instance' / 'left-behind').touch()",
    "garbage collection": "gc.freeze()",
    "working directory": "os.chdir('/')",
    "time zone": "os.environ['TZ'] = 'Asia/Tokyo'; time.tzset(); del os.environ['TZ']",
    "setting of the server wal_recycle": "run_sql(postgresql_server, 'ALTER SYSTEM SET wal_recycle = off')",
    "role left_behind": "run_sql(postgresql_server, 'CREATE ROLE left_behind')",
    "database left_behind": "run_sql(postgresql_server, 'CREATE DATABASE left_behind')",
}
FILE = """
import gc, logging, os, signal, time
from pathlib import Path
from tests import shared_state
from tests.postgresql import run_sql

ROOT = shared_state.ROOT = Path(__file__).parent  # other processes see the project's own folder

def test_that_leaves_nothing(postgresql_server): pass
"""


@pytest.mark.postgresql
def test_a_test_that_leaves_something_behind_fails_itself(tmp_path):
    (tmp_path / "instance").mkdir()
    bodies = [
        f"def test_{number}(postgresql_server): {statement}\n" for number, statement in enumerate(LEFT_BEHIND.values())
    ]
    (tmp_path / "test_made_up.py").write_text(FILE + "\n".join(bodies), encoding="utf-8")
    plugins = ("-p", "tests.postgresql", "-p", "tests.shared_state", "-p", "no:cacheprovider")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        *plugins,
        f"--rootdir={tmp_path}",
        "-c",
        "/dev/null",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"{len(LEFT_BEHIND) + 1} passed, {len(LEFT_BEHIND)} errors" in done.stdout, done.stdout
    for name in LEFT_BEHIND:
        assert f"left behind for other tests: {name}: " in done.stdout


def test_a_test_for_which_no_time_is_left_is_skipped_with_its_reason(tmp_path):
    (tmp_path / "test_made_up.py").write_text("def test_it(): pass\n", encoding="utf-8")
    for until, outcome in (("0", "1 skipped"), ("inf", "1 passed")):
        command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.order", "-p", "no:cacheprovider"]
        options = (f"--rootdir={tmp_path}", "-c", "/dev/null", "--until", until, str(tmp_path))
        done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
        assert outcome in done.stdout, done.stdout
        assert ("no time was left for it in this run" in done.stdout) is (until == "0")
