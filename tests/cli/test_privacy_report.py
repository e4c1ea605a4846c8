import pytest

from app.store.database import Base, database
from tests.publications import made, store


@pytest.fixture
def runner(app):
    return app.test_cli_runner()


def test_anybody_may_attack_a_publication(session, runner):
    number = store(session, made(1)).round
    done = runner.invoke(args=["disclosure", "attack", str(number)])
    assert done.exit_code == 0, done.output
    assert "hidden sets attacked" in done.output and ", 0 broken" in done.output
    assert "Pikkurannan koulu" in done.output


def test_a_round_that_is_not_counted_cannot_be_attacked(runner):
    done = runner.invoke(args=["disclosure", "attack", "7"])
    assert done.exit_code == 1 and "has not been counted" in done.output


def test_a_broken_publication_makes_the_verb_fail(session, runner, monkeypatch):
    number = store(session, made(1)).round
    monkeypatch.setattr("app.core.disclosure.attack._tightest_statement_width", lambda *_: 1e9)
    monkeypatch.setattr("app.core.disclosure.attack.BROKEN_BELOW_STEPS", 1e6)
    done = runner.invoke(args=["disclosure", "attack", str(number)])
    assert done.exit_code == 1 and "known too well" in done.output


@pytest.mark.slow
def test_the_report_measures_and_touches_nothing(app, session, runner):
    with database.engine.connect() as connection:
        before = {name: connection.execute(table.select()).all() for name, table in Base.metadata.tables.items()}
    done = runner.invoke(args=["trust", "report", "--runs", "20", "--communities", "3"])
    assert done.exit_code == 0, done.output
    for words in ("equal bytes", "1 length(s)", "found in database and log: 0 of 40", "p = ", "0 broken", "120"):
        assert words in done.output
    with database.engine.connect() as connection:
        assert before == {n: connection.execute(t.select()).all() for n, t in Base.metadata.tables.items()}
