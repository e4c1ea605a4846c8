import socket

import flask_migrate
import pytest
from sqlalchemy import text

from app.cli.doctor import State, check_database, check_mail, check_secrets, check_settings, check_surveys
from app.config import ROOT, load_settings
from app.factory import create_app
from app.store import jobs
from app.store.database import database
from tests.conftest import NOON


@pytest.fixture
def house(tmp_path):
    app = create_app(load_settings({}, instance=tmp_path / "house"), clock=lambda: NOON)
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        database.session.remove()
        database.engine.dispose()


def bad(check, settings):
    return [one for one in check(settings, NOON) if one.state is State.BAD]


def of(app):
    return app.extensions["voimavara"].settings


def test_a_new_installation_has_nothing_bad(house):
    said = house.test_cli_runner().invoke(args=["doctor"])
    assert said.exit_code == 0, said.output
    assert " 0 bad" in said.output
    assert "wellbeing.toml" in said.output


def test_a_database_behind_its_program_is_bad_and_the_remedy_is_named(house):
    flask_migrate.downgrade(revision="base")
    said = house.test_cli_runner().invoke(args=["doctor"])
    assert said.exit_code == 1
    assert "./run flask db upgrade" in said.output


def test_secrets_that_others_can_read_are_bad(house):
    (of(house).instance / "secret").chmod(0o644)
    found = bad(check_secrets, of(house))
    assert [one.remedy for one in found] == [f"chmod 600 {of(house).instance / 'secret'}"]


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ({"base_url": "http://survey.example"}, "without encryption"),
        ({"base_url": "https://survey.example"}, "Cookies"),
    ],
)
def test_a_public_address_needs_encryption(chosen, word, tmp_path):
    found = bad(check_settings, load_settings({}, instance=tmp_path, **chosen))
    assert len(found) == 1
    assert word in found[0].what


def test_a_clock_that_is_behind_the_jobs_is_bad(house):
    session = database.session()
    later = NOON.replace(year=2027)
    assert jobs.begin(session, "x", slot=later, now=later)
    session.commit()
    assert any("yet to come" in one.what for one in bad(check_database, of(house)))


def test_a_round_whose_key_is_elsewhere_is_named(house):
    assert not [one for one in check_database(of(house), NOON) if "key file" in one.what]
    with database.engine.begin() as connection:
        connection.execute(text(ROUND))
    assert [one for one in check_database(of(house), NOON) if "key file of round 1" in one.what]


ROUND = (
    "INSERT INTO round (id, title, kind, state, instrument, instrument_digest, key_mode, opens_at, closes_at, comments,"
    " by_group, k, rehearsed, drawn, cleaned) VALUES (1, 'R', 'survey', 'open', 'i', 'd', 'automatic',"
    " '2026-11-01 00:00:00', '2026-12-01 00:00:00', FALSE, FALSE, 10, FALSE, 0, FALSE)"
)


def test_a_questionnaire_with_a_fault_is_named(tmp_path):
    (tmp_path / "broken.toml").write_text("id = ")
    assert bad(check_surveys, load_settings({}, instance=tmp_path, surveys=tmp_path))
    assert not bad(check_surveys, load_settings({}, instance=tmp_path, surveys=ROOT / "surveys"))


def test_a_mail_server_that_is_not_there_is_bad(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = bad(check_mail, load_settings({}, instance=tmp_path, smtp_url=f"smtp://127.0.0.1:{port}"))
    assert "does not answer" in found[0].what
