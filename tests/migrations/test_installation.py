"""An installation of the first day goes all the way up and down again, and its open round can be counted."""

from datetime import timedelta

import flask_migrate
import pytest
from sqlalchemy import text

from app.core.disclosure.policy import Policy
from app.services import counting, rounds
from app.services.counting.key_sharing import HostContext
from app.store import publications
from app.store.database import database, read_session, write_session
from app.vault import round_keys
from tests.cli import installations
from tests.cli.installations import answer, count, settings_of
from tests.databases import both_databases
from tests.migrations import first_installation as first
from tests.services.factories import AFTER, CLOSES, NOON, SECRET


@pytest.fixture
def old_house(database_kind, request, tmp_path):
    url = request.getfixturevalue("empty_postgresql") if database_kind == "postgresql" else ""
    with installations.installation(tmp_path / "installation", url) as app:
        flask_migrate.upgrade(revision="0001")
        first.load(database.engine, settings_of(app).keys)
        yield app


@both_databases
def test_no_row_of_the_first_day_is_lost_or_changed_on_the_way_up_and_down(old_house):
    before = first.rows_as_frozen(database.engine)
    assert {name: len(rows) for name, rows in before.items()} == first.frozen()
    flask_migrate.upgrade()
    assert first.rows_as_frozen(database.engine) == before
    flask_migrate.downgrade(revision="0001")
    assert first.rows_as_frozen(database.engine) == before
    flask_migrate.upgrade()
    assert first.rows_as_frozen(database.engine) == before


@both_databases
def test_an_open_round_of_the_first_day_is_answered_and_counted_today(old_house):
    flask_migrate.upgrade()
    for code in first.codes()[:12]:
        answer(code)
    made = count(old_house, first.OPEN_ROUND)
    assert (made.counted, made.unreadable) == (first.SPENT + 12, 0)
    with write_session() as session:
        rounds.release(session, first.OPEN_ROUND, now=NOON)
    with read_session() as session:
        kept = publications.list_released_not_replaced(session)
    assert sorted(one.counted for one in kept) == [20, 36]


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_an_open_round_of_the_first_day_is_shared_with_a_host_that_joins_and_counted_there(old_house, tmp_path, caplog):
    flask_migrate.upgrade()
    for code in first.codes()[:12]:
        answer(code)
    old = settings_of(old_house).keys
    joining = tmp_path / "joining"
    for minute, folder in enumerate([old, joining] * 3):
        host = HostContext(folder, SECRET, NOON + timedelta(minutes=minute), folder.name)
        with write_session() as session:
            counting.share_round_keys_among_hosts(session, host)
    assert not round_keys.has_secret_key_file_in_any_state(old, first.OPEN_ROUND)
    with pytest.raises(SystemExit):
        flask_migrate.downgrade(revision="0001")
    assert "count these rounds before going back" in caplog.text
    with write_session() as session:
        rounds.close(session, first.OPEN_ROUND, now=CLOSES)
        given = {"policy": Policy(), "secret": SECRET, "now": AFTER, "keys": joining}
        made = counting.count_round(session, first.OPEN_ROUND, **given)
    assert (made.counted, made.unreadable) == (first.SPENT + 12, 0)


def test_the_comparison_above_sees_a_changed_byte(tmp_path):
    with installations.installation(tmp_path / "installation") as app:
        flask_migrate.upgrade(revision="0001")
        first.load(database.engine, settings_of(app).keys)
        before = first.rows_as_frozen(database.engine)
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE round SET k = 11 WHERE id = 1"))
        assert first.rows_as_frozen(database.engine) != before
