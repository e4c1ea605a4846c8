"""Deadlines, surveys and letters keep off weekends, Finnish public holidays and July."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.followup import FollowUpProgress, FollowUpStep, build_timeline, latest_first_step_day
from app.core.mail import MailBatchNotAllowed, require_reminder_day
from app.core.rounds import KeyMode, Round, RoundId, RoundKind, RoundState
from app.core.working_days import is_working_day, public_holidays, same_or_next_working_day

# As the package holidays 0.109 lists them, without the Sundays of Easter and Whitsun.
PRINTED = {
    2024: "01-01 01-06 03-29 04-01 05-01 05-09 06-21 06-22 11-02 12-06 12-24 12-25 12-26",
    2025: "01-01 01-06 04-18 04-21 05-01 05-29 06-20 06-21 11-01 12-06 12-24 12-25 12-26",
    2026: "01-01 01-06 04-03 04-06 05-01 05-14 06-19 06-20 10-31 12-06 12-24 12-25 12-26",
    2027: "01-01 01-06 03-26 03-29 05-01 05-06 06-25 06-26 11-06 12-06 12-24 12-25 12-26",
    2030: "01-01 01-06 04-19 04-22 05-01 05-30 06-21 06-22 11-02 12-06 12-24 12-25 12-26",
    2038: "01-01 01-06 04-23 04-26 05-01 06-03 06-25 06-26 11-06 12-06 12-24 12-25 12-26",
}


@pytest.mark.parametrize("year", PRINTED)
def test_the_public_holidays_are_those_of_another_implementation(year):
    assert sorted(f"{day:%m-%d}" for day in public_holidays(year)) == PRINTED[year].split()


def test_the_next_working_day_is_the_first_of_them_and_never_earlier():
    day = date(2026, 1, 1)
    while day.year < 2028:
        found = same_or_next_working_day(day)
        assert found >= day and is_working_day(found)
        assert not any(is_working_day(day + timedelta(days=n)) for n in range((found - day).days))
        day += timedelta(days=1)


@pytest.mark.parametrize("released", [date(2026, 1, 1) + timedelta(days=n) for n in range(0, 365, 3)])
def test_no_step_is_due_on_a_day_off_nor_earlier_than_the_template_says(released):
    at = datetime.combine(released, datetime.min.time(), UTC)
    timeline = build_timeline(FollowUpProgress({FollowUpStep.RELEASED: at}, next_released=at + timedelta(days=360)))
    due = [step.due for step in timeline.steps if step.step is not FollowUpStep.RELEASED]
    assert due == sorted(due[:-1]) + due[-1:]
    assert all(map(is_working_day, [*due, timeline.pulse_from]))
    meeting = timeline.find(FollowUpStep.DISCUSSED).due
    assert timedelta(days=14) <= meeting - released <= timedelta(days=14 + 36), "July is the longest wait"
    assert is_working_day(latest_first_step_day(released))


def test_a_meeting_due_on_boxing_day_is_due_on_the_monday_after():
    at = datetime(2026, 12, 12, 9, tzinfo=UTC)
    timeline = build_timeline(FollowUpProgress({FollowUpStep.RELEASED: at}))
    assert timeline.find(FollowUpStep.DISCUSSED).due == date(2026, 12, 28)


@pytest.mark.parametrize("day", [date(2026, 12, 5), date(2026, 12, 25), date(2027, 1, 6)])
def test_a_reminder_on_a_day_off_is_refused(day):
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    round_ = Round(
        id=RoundId(1),
        title="Winter",
        kind=RoundKind.SURVEY,
        state=RoundState.OPEN,
        instrument="wellbeing",
        instrument_digest="0" * 64,
        key_mode=KeyMode.AUTOMATIC,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=60),
        comments=False,
        by_group=False,
        k=10,
        boundaries=None,
    )
    with pytest.raises(MailBatchNotAllowed, match="day_off"):
        require_reminder_day(round_, day, now=now, zone=UTC)
    require_reminder_day(round_, same_or_next_working_day(day), now=now, zone=UTC)
