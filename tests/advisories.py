"""Ask whether a pinned package has a known weakness; `./run check` does, and so does what runs before a change lands.

Exit 1 for a weakness, and where only a part could be looked up. Where the list of weaknesses cannot be
reached at all, nothing is claimed: it says so, and exits 0, for a change is no worse on a train.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from app.config import ROOT

FOUND = "A pinned package has a known weakness. Raise its pin, or write into docs/security.md why it does not matter:"
PARTLY = "Some pins could not be looked up, others could: a name is wrong, or was withdrawn:"
NOT_CHECKED = "NOT CHECKED for known weaknesses: the list cannot be reached from here. Run `./run check` where it can."


def audit(pins, *more):
    """Run pip-audit; return its exit code, its report (None if it gave none) and what it complained of."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(pins), "--require-hashes", "--disable-pip", "-f", "json"]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [*command, "--progress-spinner", "off", *more], env=environment, capture_output=True, text=True
    )
    try:
        return done.returncode, json.loads(done.stdout)["dependencies"], done.stderr
    except (ValueError, KeyError):
        return done.returncode, None, done.stderr


def judge(pins, *more):
    """Return an exit code and what to say."""
    code, report, said = audit(pins, "--strict", *more)
    if code == 0 and report:
        return 0, f"{len(report)} pinned packages, none with a known weakness."
    if report is None:  # strict stops at the first that cannot be looked up: are the others like it?
        _code, report, said = audit(pins, *more)
    weak = [f"{one['name']} {one['version']}: {', '.join(v['id'] for v in one['vulns'])}" for one in _weak(report)]
    if weak:
        return 1, "\n".join((FOUND, *weak))
    skipped = [one["name"] for one in report or [] if "skip_reason" in one]
    if report is None or len(skipped) == len(report):
        reason = "\n".join(line[:200] for line in said.splitlines() if "ERROR" in line)
        return 0, f"{NOT_CHECKED}\n{reason}".rstrip()
    return 1, "\n".join((PARTLY, *skipped))


def _weak(report):
    return [one for one in report or [] if one.get("vulns")]


if __name__ == "__main__":
    pins = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "requirements-dev.txt"
    code, text = judge(pins, *sys.argv[2:])
    sys.stdout.write(f"{text}\n")
    sys.exit(code)
