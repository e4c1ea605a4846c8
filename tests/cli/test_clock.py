"""`flask clock` shows a jump of the clock and confirms the time."""

from datetime import timedelta

import pytest

from app.core.clock_jumps import ClockCheck
from app.services import clock_jumps
from app.store import clock_checks
from app.store.database import read_session, write_session
from tests.cli.installations import run, service_app
from tests.conftest import NOON

__all__ = ["installation"]


@pytest.fixture
def installation(tmp_path):
    with service_app(tmp_path / "installation") as app:
        yield app


def lay_out_jump():
    with write_session() as session:
        known = NOON - timedelta(days=8)
        clock_checks.upsert(session, ClockCheck("first", trusted_at=known, jumped_at=NOON))


def is_held():
    with read_session() as session:
        return clock_jumps.find_jump(session, now=NOON) is not None


def test_the_time_is_shown_and_there_is_nothing_to_confirm(installation):
    assert run(installation, "clock", "show") == (0, "It is 2026-11-24 12:00:00 UTC. Scheduled tasks run.\n")
    assert run(installation, "clock", "confirm") == (0, "It is 2026-11-24 12:00:00 UTC. Scheduled tasks run.\n")


def test_a_jump_is_confirmed_after_a_question(installation):
    lay_out_jump()
    _code, shown = run(installation, "clock", "show")
    assert "2026-11-16 12:00 UTC is the last trusted time" in shown
    asked = installation.test_cli_runner().invoke(args=["clock", "confirm"], input="n\n")
    assert asked.exit_code == 1
    assert "Is this the right time?" in asked.output
    assert is_held()
    assert installation.test_cli_runner().invoke(args=["clock", "confirm"], input="y\n").exit_code == 0
    assert not is_held()


def test_a_script_confirms_without_a_question(installation):
    lay_out_jump()
    code, said = run(installation, "clock", "confirm", "--yes")
    assert code == 0
    assert "The time is confirmed" in said
    assert not is_held()


def test_the_doctor_tells_a_jump_and_what_to_do(installation):
    assert "has not jumped forward" in run(installation, "doctor")[1]
    lay_out_jump()
    code, said = run(installation, "doctor")
    assert code == 1
    assert "Time jumped forward" in said
    assert "flask clock confirm" in said
