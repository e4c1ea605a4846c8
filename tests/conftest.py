"""What every test may ask for: an application of its own, a session on it, a client that visits it."""

from datetime import UTC, datetime

import pytest
from flask import has_app_context
from flask.testing import FlaskClient

from app.config import load_settings
from app.core.matching import needs
from app.factory import create_app
from app.store import course_lists
from app.store.database import database
from app.web.shared import fragment_cache
from tests import properties as properties
from tests.template_attributes import RefusedWhereAttributeIsMissing
from tests.web.page_checks import require_faultless

pytest_plugins = (
    "tests.postgresql",
    "tests.databases",
    "tests.loaded_demo",
    "tests.shared_compilation",
    "tests.garbage_collection",
    "tests.order",
    "tests.shared_state",
    "tests.progress",
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Client(FlaskClient):
    """A client whose every request stands alone, as it does in real life; what the test laid out is committed.

    Every page that any test fetches is audited on the way; `audits` is off where a page is spoilt on purpose.
    """

    audits = True

    def open(self, *arguments, **keywords):
        if has_app_context():  # a thread of its own has none
            database.session.commit()
        with self.application.app_context():
            answer = super().open(*arguments, **keywords)
        if self.audits:
            require_faultless(answer)
        return answer


@pytest.fixture
def app(tmp_path, database_url, compiled_templates):
    settings = load_settings({}, instance=tmp_path / "instance", database_url=database_url, default_language="en")
    application = create_app(settings, clock=lambda: NOON)
    application.config["TESTING"] = True
    application.jinja_env.bytecode_cache = compiled_templates
    application.jinja_env.undefined = RefusedWhereAttributeIsMissing
    application.test_client_class = Client
    with application.app_context():
        yield application
        database.session.remove()
        database.engine.dispose()
    # Tests build the same publications: what was made of them with a guard taken out must not reach the next test.
    fragment_cache.CACHE.clear()
    course_lists._CACHE._made.clear()
    course_lists._REGIONAL.clear()
    needs._NEEDS.clear()


@pytest.fixture
def session(app):
    one = database.session()
    yield one
    one.close()  # a command may have put another in its place
