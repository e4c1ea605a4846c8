"""A pooler that breaks what belongs to a session is refused at the start, and named by the doctor."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import make_url

from app import factory
from app.cli.doctor.database import check_database
from app.config import load_settings
from app.factory import create_app
from app.store.database import database, standalone_engine
from app.store.pooler import DROPPED, SHARED, UnsuitablePooler, pooling_fault, require_session_pooling
from tests.store.poolers import pooler

KINDS = {
    "by transaction": ({"by_transaction": True, "drops_options": False}, SHARED),
    "by transaction, without options": ({"by_transaction": True, "drops_options": True}, SHARED),
    "by session, without options": ({"by_transaction": False, "drops_options": True}, DROPPED),
    "by session": ({"by_transaction": False, "drops_options": False}, ""),
}


@pytest.mark.postgresql
@pytest.mark.parametrize("kind", KINDS)
def test_only_a_pooler_that_keeps_sessions_apart_will_do(empty_postgresql, kind):
    how, fault = KINDS[kind]
    url = make_url(empty_postgresql)
    with pooler(url.port, **how) as port:
        engine = standalone_engine(url.set(port=port).render_as_string(hide_password=False))
        assert pooling_fault(engine) == fault
        if fault:
            with pytest.raises(UnsuitablePooler, match="Connect to PostgreSQL itself"):
                require_session_pooling(engine)
        engine.dispose()


@pytest.mark.postgresql
def test_without_a_pooler_nothing_is_found(empty_postgresql, tmp_path):
    for url in (empty_postgresql, f"sqlite:///{tmp_path / 'v.db'}"):
        engine = standalone_engine(url)
        assert pooling_fault(engine) == ""
        require_session_pooling(engine)
        engine.dispose()


def test_a_database_that_is_away_is_no_pooler():
    engine = standalone_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    require_session_pooling(engine)
    engine.dispose()


@pytest.mark.postgresql
def test_the_start_refuses_and_the_doctor_names_it(empty_postgresql, tmp_path, monkeypatch, caplog):
    url = make_url(empty_postgresql)
    with pooler(url.port, by_transaction=True, drops_options=True) as port:
        address = url.set(port=port).render_as_string(hide_password=False)
        settings = load_settings({}, instance=tmp_path, database_url=address)
        app = create_app(settings)
        with app.app_context():
            (found,) = check_database(settings, datetime.now(UTC))
            assert "pool_mode = transaction" in found.what
            database.engine.dispose()
        monkeypatch.setattr(factory, "create_app", lambda: app)
        with pytest.raises(SystemExit):
            factory.serve()
        assert "pool_mode = transaction" in caplog.text
        with app.app_context():
            database.session.remove()
            database.engine.dispose()
