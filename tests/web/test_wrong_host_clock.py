"""A host whose clock is eight days off refuses no code, and what it opens or closes has the time of the database."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.rounds import RoundState
from app.services import rounds
from app.store import clock_skew
from app.store.database import database
from app.store.database_clock import DatabaseClock
from app.web.shared.app_context import AppContext
from tests.web import open_round as scene
from tests.web.open_round import begin, open_round, to_check
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)]),
    pytest.mark.parametrize("days", [8, -8]),
]
NEAR = timedelta(minutes=5)


@pytest.fixture
def number_and_code(app, session, monkeypatch, days):
    """A round that opened an hour ago and closes in a day, by the database's clock; the host is days off."""
    today = datetime.now(UTC)
    monkeypatch.setattr(scene, "NOON", today - timedelta(hours=1))
    monkeypatch.setattr(scene, "CLOSES", today + timedelta(days=1))
    number, codes = open_round(app, session, alder=12)
    monkeypatch.setattr(clock_skew, "host_now", lambda: datetime.now(UTC) + timedelta(days=days))
    given = app.extensions["voimavara"]
    clock = DatabaseClock(database.engine)
    app.extensions["voimavara"] = AppContext(settings=given.settings, clock=clock, secret=given.secret)
    return number, codes["alder"][0]


def test_a_code_is_taken_and_its_answers_too(app, number_and_code):
    visitor = Visitor(app)
    begin(visitor, number_and_code[1])
    to_check(visitor)
    visitor.press("Send my answers")
    assert "Thank you" in visitor.page.title


def test_a_code_that_has_expired_is_refused(app, session, number_and_code, monkeypatch):
    """Whether the host is ahead or behind: else the tests above would pass without any check of the time."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    rounds.store.set_closes_at(session, number_and_code[0], past)
    session.commit()
    visitor = Visitor(app)
    visitor.get("/en/")
    visitor.press("Continue", code=number_and_code[1], status=400)


def test_a_round_that_a_person_closes_has_the_time_of_the_database(app, session, number_and_code):
    with app.app_context():
        closed = rounds.close(session, number_and_code[0], now=app.extensions["voimavara"].clock())
    session.commit()
    assert closed.state is RoundState.CLOSED
    assert abs(rounds.get_round(session, number_and_code[0]).closes_at - datetime.now(UTC)) < NEAR
