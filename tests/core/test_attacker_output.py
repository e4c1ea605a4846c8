"""The attacker program writes nothing where a service's log or a command's answer goes."""

import subprocess
import sys

import pytest

from app.config import ROOT

PROGRAM = """
from tests.attacks.attackers import laid_out
from app.core.disclosure.attack import attack_publication
report = attack_publication(laid_out(1)[2], exact=True)
assert len(report.targets) > 20
"""
LOUD = "import highspy; highspy.Highs()"


def written(program):
    """What a program of its own writes, past Python, into the files that it was started with."""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout + done.stderr


@pytest.mark.slow
def test_an_attack_writes_nothing():
    assert written(PROGRAM) == b""


def test_the_solver_would_write_its_name_if_it_were_not_told_to_be_silent():
    assert b"HiGHS" in written(LOUD)
