from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.config import ROOT
from app.core.counting import OpenedBallots
from app.core.disclosure.policy import Policy
from app.core.followup import ActionId, FollowUpStep
from app.core.publication import Cell, DisclosureState, Level
from app.core.rounds import RoundKind, RoundState
from app.services import answering, counting, followup, rounds
from app.services.followup import ReminderKind, UnknownAccessPhrase
from app.store import publications, survey_follow_ups
from app.store import rounds as round_store
from app.store.instruments import read_questionnaire_file
from tests.core.synthetic_region import published
from tests.databases import both_databases
from tests.follow_ups import planned, write_action, write_meeting
from tests.publications import NOON, made, store

DAY = timedelta(days=1)
PULSE = ROOT / "surveys" / "pulse.toml"
SECRET = b"a secret of this installation..."
AGREED = NOON


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    """Return a released survey with its boundaries, so that its communities count as surveyed before."""
    number = store(session, frozen).round
    round_store.store_boundaries_and_keys(session, number, region=frozen.region, public_key=b"", box_salt=b"")
    round_store.try_change_state(session, number, before=RoundState.DRAFT, after=RoundState.RELEASED)
    session.commit()
    return number


def due(session, now):
    return [one.unit.id for one in followup.follow_ups_due_for_pulse(session, now=now)]


def test_a_pulse_is_due_a_week_before_the_sixth_week_for_those_who_ask(session, round_id):
    planned(session, round_id, "pine")
    planned(session, round_id, "fir")
    write_meeting(session, round_id, "fir", version=1, pulse="")
    write_meeting(session, round_id, "small")
    assert due(session, AGREED + 34 * DAY) == []
    assert due(session, AGREED + 35 * DAY) == ["pine"]


def test_a_pulse_opens_on_monday_morning_and_lasts_two_working_weeks():
    opens, closes = followup.pulse_opening_and_closing(NOON, ZoneInfo("Europe/Helsinki"))
    assert opens.isoformat() == "2026-11-30T06:00:00+02:00"
    assert closes.isoformat() == "2026-12-11T23:59:00+02:00"


def pulse(session, app, round_id, *, now):
    """Plan a pulse for those due, open it and return its number."""
    asked = followup.follow_ups_due_for_pulse(session, now=now)
    number = rounds.plan_round(
        session,
        title="Pulse",
        instrument=read_questionnaire_file(PULSE),
        source=PULSE.read_text(encoding="utf-8"),
        opens_at=now,
        closes_at=now + 12 * DAY,
        kind=RoundKind.PULSE,
    )
    followup.restrict_pulse_to_units(session, number, asked)
    keys = app.extensions["voimavara"].settings.keys
    region = made_region(session)
    rounds.open_round(session, number, now=now, secret=SECRET, keys=keys, region=region)
    return number, keys


def made_region(session):
    return followup.released_surveys(session)[-1].region


def test_a_pulse_asks_only_those_who_are_due_and_its_release_moves_their_clock(app, session, round_id):
    for unit in ("pine", "tiny"):
        planned(session, round_id, unit)
    now = AGREED + 45 * DAY
    number, keys = pulse(session, app, round_id, now=now)
    assert [unit.id for unit in rounds.get_round(session, number).boundaries.units] == ["pine", "tiny"]
    assert due(session, now) == []
    instrument = read_questionnaire_file(PULSE)
    for unit, count in (("pine", 12), ("tiny", 3)):
        for code in rounds.issue_slip_codes(session, number, unit, secret=SECRET, now=now)[:count]:
            ratings = {item.id: 4 for item in instrument.items}
            answering.submit(session, code, ratings=ratings, group=None, comment=None, secret=SECRET, now=now)
    rounds.close(session, number, now=now + DAY)
    counting.count_round(session, number, now=now + DAY, keys=keys, secret=SECRET, policy=Policy())
    assert not followup.follow_up_of_unit(session, round_id, "pine").timeline.is_step_taken(FollowUpStep.PULSE_DONE)
    rounds.release(session, number, now=now + 2 * DAY)
    assert followup.follow_up_of_unit(session, round_id, "pine").timeline.is_step_taken(FollowUpStep.PULSE_DONE)
    assert followup.follow_up_of_unit(session, round_id, "tiny").timeline.is_step_taken(FollowUpStep.PULSE_DONE)
    made_of = publications.find_including_replaced(session, number)
    assert made_of.figure(Cell(Level.COMMUNITY, "pine"), "helped").mean == 73  # 75: at least 73
    assert made_of.figure(Cell(Level.COMMUNITY, "tiny"), "helped").state is DisclosureState.WITHHELD


def test_a_pulse_is_compared_with_the_survey_on_identical_items_only(frozen):
    region = frozen.region
    instrument = read_questionnaire_file(PULSE)
    units = np.repeat(np.arange(len(region.units), dtype=np.int32), 24)
    ratings = np.full((len(units), len(instrument.items)), 3, np.uint8)
    collected = OpenedBallots(units, np.full(len(units), 255, np.uint8), ratings)
    later = published(
        replace(region, units=tuple(replace(one, invited={"teachers": 30}) for one in region.units)),
        collected,
        instrument=instrument,
        earlier=(frozen,),
        counted_at=NOON + 50 * DAY,
        id=2,
        kind=RoundKind.PULSE,
    )
    since = {m.id for m in later.scales if any(f.trends for f in later.figures if f.measure == m.id)}
    same = {measure.identity for measure in frozen.measures}
    assert since and all(later.measure(name).identity in same for name in since)
    assert not since & {"noticed", "helped"}


