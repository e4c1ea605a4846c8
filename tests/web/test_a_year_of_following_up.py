"""A year in one community, through the pages, with a clock that moves."""

from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.disclosure.policy import Policy
from app.core.rounds import RoundId, RoundState
from app.services import accounts, answering, counting, followup, rounds
from app.store import rounds as round_store
from app.store.instruments import get_questionnaire
from tests.follow_ups import ACTION, MEETING, PINE
from tests.publications import NOON, made, store
from tests.web.open_round import own_secret
from tests.web.staff_client import add_account, client_of
from tests.web.test_followup_pages import by_word, looked_at

WEEK = timedelta(weeks=1)


class Clock:
    """A clock that a test moves; nobody stays signed in for weeks."""

    def __init__(self, app):
        self.app = app
        self.now = NOON
        door = app.extensions["voimavara"]
        app.extensions["voimavara"] = type(door)(door.settings, lambda: self.now, door.secret)


@pytest.fixture
def clock(app):
    return Clock(app)


def answer(session, app, number, unit, *, people, now):
    secret = own_secret(app)
    instrument = get_questionnaire(session, rounds.get_round(session, number).instrument_digest)
    for code in rounds.issue_slip_codes(session, number, unit, secret=secret, now=now)[:people]:
        ratings = {item.id: item.options[3].value for item in instrument.items}
        answering.submit(session, code, ratings=ratings, group=None, comment=None, secret=secret, now=now)


def released_like_any(session, number, region):
    """Give the stored round the boundaries and state of a released one, so that a pulse asks about the change."""
    round_store.store_boundaries_and_keys(session, number, region=region, public_key=bytes(32), box_salt=bytes(16))
    assert round_store.try_change_state(session, number, before=RoundState.DRAFT, after=RoundState.RELEASED)
    session.commit()


def signed_in_again(app, session, who, clock):
    accounts.end_sessions(session, who.id, by=None, now=clock.now)
    return client_of(app, who)


def test_a_community_goes_from_results_to_a_change_that_staff_notice(app, session, clock):
    first = made(1)
    number = store(session, first).round
    released_like_any(session, number, first.region)
    principal = add_account(PINE)
    desk = add_account(Grant(Role.COORDINATOR), email="desk@example.test")
    root = f"/staff/followup/{number}/pine"

    client = signed_in_again(app, session, principal, clock)  # week 0: the principal reads, the staff may read
    client.post(f"{root}/step/previewed")
    word = followup.access_phrase(session, number, "pine", secret=own_secret(app))
    assert "No plan has been agreed yet" in by_word(app, word).response.text

    clock.now += 2 * WEEK  # the meeting, and a plan with a matter for the municipality
    client = signed_in_again(app, session, principal, clock)
    day = clock.now.date().isoformat()
    client.post(f"{root}/meeting", data=MEETING | {"discussed_on": day, "version": "0"})
    first_by, due = ((clock.now + weeks * WEEK).date().isoformat() for weeks in (2, 10))
    action = ACTION | {"power": "municipality", "first_by": first_by, "due": due}
    client.post(f"{root}/action", data=action)
    client.post(f"{root}/step/plan_agreed")
    (planned,) = followup.follow_up_of_unit(session, number, "pine").plan.actions
    client.post(f"{root}/action/{planned.id}/hand-on", data={"why": "The timetable is the municipality's."})

    clock.now += 2 * WEEK  # the municipality answers, the first step is seen
    (matter,) = followup.all_escalations(session)
    signed_in_again(app, session, desk, clock).post(
        f"/staff/inbox/{matter.id}", data={"kind": "done", "text_en": "Mondays are free.", "over": ""}
    )
    client = signed_in_again(app, session, principal, clock)
    client.post(f"{root}/action/{planned.id}", data=action | {"status": "started", "version": "1"})
    client.post(f"{root}/step/in_progress")
    assert "Done. Mondays are free." in by_word(app, word).response.text

    clock.now += 4 * WEEK  # the pulse: planned with one press, answered, counted, released
    pulse = RoundId(
        int(signed_in_again(app, session, desk, clock).post("/staff/timelines/pulse").location.rsplit("/", 1)[1])
    )
    clock.now += WEEK
    keys = app.extensions["voimavara"].settings.keys
    secret = own_secret(app)
    rounds.open_round(session, pulse, now=clock.now, secret=secret, keys=keys, region=first.region)
    answer(session, app, pulse, "pine", people=24, now=clock.now)
    clock.now += 2 * WEEK
    rounds.close(session, pulse, now=clock.now)
    counting.count_round(session, pulse, policy=Policy(), secret=secret, now=clock.now, keys=keys)
    rounds.release(session, pulse, now=clock.now)
    assert "Next: Effect reviewed" in looked_at(signed_in_again(app, session, principal, clock), root)

    clock.now = NOON + 44 * WEEK  # the next survey, and the review of what the last one brought
    later = store(session, made(2, title="Autumn 2027", earlier=(first,), days=300)).round
    client = signed_in_again(app, session, principal, clock)
    client.post(
        f"{root}/action/{planned.id}", data=action | {"status": "done", "outcome": "They are free.", "version": "2"}
    )
    page = looked_at(client, f"{root}/review")
    assert "Completed actions: 1 of 1." in page and "They are free." in page
    assert "The change was noticed" in page and "Autumn 2027" in page
    client.post(f"{root}/step/effect_reviewed")
    assert "The follow-up of this survey is finished" in looked_at(client, root)
    assert followup.earlier_promises(session, "pine", other_than=later).promises[0].outcome == "They are free."
    assert "no community is overdue" not in looked_at(signed_in_again(app, session, desk, clock), "/staff/timelines/")
