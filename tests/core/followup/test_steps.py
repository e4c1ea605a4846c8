from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.followup import (
    FollowUpProgress,
    FollowUpStep,
    StepErrorCode,
    StepNotAllowed,
    build_timeline,
    require_step_allowed,
    require_undo,
)

RELEASED = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def clock(taken=(), *, pulse=True, next_released=None, discussed_on=None):
    at = {FollowUpStep.RELEASED: RELEASED} | {step: RELEASED + number * DAY for number, step in enumerate(taken, 1)}
    return build_timeline(FollowUpProgress(at, pulse=pulse, next_released=next_released, discussed_on=discussed_on))


def test_due_dates_follow_the_template_from_the_release():
    due = {mark.step: mark.due for mark in clock().steps}
    assert due[FollowUpStep.PREVIEWED] == date(2026, 1, 12)
    assert due[FollowUpStep.DISCUSSED] == date(2026, 1, 19)
    assert due[FollowUpStep.PLAN_AGREED] == date(2026, 2, 2)
    assert due[FollowUpStep.IN_PROGRESS] == date(2026, 3, 4)
    assert due[FollowUpStep.PULSE_DONE] == date(2026, 4, 13)
    assert due[FollowUpStep.EFFECT_REVIEWED] is None


def test_an_early_meeting_brings_the_plan_forward():
    early = clock([FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED], discussed_on=date(2026, 1, 8))
    assert early.find(FollowUpStep.PLAN_AGREED).due == date(2026, 1, 22)


def test_the_pulse_lies_between_six_and_ten_weeks_after_the_plan():
    found = clock([FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED, FollowUpStep.PLAN_AGREED])
    agreed = found.find(FollowUpStep.PLAN_AGREED).at.date()
    assert found.pulse_from == agreed + timedelta(weeks=6)
    assert found.find(FollowUpStep.PULSE_DONE).due == agreed + timedelta(weeks=10)


def test_a_step_is_late_from_the_day_after_it_was_due():
    assert not clock().is_next_step_late(date(2026, 1, 12))
    assert clock().is_next_step_late(date(2026, 1, 13))


def test_nobody_is_late_for_a_survey_that_has_not_come():
    taken = [
        FollowUpStep.PREVIEWED,
        FollowUpStep.DISCUSSED,
        FollowUpStep.PLAN_AGREED,
        FollowUpStep.IN_PROGRESS,
        FollowUpStep.PULSE_DONE,
    ]
    assert not clock(taken).is_next_step_late(date(2036, 1, 1))
    assert clock(taken, next_released=RELEASED + 300 * DAY).is_next_step_late(date(2036, 1, 1))


def test_only_the_next_step_may_be_taken():
    with pytest.raises(StepNotAllowed) as refused:
        require_step_allowed(clock(), FollowUpStep.DISCUSSED, ready={})
    assert refused.value.fault is StepErrorCode.NOT_NEXT
    require_step_allowed(clock(), FollowUpStep.PREVIEWED, ready={})


def test_what_a_step_rests_on_must_be_there():
    with pytest.raises(StepNotAllowed) as refused:
        require_step_allowed(
            clock([FollowUpStep.PREVIEWED]),
            FollowUpStep.DISCUSSED,
            ready={FollowUpStep.DISCUSSED: StepErrorCode.NO_MEETING},
        )
    assert refused.value.fault is StepErrorCode.NO_MEETING


@pytest.mark.parametrize("step", [FollowUpStep.RELEASED, FollowUpStep.PULSE_DONE])
def test_nobody_presses_for_what_comes_by_itself(step):
    for check in (lambda: require_step_allowed(clock(), step, ready={}), lambda: require_undo(clock(), step)):
        with pytest.raises(StepNotAllowed) as refused:
            check()
        assert refused.value.fault is StepErrorCode.BY_ITSELF


def test_only_the_last_step_can_be_taken_back():
    found = clock([FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED])
    require_undo(found, FollowUpStep.DISCUSSED)
    with pytest.raises(StepNotAllowed):
        require_undo(found, FollowUpStep.PREVIEWED)


def test_a_plan_without_a_pulse_is_not_asked_for_one():
    assert clock(pulse=False).find(FollowUpStep.PULSE_DONE) is None
    assert clock(pulse=False).pulse_from is None


def test_a_review_passes_over_a_pulse_that_never_came_and_it_is_owed_no_more():
    taken = [FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED, FollowUpStep.PLAN_AGREED, FollowUpStep.IN_PROGRESS]
    waiting = clock(taken, next_released=RELEASED + 300 * DAY)
    assert waiting.next.step is FollowUpStep.PULSE_DONE
    require_step_allowed(waiting, FollowUpStep.EFFECT_REVIEWED, ready={})
    finished = clock([*taken, FollowUpStep.EFFECT_REVIEWED], next_released=RELEASED + 300 * DAY)
    assert finished.next is None


def test_the_way_has_no_holes_when_the_pulse_came_early():
    found = clock([FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED, FollowUpStep.PLAN_AGREED, FollowUpStep.PULSE_DONE])
    assert found.next.step is FollowUpStep.IN_PROGRESS
    assert not found.is_step_taken(FollowUpStep.PULSE_DONE)
