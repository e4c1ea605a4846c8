"""Figures for machines: they tell that the work is done, and nothing of those who answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.core.clock_jumps import ClockCheck
from app.services import answering, rounds
from app.store import clock_checks, clock_skew, jobs
from app.store.database import database, write_session
from tests.conftest import NOON
from tests.databases import both_databases
from tests.services.factories import CLOSES, SECRET, opened

TOKEN = "a token of the watchers"


@pytest.fixture
def watched(app):
    door = app.extensions["voimavara"]
    app.extensions["voimavara"] = replace(door, settings=replace(door.settings, metrics_token=TOKEN))
    return app


def ask(app, word=f"Bearer {TOKEN}"):
    return app.test_client().get("/metrics", headers={"Authorization": word} if word else {})


def later(app, moment):
    app.extensions["voimavara"] = replace(app.extensions["voimavara"], clock=lambda: moment)


def figures(app):
    lines = ask(app).text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("word", ["", "Bearer", "Bearer wrong", f"bearer {TOKEN} ", TOKEN[:-1], "Bearer ä"])
def test_without_the_token_there_is_no_such_page(watched, word):
    assert ask(watched, word).status_code == 404


def test_without_a_token_in_the_settings_there_is_no_such_page(app):
    for word in ("", "Bearer ", "Bearer x"):
        assert ask(app, word).status_code == 404


@both_databases
def test_not_a_byte_changes_when_somebody_answers(watched, tmp_path):
    with write_session() as session:
        round_id = opened(session, tmp_path / "keys", alder=12)
        codes = rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)
    before = ask(watched)
    assert before.status_code == 200
    for code in codes:
        with write_session() as session:
            ratings = {f"q{number}": 3 for number in range(6)}
            answering.submit(session, code, ratings=ratings, group=None, comment=None, secret=SECRET, now=NOON)
        watched.test_client().get("/")
        assert ask(watched).data == before.data


@both_databases
def test_every_figure_has_been_thought_about(watched, database_kind):
    """A new one must not be moved by an answer; whoever adds it adds it here."""
    with write_session() as session:
        jobs.claim_slot(session, "close_due", slot=NOON, now=NOON)
    assert {name.split("{")[0] for name in figures(watched)} == {
        "voimavara_rounds",
        "voimavara_rounds_late",
        "voimavara_rounds_uncleaned",
        "voimavara_rounds_without_key",
        "voimavara_job_last_began_timestamp_seconds",
        "voimavara_mail_batches",
        "voimavara_mail_setbacks",
        "voimavara_allocations_waiting",
        "voimavara_clock_jump",
        *(["voimavara_clock_apart"] if database_kind == "postgresql" else []),
    }


def test_a_jump_of_the_clock_is_told(watched):
    assert figures(watched)["voimavara_clock_jump"] == "0.0"
    with write_session() as session:
        clock_checks.upsert(session, ClockCheck("first", trusted_at=NOON - timedelta(days=8), jumped_at=NOON))
    assert figures(watched)["voimavara_clock_jump"] == "1.0"


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize(("seconds", "told"), [(0, "0.0"), (20, "0.0"), (-20, "0.0"), (40, "1.0"), (-40, "1.0")])
def test_a_clock_that_is_not_the_databases_is_told(watched, monkeypatch, seconds, told):
    monkeypatch.setattr(clock_skew, "host_now", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    assert figures(watched)["voimavara_clock_apart"] == told


def test_a_round_that_nothing_closed_or_counted_is_late(watched, tmp_path):
    with write_session() as session:
        round_id = opened(session, tmp_path / "keys")
    assert figures(watched)["voimavara_rounds_late"] == "0.0"
    later(watched, CLOSES + timedelta(minutes=90))
    assert figures(watched)["voimavara_rounds_late"] == "1.0"
    with write_session() as session:
        rounds.close(session, round_id, now=CLOSES)
    assert figures(watched)["voimavara_rounds_late"] == "0.0"
    assert figures(watched)['voimavara_rounds{state="closed"}'] == "1.0"
    later(watched, CLOSES + timedelta(hours=8))
    assert figures(watched)["voimavara_rounds_late"] == "1.0"


def test_a_mail_server_that_fails_again_and_again_is_seen(watched):
    with database.engine.begin() as connection:
        connection.execute(text(BATCH))
    found = figures(watched)
    assert found["voimavara_mail_setbacks"] == "4.0"
    assert found['voimavara_mail_batches{state="under_way"}'] == "1.0"


BATCH = (
    "INSERT INTO mail_batch (purpose, state, words, written, sent, refused, given_up, passes, setbacks)"
    " VALUES ('account', 'under_way', '{}', 1, 0, 0, 0, 1, 4)"
)
