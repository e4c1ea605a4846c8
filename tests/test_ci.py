"""`.ci/run` shuffles the tests with a seed derived from the commit, so that a run can be repeated exactly."""

import os
import re
import shutil
import subprocess

import pytest

from app.config import ROOT

RECORD = '#!/bin/sh\necho "$*" >>calls\n'


@pytest.fixture
def repository(tmp_path):
    """Return a repository with `.ci/run`; `./run` records its arguments, and nothing is ever installed."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    programs = tmp_path / "programs"
    programs.mkdir()
    for path, text in {
        tmp_path / "run": RECORD,
        programs / "apt-get": "#!/bin/sh\nexit 0\n",
        programs / "id": "#!/bin/sh\necho 0\n",
    }.items():
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    git(tmp_path, "init", "-q")
    return tmp_path


def git(folder, *words):
    """Run Git without any settings of this user; commits with the same subject get the same id."""
    author = {"NAME": "Test", "EMAIL": "test@voimavara.example", "DATE": "2026-01-01T00:00:00Z"}
    who = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in author.items()}
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **who}
    subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)


def seeds(folder, **environment):
    """Run the checks; return the seeds that the tests got, after comparing them with the printed one."""
    calls = folder / "calls"
    calls.unlink(missing_ok=True)
    path = f"{folder / 'programs'}:/usr/bin:/bin"
    done = subprocess.run(
        [folder / ".ci" / "run"], env={"PATH": path, **environment}, capture_output=True, text=True, check=True
    )
    given = re.findall(r"--seed (\S+)", calls.read_text(encoding="utf-8"))
    assert len(given) == 2
    assert re.search(rf"SEED={given[0]} \.ci/run$", done.stdout, re.MULTILINE)
    return set(given)


def test_the_seed_is_the_same_for_the_same_commit_and_another_for_the_next(repository):
    git(repository, "commit", "-q", "--allow-empty", "-m", "first")
    first = seeds(repository)
    assert len(first) == 1
    assert seeds(repository) == first
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    assert seeds(repository).isdisjoint(first)


def test_a_seed_that_is_given_overrides_that_of_the_commit(repository):
    git(repository, "commit", "-q", "--allow-empty", "-m", "first")
    assert seeds(repository, SEED="7") == {"7"}


def test_without_a_commit_the_seed_is_still_a_fixed_number(repository):
    assert seeds(repository) == {"0"}