def test_reminders_are_named_before_and_after_the_day_and_never_twice(session, round_id):
    assert not followup.due_reminders(session, now=NOON)
    soon = [one for one in followup.due_reminders(session, now=NOON + 6 * DAY) if one.unit == "pine"]
    assert [(one.step, one.kind) for one in soon] == [(FollowUpStep.PREVIEWED, ReminderKind.SOON)]
    assert followup.record_reminder(session, soon[0], now=NOON + 6 * DAY)
    assert not followup.record_reminder(session, soon[0], now=NOON + 6 * DAY)
    assert "pine" not in [one.unit for one in followup.due_reminders(session, now=NOON + 7 * DAY)]
    late = [one for one in followup.due_reminders(session, now=NOON + 62 * DAY) if one.unit == "pine"]
    assert [(one.step, one.kind) for one in late] == [(FollowUpStep.PREVIEWED, ReminderKind.LATE)]


def test_no_reminder_is_given_on_a_day_off(session, round_id):
    sunday = NOON + 5 * DAY
    assert not followup.due_reminders(session, now=sunday)
    assert followup.due_reminders(session, now=sunday + DAY)


def test_a_reminder_names_the_step_that_comes_next_and_who_may_take_it(session, round_id):
    followup.take_step(session, round_id, "pine", FollowUpStep.PREVIEWED, by=None, now=NOON)
    (reminder,) = [one for one in followup.due_reminders(session, now=NOON + 13 * DAY) if one.unit == "pine"]
    assert (reminder.step, reminder.municipality, reminder.communities) == (FollowUpStep.DISCUSSED, "south", ("pine",))


def test_the_next_survey_opens_with_what_was_promised(session, round_id):
    assert followup.earlier_promises(session, "pine") is None
    planned(session, round_id, "pine", outcome="It is left out.")
    told = followup.earlier_promises(session, "pine")
    assert told.focus == ("demands",) and told.promises[0].outcome == "It is left out."
    assert followup.earlier_promises(session, "pine", other_than=round_id) is None


@both_databases
def test_a_survey_and_what_followed_are_the_same_in_one_statement_and_in_several(session, round_id):
    def same():
        at_once = survey_follow_ups.find_newest_follow_up_of_unit(session, "pine")
        assert at_once == survey_follow_ups._in_several_statements(session, "pine", other_than=None)
        return at_once

    assert same().plan.version == 0
    write_meeting(session, round_id, "pine")
    assert same().plan.focus == ("demands",) and not same().plan.actions
    saved = write_action(session, round_id, "pine", what="First", power="municipality")
    write_action(session, round_id, "pine", what="Second")
    write_meeting(session, round_id, "fir")
    write_action(session, round_id, "fir", what="Of another community")
    for step in (FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED, FollowUpStep.PLAN_AGREED):
        followup.take_step(session, round_id, "pine", step, by=None, now=NOON)
    followup.escalate(session, round_id, "pine", ActionId(saved.number), "Needed.", by=None, now=NOON)
    found = same()
    assert [(action.what, len(found.escalations)) for action in found.plan.actions] == [("First", 1), ("Second", 1)]
    assert survey_follow_ups.find_newest_follow_up_of_unit(session, "pine", other_than=round_id) is None
    assert survey_follow_ups.find_newest_follow_up_of_unit(session, "nowhere") is None


def test_a_word_belongs_to_one_survey_and_one_community(session, round_id, frozen):
    words = {followup.access_phrase(session, round_id, unit.id, secret=SECRET) for unit in frozen.region.units}
    assert len(words) == len(frozen.region.units)
    old = followup.access_phrase(session, round_id, "pine", secret=SECRET)
    later = store(session, made(2, earlier=(frozen,), days=300))
    with pytest.raises(UnknownAccessPhrase):
        followup.follow_up_by_access_phrase(session, old, secret=SECRET)
    new = followup.access_phrase(session, later.round, "pine", secret=SECRET)
    assert followup.follow_up_by_access_phrase(session, new, secret=SECRET).round == later.round


def test_staff_read_at_the_latest_a_week_after_the_release(session, round_id):
    found = followup.follow_up_of_unit(session, round_id, "pine")
    assert not followup.may_staff_read_results(found, now=NOON + 6 * DAY)
    assert followup.may_staff_read_results(found, now=NOON + 7 * DAY)


def test_the_effect_is_told_of_many_communities_and_never_of_few(session, round_id, frozen):
    assert followup.follow_up_effect_across_units(session, round_id, "demands", after=None) is None
    planned(session, round_id, "pine")
    later = store(session, made(2, earlier=(frozen,), days=300))
    found = followup.follow_up_effect_across_units(session, round_id, "demands", after=later.round)
    assert found.verdict.value == "too_few" and found.by_results is None and found.treated <= 1


def test_a_review_is_taken_when_the_next_survey_is_there(session, round_id, frozen):
    planned(session, round_id, "pine")
    store(session, made(2, earlier=(frozen,), days=300))
    followup.take_step(session, round_id, "pine", FollowUpStep.EFFECT_REVIEWED, by=None, now=NOON + 300 * DAY)
    assert followup.follow_up_of_unit(session, round_id, "pine").timeline.next is None
