"""What every test may ask for: an application of its own and a session on it."""

from datetime import UTC, datetime

import pytest

from app.config import load_settings
from app.factory import create_app
from app.store.database import Base, database

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path):
    application = create_app(load_settings({}, instance=tmp_path / "instance"), clock=lambda: NOON)
    application.config["TESTING"] = True
    with application.app_context():
        Base.metadata.create_all(database.engine)
        yield application
        database.session.remove()
        database.engine.dispose()


@pytest.fixture
def session(app):
    return database.session()
