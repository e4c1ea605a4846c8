"""Rounds that open, close and are counted by themselves, with a clock that the test moves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core.disclosure.policy import policy_for_promised_k
from app.core.instruments import parse
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import KeyMode, RoundState
from app.factory import build_scheduler
from app.jobs.scheduler import TaskContext
from app.services import answering, rounds
from app.store import organisations, publications
from app.store.boxes import BoxRow
from app.store.database import read_session, write_session
from tests.databases import both_databases
from tests.services.factories import CLOSES, OPENS, SECRET, source

HOUR = timedelta(hours=1)


class Clock:
    """The moment that the test says, and the means of that moment."""

    def __init__(self, settings):
        self.now = OPENS - HOUR
        self.settings = settings

    def means(self):
        return TaskContext(settings=self.settings, secret=SECRET, now=self.now)


@pytest.fixture
def clock(app):
    return Clock(app.extensions["voimavara"].settings)


@pytest.fixture
def tick(app, clock):
    table = replace(build_scheduler(app), make_context=clock.means)

    def at(moment):
        clock.now = moment
        table.run_due()

    yield at
    table.leadership.release()


@pytest.fixture
def planned(session):
    """A way to plan a round in a region of one school."""
    school = Community("school", "School", "town", CommunityKind.SCHOOL, {"teachers": 12})
    organisations.upsert(
        session, municipalities=[Municipality("town", "Town")], communities=[school], region=("region", "Region")
    )

    def plan(**more):
        text = source()
        instrument = parse(text, name="small.toml")
        given = {"title": "Round", "instrument": instrument, "source": text, "opens_at": OPENS, "closes_at": CLOSES}
        number = rounds.plan_round(session, **{**given, **more})
        session.commit()
        return number

    return plan


def state(number):
    with read_session() as session:
        return rounds.get_round(session, number).state


@both_databases
def test_a_round_goes_its_way_by_itself_and_its_key_is_destroyed(planned, tick, clock):
    number = planned()
    tick(OPENS - HOUR)
    assert state(number) is RoundState.DRAFT
    tick(OPENS)
    assert state(number) is RoundState.OPEN
    with write_session() as session:
        codes = rounds.issue_slip_codes(session, number, "school", secret=SECRET, now=OPENS)
        for code in codes[:11]:
            answering.submit(
                session, code, ratings={"q0": 4}, group=None, comment=None, secret=SECRET, now=OPENS + HOUR
            )
    tick(CLOSES - HOUR)
    assert state(number) is RoundState.OPEN
    assert list(clock.settings.keys.glob("round-*.key"))
    tick(CLOSES)
    assert state(number) is RoundState.COUNTED
    with read_session() as session:
        assert publications.find_including_replaced(session, number).counted == 11
    assert not list(clock.settings.keys.glob("round-*.key"))


def test_what_fell_due_while_nothing_ran_is_caught_up(planned, tick):
    number = planned()
    tick(OPENS + HOUR)
    tick(CLOSES + timedelta(days=3))
    assert state(number) is RoundState.COUNTED


def test_a_round_with_a_key_sheet_waits_for_its_people(planned, tick):
    number = planned(key_mode=KeyMode.TRUSTEE)
    tick(OPENS + HOUR)
    assert state(number) is RoundState.DRAFT


def test_a_round_whose_key_is_lost_stops_no_other(planned, tick, clock, caplog):
    lost = planned()
    found = planned()
    tick(OPENS)
    for key in list(clock.settings.keys.glob(f"round-{lost}-*.key")):  # with several hosts, the host's own key too
        key.unlink()
    tick(CLOSES)
    assert (state(lost), state(found)) == (RoundState.CLOSED, RoundState.COUNTED)
    assert "waits for its count" not in caplog.text  # the host that keeps the key may be late
    tick(CLOSES + 3 * HOUR)
    assert f"Round {lost} waits for its count" in caplog.text
    assert f"Round {found} waits" not in caplog.text


def test_a_round_whose_box_was_changed_stops_no_other(planned, tick, session, caplog):
    changed = planned()
    found = planned()
    tick(OPENS)
    session.execute(update(BoxRow).where(BoxRow.round_id == changed).values(blob=b"no box" * 100))
    session.commit()
    tick(CLOSES)
    assert (state(changed), state(found)) == (RoundState.CLOSED, RoundState.COUNTED)
    assert f"Round {changed} cannot be counted" in caplog.text


def test_a_round_that_promised_more_is_counted_by_its_promise(planned, tick, session):
    number = planned(k=25)
    with read_session():
        policy = policy_for_promised_k(rounds.get_round(session, number).k)
    assert (policy.k, policy.distribution_from, policy.comments_from) == (25, 25, 25)
    tick(OPENS)
    tick(CLOSES)
    assert state(number) is RoundState.COUNTED
