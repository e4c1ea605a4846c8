"""When the time is trusted: by the machine's timer, by the last trusted time, by a second machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock_jumps import (
    AGREEMENT_AGE,
    MAX_GAP,
    MAX_STEP,
    SETTLING,
    ClockCheck,
    ClockReading,
    clock_step,
    find_jump,
    is_set_back,
    is_time_trusted,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
UPTIME = 50_000.0
ANCHORED = ClockCheck("a", trusted_at=NOON, anchor_at=NOON, anchor_timer=UPTIME)


def reading(elapsed, *, real=None, machine="a", is_shared=False):
    """Return what machine shows `elapsed` after noon by the clock, and `real` (else the same) by the timer."""
    passed = elapsed if real is None else real
    return ClockReading(machine, NOON + elapsed, UPTIME + passed.total_seconds(), is_shared)


def is_trusted(checks, found, last_run=None):
    return is_time_trusted(checks, found, last_run=last_run)


@pytest.mark.parametrize(
    ("clock", "real", "trusted"),
    [
        (MINUTE, MINUTE, True),
        (30 * DAY, 30 * DAY, True),  # a suspended laptop, or a service that was off: the timer went on
        (MAX_STEP + MINUTE, MINUTE, True),
        (MAX_STEP + MINUTE + SECOND, MINUTE, False),
        (8 * DAY, SECOND, False),
        (-8 * DAY, MINUTE, True),  # behind: nothing happens too early
        (SECOND * 2, SECOND, True),  # a leap second
    ],
)
def test_the_timer_of_the_machine_decides_while_it_runs(clock, real, trusted):
    assert is_trusted([ANCHORED], reading(clock, real=real)) is trusted


@pytest.mark.parametrize(("gap", "trusted"), [(MAX_GAP, True), (MAX_GAP + SECOND, False), (-DAY, True)])
def test_after_a_restart_of_the_machine_a_day_is_believed_and_no_more(gap, trusted):
    assert is_trusted([ANCHORED], reading(gap, machine="b")) is trusted


@pytest.mark.parametrize(("gap", "trusted"), [(MAX_GAP, True), (MAX_GAP + SECOND, False)])
def test_the_last_run_stands_in_where_an_earlier_version_wrote_no_time(gap, trusted):
    assert is_trusted([], reading(gap), last_run=NOON) is trusted
    assert is_trusted([ANCHORED], reading(gap, machine="b"), last_run=NOON + gap) is trusted


def test_a_new_installation_is_trusted():
    assert is_trusted([], reading(timedelta()))


def test_a_noticed_jump_of_some_hours_outlives_a_restart_until_the_clock_is_set_back():
    noticed = replace(ANCHORED, jumped_at=NOON + timedelta(hours=3))
    assert not is_trusted([noticed], reading(timedelta(hours=4), machine="b"))
    assert is_trusted([noticed], reading(timedelta(hours=1), machine="b"))
    assert is_trusted([noticed], reading(timedelta(hours=1), real=timedelta(hours=1)))


def agreeing(machine, at, *, has_anchor=False):
    found = ClockCheck(machine, trusted_at=NOON, jumped_at=at, agreed_at=at)
    return replace(found, anchor_at=NOON, anchor_timer=UPTIME) if has_anchor else found


WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("others", "trusted"),
    [
        ([], False),
        ([agreeing("b", NOON + WEEK)], True),
        ([agreeing("b", NOON + WEEK, has_anchor=True)], True),  # this machine has just started, and denies nothing
        ([agreeing("b", NOON + WEEK - AGREEMENT_AGE)], True),
        ([agreeing("b", NOON + WEEK - AGREEMENT_AGE - SECOND)], False),  # it is gone
        ([replace(agreeing("b", NOON + WEEK), agreed_at=None)], False),
        ([agreeing("a", NOON + WEEK)], False),  # another process of the same machine
    ],
)
def test_a_second_machine_confirms_the_time_after_a_downtime(others, trusted):
    gone = replace(ANCHORED, machine="gone")
    assert is_trusted([gone, *others], reading(WEEK, is_shared=True)) is trusted
    assert not is_trusted([gone, *others], reading(WEEK, is_shared=False))


@pytest.mark.parametrize(("has_anchor", "trusted"), [(False, True), (True, False)])
def test_machines_whose_timers_all_tell_of_a_jump_confirm_nothing(has_anchor, trusted):
    jumped = replace(ANCHORED, jumped_at=NOON + WEEK)
    other = agreeing("b", NOON + WEEK, has_anchor=has_anchor)
    assert is_trusted([jumped, other], reading(WEEK, real=MINUTE, is_shared=True)) is trusted


def test_a_machine_whose_timer_confirms_the_time_overrules_another():
    jumped = agreeing("b", NOON + WEEK, has_anchor=True)
    assert is_trusted([ANCHORED, jumped], reading(WEEK, is_shared=True))


def test_without_a_timer_only_the_gap_is_known():
    found = replace(reading(timedelta(hours=20)), timer=None)
    assert clock_step(ANCHORED, found) is None
    assert is_trusted([ANCHORED], found)
    assert found.is_machine_up_long_enough
    assert not is_trusted([ANCHORED], replace(reading(2 * DAY), timer=None))


def test_a_jump_tells_the_last_trusted_time_and_when_it_was_noticed():
    jumped = [agreeing("b", NOON + WEEK + MINUTE), replace(ANCHORED, jumped_at=NOON + WEEK)]
    found = find_jump(jumped, now=NOON + WEEK + DAY)
    assert (found.last_trusted_at, found.noticed_at) == (NOON, NOON + WEEK)
    assert find_jump(jumped, now=NOON + DAY) is None
    assert find_jump([ANCHORED], now=NOON) is None


def test_a_clock_is_set_back_where_it_is_behind_the_timer_or_a_trusted_time():
    assert is_set_back([ANCHORED], reading(-MAX_STEP, real=SECOND))
    assert not is_set_back([ANCHORED], reading(-MAX_STEP, real=timedelta()))
    assert is_set_back([ANCHORED], reading(-MAX_STEP - SECOND, machine="b"))
    assert not is_set_back([ANCHORED], reading(-MAX_STEP, machine="b"))


@pytest.mark.parametrize(
    ("uptime", "settled"), [(SETTLING.total_seconds() - 1, False), (SETTLING.total_seconds(), True)]
)
def test_a_machine_is_settled_ten_minutes_after_its_start(uptime, settled):
    assert replace(reading(timedelta()), timer=uptime).is_machine_up_long_enough is settled
