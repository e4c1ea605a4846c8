"""A host whose secret is another one than the database goes with is noticed everywhere, and does no harm."""

import hashlib
import hmac
import logging
from dataclasses import replace

import flask_migrate
import pyotp
import pytest
from sqlalchemy import text

from app.core.accounts import Grant, Role
from app.core.languages import Language
from app.core.rounds import RoundError, RoundState
from app.factory import build_scheduler
from app.services import accounts, counting, rounds, second_factor, secret_match
from app.services.secret_match import MISMATCH_MESSAGE, SecretMismatch
from app.store.database import database, write_session
from app.web.shared import secret_check as guarding
from tests.cli import installations
from tests.cli.installations import OTHER, lay_out, number_of, run, settings_of, stranger
from tests.conftest import NOON
from tests.databases import both_databases
from tests.services.factories import SECRET, plan, region


@pytest.fixture
def url(database_kind, request, tmp_path):
    """The address of a database without a table."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path}/shared.db"
    return request.getfixturevalue("empty_postgresql")


@pytest.fixture
def service_app(tmp_path, url):
    with installations.service_app(tmp_path / "installation", url) as app:
        yield app


def the_mark():
    with database.engine.connect() as connection:
        return bytes(connection.scalar(text("SELECT digest FROM hallmark")))


@both_databases
def test_the_mark_is_laid_when_a_round_opens_and_gives_nothing_away(service_app):
    assert number_of("SELECT count(*) FROM hallmark") == 0
    lay_out(service_app)
    mark = the_mark()
    assert number_of("SELECT count(*) FROM hallmark") == 1
    assert len(mark) == 32
    plain = [SECRET, hashlib.sha256(SECRET).digest(), hmac.digest(SECRET, b"", "sha256")]
    keyed = [hmac.digest(SECRET, purpose, "sha256") for purpose in (b"mailed code", b"slip code", b"slip salt")]
    assert mark not in [*plain, *keyed]  # what it is used for elsewhere is not lying here
    lay_out(service_app)
    assert the_mark() == mark


@both_databases
def test_the_doctor_tells_the_host_with_the_wrong_secret_what_to_do(service_app, tmp_path):
    assert "goes with any secret yet" in run(service_app, "doctor")[1]
    lay_out(service_app)
    code, told = run(service_app, "doctor")
    assert "This host's secret is the one" in told
    with stranger(tmp_path, service_app) as other:
        code, told = run(other, "doctor")
        assert code == 1
        assert MISMATCH_MESSAGE in told
        assert "Copy the file secret" in told
        assert OTHER.decode() not in told


@both_databases
@pytest.mark.parametrize("words", [("round", "list"), ("people", "list"), ("backup",)])
def test_no_verb_does_anything_with_another_secret(service_app, tmp_path, words):
    lay_out(service_app)
    with stranger(tmp_path, service_app) as other:
        code, told = run(other, *words)
        assert code == 1
        assert MISMATCH_MESSAGE in told
        assert not list((tmp_path / "stranger").rglob("*.backup"))
    assert words == ("backup",) or run(service_app, *words)[0] == 0


@both_databases
def test_no_round_is_opened_with_another_secret_and_nothing_is_half_done(service_app, tmp_path):
    lay_out(service_app)
    with write_session() as session:
        draft = plan(session)
    with (
        stranger(tmp_path, service_app) as other,
        pytest.raises(RoundError, match="secret"),
        write_session() as session,
    ):
        keys = settings_of(other).keys
        rounds.open_round(session, draft, now=NOON, secret=OTHER, keys=keys, region=region(alder=12))
    assert not list(settings_of(other).keys.iterdir())
    with write_session() as session:
        assert rounds.get_round(session, draft).state is RoundState.DRAFT


@both_databases
def test_a_host_with_another_secret_is_not_ready_and_its_log_says_why(service_app, tmp_path, caplog):
    lay_out(service_app)
    assert service_app.test_client().get("/readyz").status_code == 200
    with stranger(tmp_path, service_app) as other:
        answer = other.test_client().get("/readyz")
        assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, f"{MISMATCH_MESSAGE}\n", "10")
        assert other.test_client().get("/healthz").status_code == 200
    assert f"{MISMATCH_MESSAGE} {secret_match.REMEDY}" in caplog.text
    assert all(word not in caplog.text for word in (OTHER.decode(), SECRET.decode(), the_mark().hex()))


@both_databases
def test_a_host_with_another_secret_does_no_job_and_says_so_once(service_app, tmp_path, caplog):
    lay_out(service_app)
    with stranger(tmp_path, service_app) as other, caplog.at_level(logging.ERROR, "app.jobs"):
        table = build_scheduler(other)
        for _ in range(3):
            table.run_due()
        table.leadership.release()
    assert number_of("SELECT count(*) FROM job_run") == 0
    assert caplog.text.count(MISMATCH_MESSAGE) == 1
    table = replace(build_scheduler(service_app))
    table.run_due()
    table.leadership.release()
    assert number_of("SELECT count(*) FROM job_run") > 0


@both_databases
def test_a_server_marks_the_database_that_it_is_the_first_to_serve(service_app, tmp_path):
    guarding.check_or_store_secret_fingerprint(service_app)
    with stranger(tmp_path, service_app) as other, pytest.raises(SecretMismatch, match="Copy the file secret"):
        guarding.check_or_store_secret_fingerprint(other)
    guarding.check_or_store_secret_fingerprint(service_app)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM hallmark")) == 1


@both_databases
def test_a_server_that_began_before_its_database_was_there_compares_later(tmp_path, url, caplog):
    with installations.installation(tmp_path / "installation", url) as service_app:
        guarding.check_or_store_secret_fingerprint(service_app)
        flask_migrate.upgrade()
        with stranger(tmp_path, service_app), write_session() as session:
            secret_match.set_or_verify_fingerprint(session, OTHER)
        for _ in range(2):
            answer = service_app.test_client().get("/fi/")
            assert answer.status_code == 503
            assert "Retry-After" in answer.headers
        assert service_app.test_client().get("/healthz").status_code == 200
        assert caplog.text.count(MISMATCH_MESSAGE.rstrip(".")) == 1  # not a line for each request
        with write_session() as session:
            secret_match.replace_fingerprint(session, SECRET)
        assert service_app.test_client().get("/fi/").status_code == 200


@both_databases
def test_a_secret_that_is_lost_for_good_is_given_up_knowingly(service_app, tmp_path):
    number, codes = lay_out(service_app)
    installations.answer(codes[0])
    with write_session() as session:
        grants = [Grant(Role.COORDINATOR)]
        bo = {"name": "Bo", "language": Language.FI}
        who = accounts.add(session, email="kim@example.test", **bo, grants=grants, by=None, now=NOON)
        shared = second_factor.begin_setup(session, who, secret=SECRET)
        half = accounts.add(session, email="bo@example.test", **bo, grants=grants, by=None, now=NOON)
        second_factor.begin_setup(session, half, secret=SECRET)
        second_factor.confirm_setup(session, who, pyotp.TOTP(shared).at(NOON), secret=SECRET, now=NOON)
    with stranger(tmp_path, service_app) as other:
        told = other.test_cli_runner().invoke(args=["secret", "accept"], input="n\n")
        assert told.exit_code == 1
        assert "is open: none of its codes works" in told.output
        assert "second step of 1 accounts" in told.output
        assert run(other, "doctor")[0] == 1
        assert run(other, "secret", "accept", "--yes")[0] == 0
        assert MISMATCH_MESSAGE not in run(other, "doctor")[1]
        with write_session() as session:
            assert not second_factor.is_enabled(session, who)
            assert second_factor.unconfirmed_secret(session, half, secret=OTHER) is None
            assert second_factor.begin_setup(session, half, secret=OTHER)
            rounds.close(session, number, now=NOON)  # as it was told: what was asked in vain is ended
            assert counting.abandon_round(
                session, number, now=NOON, keys=settings_of(other).keys
            ).all_ballots_unreadable
    assert MISMATCH_MESSAGE in run(service_app, "doctor")[1]


@both_databases
def test_there_is_nothing_to_give_up_where_the_secret_fits(service_app):
    lay_out(service_app)
    before = the_mark()
    assert "already" in run(service_app, "secret", "accept")[1]
    assert the_mark() == before


@pytest.mark.postgresql
def test_the_mark_moves_with_the_database(tmp_path, empty_postgresql):
    with installations.service_app(tmp_path / "old") as old:
        lay_out(old)
        assert run(old, "move", "--to", empty_postgresql)[0] == 0
    with installations.installation(tmp_path / "old", empty_postgresql) as moved:
        assert "This host's secret is the one" in run(moved, "doctor")[1]
        with stranger(tmp_path, moved) as other:
            assert MISMATCH_MESSAGE in run(other, "doctor")[1]


def test_the_mark_is_in_a_backup_and_comes_back_with_it(tmp_path):
    with installations.service_app(tmp_path / "installation") as service_app:
        lay_out(service_app)
        assert run(service_app, "backup")[0] == 0
        (made,) = (tmp_path / "installation" / "backups").iterdir()
        with write_session() as session:
            session.execute(text("DELETE FROM hallmark"))
        assert run(service_app, "restore", str(made), "--yes")[0] == 0
        with stranger(tmp_path, service_app) as other:
            assert MISMATCH_MESSAGE in run(other, "doctor")[1]


def test_results_come_back_from_a_backup_whose_secret_is_lost_if_that_is_said(tmp_path):
    with installations.service_app(tmp_path / "installation") as service_app:
        number, codes = lay_out(service_app)
        installations.answer(codes[0])
        installations.count(service_app, number)
        lay_out(service_app)
        assert run(service_app, "backup")[0] == 0
        (made,) = (tmp_path / "installation" / "backups").iterdir()
    (tmp_path / "anew").mkdir()
    (tmp_path / "anew" / "secret").write_bytes(OTHER)
    with installations.service_app(tmp_path / "anew") as anew:
        code, told = run(anew, "restore", str(made), "--yes")
        assert code == 1
        assert "--secret-is-lost" in told
        code, told = run(anew, "restore", str(made), "--yes", "--secret-is-lost")
        assert code == 0, told
        assert "is open: none of its codes works" in told
        assert MISMATCH_MESSAGE not in run(anew, "doctor")[1]
        with write_session() as session:
            assert rounds.get_round(session, number).state is RoundState.COUNTED
