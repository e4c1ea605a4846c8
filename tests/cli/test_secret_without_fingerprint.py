"""A database that bears no mark yet: its boxes tell whose secret it is, where it has some."""

import pytest
from sqlalchemy import text

from app.services import rounds, secret_match
from app.services.secret_match import MISMATCH_MESSAGE, SecretMismatch
from app.store.database import write_session
from app.web.shared import secret_check as guarding
from tests.cli import installations
from tests.cli.installations import OTHER, lay_out, number_of, run, settings_of, stranger
from tests.conftest import NOON
from tests.databases import both_databases
from tests.services.factories import plan, region


@pytest.fixture
def service_app(tmp_path, database_kind, request):
    postgresql = database_kind == "postgresql"
    url = request.getfixturevalue("empty_postgresql") if postgresql else f"sqlite:///{tmp_path}/shared.db"
    with installations.service_app(tmp_path / "installation", url) as app:
        yield app


def unmark():
    with write_session() as session:
        session.execute(text("DELETE FROM hallmark"))


@both_databases
def test_boxes_tell_whose_secret_it_is_where_no_mark_was_laid_yet(service_app, tmp_path):
    lay_out(service_app)
    unmark()
    with stranger(tmp_path, service_app) as other:
        assert MISMATCH_MESSAGE in run(other, "doctor")[1]
        assert other.test_client().get("/readyz").status_code == 503
        assert run(other, "round", "list")[0] == 1
        with pytest.raises(SecretMismatch, match="Copy the file secret"):
            guarding.check_or_store_secret_fingerprint(other)
        assert number_of("SELECT count(*) FROM hallmark") == 0
    guarding.check_or_store_secret_fingerprint(service_app)
    assert MISMATCH_MESSAGE not in run(service_app, "doctor")[1]
    with stranger(tmp_path, service_app) as other, pytest.raises(SecretMismatch):
        guarding.check_or_store_secret_fingerprint(other)


@both_databases
def test_where_two_secrets_put_up_boxes_either_may_begin_and_the_doctor_names_the_others_round(service_app, tmp_path):
    mine, _ = lay_out(service_app)
    unmark()
    with stranger(tmp_path, service_app) as other, write_session() as session:
        draft = plan(session)
        keys = settings_of(other).keys
        rounds.open_round(session, draft, now=NOON, secret=OTHER, keys=keys, region=region(alder=12))
        secret_match.replace_fingerprint(session, OTHER)
    unmark()
    guarding.check_or_store_secret_fingerprint(service_app)
    code, told = run(service_app, "doctor")
    assert code == 1
    assert f"The boxes of round {draft} do not open here" in told
    assert f"The boxes of round {mine} do not" not in told


@both_databases
def test_without_boxes_the_first_to_serve_marks_the_database(service_app, tmp_path):
    number, codes = lay_out(service_app)
    installations.answer(codes[0])
    installations.count(service_app, number)
    unmark()
    with stranger(tmp_path, service_app) as other:
        guarding.check_or_store_secret_fingerprint(other)
    with pytest.raises(SecretMismatch):
        guarding.check_or_store_secret_fingerprint(service_app)
