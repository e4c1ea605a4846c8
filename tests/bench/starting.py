"""Waiting time of a new user, cost of a start, and memory of a worker.

The demo is loaded by the product itself, which answers, counts and publishes four rounds. A start is compared with
importing Flask and SQLAlchemy.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from app.config import ROOT
from tests.bench.measuring import Figure, quietest
from tests.bench.worlds import demo

LIMITS = """
Some three thousand people answer with their own codes into real boxes, one after another, and three rounds are
counted. A command imports its own module when it is looked up, and needs no page; the whole application imports five
hundred modules of its own, half of whose time are tables, value classes and addresses that are put together anew in
every process. No start imports SciPy, Matplotlib, openpyxl or Alembic: they are imported at first use, and PDF
documents are compiled in a process of their own. A worker that has shown every page has imported them all.
"""
FLOOR = ("-c", "import flask, sqlalchemy")
HELP = ("-m", "flask", "--app", "app", "round", "--help")
WHOLE = ("-c", "from app.factory import create_app; create_app()")


def measure(tiny: bool = False) -> list[Figure]:
    """Measure the loading of the demo, two kinds of start beside their floor, and the memory of a worker."""
    loading = Figure("loading the demo", demo().seconds, "s", most=20)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for words in (FLOOR, HELP, WHOLE):
            seconds_of(words, folder)  # the first run compiles to bytecode and makes the secret
        starts = [lambda words=words: seconds_of(words, folder) for words in (FLOOR, HELP, WHOLE)]
        floor, shown, whole = quietest(*starts, turns=2 if tiny else 5)
    memory = visit_all(demo().instance, next(demo().codes))
    pages = f"{memory['pages']} pages at {memory['addresses']} addresses"
    return [
        loading,
        Figure("help of a command: `flask round --help`", shown, "s", floor, most_times=3),
        Figure("the whole application: `create_app`", whole, "s", floor),
        Figure("memory of a worker after its start", memory["started"], "MB", most=160),
        Figure(f"memory of a worker after {pages}", memory["visited"], "MB", most=260),
    ]


def seconds_of(words, folder):
    """Return the processor time of a Python process."""
    environment = {**os.environ, "VOIMAVARA_INSTANCE": folder, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def visit_all(instance, code):
    """Serve a copy of an installation in a fresh process, visit its pages, enter a code; return what is printed."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        copy = shutil.copytree(instance, Path(folder) / "instance")
        environment = {**os.environ, "VOIMAVARA_INSTANCE": str(copy), "VOIMAVARA_JOBS": "true"}
        command = [sys.executable, "-m", "tests.bench.visiting", code]
        done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])
