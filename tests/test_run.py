"""`./run` stands aside for what it starts: whoever ends it ends that, and not a shell in front of it."""

import shutil
import signal
import subprocess
import sys
import time

import pytest

from app.config import ROOT

PROGRAM = """#!/bin/sh
case "$*" in *"db upgrade"* | *"demo start"*) exit 0 ;; esac
echo $$ >"$PLACE"
exec sleep 60
"""
PATIENCE = 60


@pytest.fixture
def folder(tmp_path):
    """A folder in which all is installed, with programs that do nothing but wait."""
    for name in ("run", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    for name in ("pip", "flask", "gunicorn", "granian"):
        (programs / name).write_text(PROGRAM, encoding="utf-8")
        (programs / name).chmod(0o755)
    listed = (ROOT / "requirements.txt").read_bytes() + (ROOT / "requirements-dev.txt").read_bytes()
    sums = subprocess.run(["cksum"], input=listed, capture_output=True, check=True).stdout.decode().strip()
    (tmp_path / ".venv" / ".installed").write_text(f"requirements.txt {sums}\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
@pytest.mark.parametrize("words", [(), ("serve",), ("flask", "doctor")], ids=str)
def test_a_signal_reaches_the_program_itself(folder, words, server):
    place = folder / "pid"
    environment = {"PATH": "/usr/bin:/bin", "PORT": "0", "SERVER": server, "PLACE": str(place)}
    process = subprocess.Popen(["./run", *words], cwd=folder, env=environment, start_new_session=True)
    try:
        end = time.monotonic() + PATIENCE
        while not (place.exists() and place.read_text()):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        assert int(place.read_text()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
