from datetime import timedelta

import pytest

from app.core.followup import FollowUpStep, InvalidMeeting, MunicipalityAnswerKind, StepErrorCode, StepNotAllowed
from app.core.languages import PartlyTranslatedText
from app.core.working_days import same_or_next_working_day
from app.services import followup
from app.services.followup import EditConflict, EscalationError
from app.store import plans
from tests.follow_ups import PINE, planned, write_action, write_meeting
from tests.publications import NOON, made, store
from tests.web.staff_client import add_account

DAY = timedelta(days=1)
FROM_JANUARY = PartlyTranslatedText("From January.")
DONE = PartlyTranslatedText("Done.")
NO_MONEY = PartlyTranslatedText("No money.")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


def refused(session, round_id, step):
    with pytest.raises(StepNotAllowed) as fault:
        followup.take_step(session, round_id, "pine", step, by=None, now=NOON)
    return fault.value.fault


def test_a_community_walks_the_whole_way_and_each_step_asks_for_what_it_rests_on(session, round_id):
    followup.take_step(session, round_id, "pine", FollowUpStep.PREVIEWED, by=None, now=NOON)
    assert refused(session, round_id, FollowUpStep.DISCUSSED) is StepErrorCode.NO_MEETING
    write_meeting(session, round_id, "pine", focus="")
    followup.take_step(session, round_id, "pine", FollowUpStep.DISCUSSED, by=None, now=NOON)
    assert refused(session, round_id, FollowUpStep.PLAN_AGREED) is StepErrorCode.NO_FOCUS
    write_meeting(session, round_id, "pine", version=1)
    assert refused(session, round_id, FollowUpStep.PLAN_AGREED) is StepErrorCode.NO_ACTION
    write_action(session, round_id, "pine")
    followup.take_step(session, round_id, "pine", FollowUpStep.PLAN_AGREED, by=None, now=NOON)
    assert refused(session, round_id, FollowUpStep.IN_PROGRESS) is StepErrorCode.NOT_BEGUN
    action = followup.follow_up_of_unit(session, round_id, "pine").plan.actions[0]
    write_action(session, round_id, "pine", number=action.id, version=1, status="started")
    followup.take_step(session, round_id, "pine", FollowUpStep.IN_PROGRESS, by=None, now=NOON)
    assert followup.follow_up_of_unit(session, round_id, "pine").timeline.last_step_taken is FollowUpStep.IN_PROGRESS


def test_a_step_pressed_by_mistake_is_taken_back_and_both_stay_in_the_history(session, round_id):
    followup.take_step(session, round_id, "pine", FollowUpStep.PREVIEWED, by=None, now=NOON)
    followup.undo_step(session, round_id, "pine", FollowUpStep.PREVIEWED, by=None, now=NOON + DAY)
    assert followup.follow_up_of_unit(session, round_id, "pine").timeline.last_step_taken is FollowUpStep.RELEASED
    deeds = [change.texts["deed"] for change in followup.plan_changes(session, round_id, "pine")]
    assert deeds == ["taken_back", "taken"]


def test_a_step_is_taken_once_whoever_presses(session, round_id):
    followup.take_step(session, round_id, "pine", FollowUpStep.PREVIEWED, by=None, now=NOON)
    assert refused(session, round_id, FollowUpStep.PREVIEWED) is StepErrorCode.NOT_NEXT


def test_two_people_in_different_fields_lose_nothing(session, round_id):
    number = write_action(session, round_id, "pine").number
    write_action(session, round_id, "pine", number=number, version=1, owner="caretaker")
    saved = write_action(session, round_id, "pine", number=number, version=1, sign="A free hour on Mondays")
    kept = followup.follow_up_of_unit(session, round_id, "pine").plan.actions[0]
    assert (kept.owner, kept.sign) == ("caretaker", "A free hour on Mondays")
    assert saved.taken_from_theirs == ("owner",)


def test_two_people_in_the_same_field_see_each_other_and_lose_nothing(session, round_id):
    kim = add_account(PINE)
    number = write_action(session, round_id, "pine").number
    write_action(session, round_id, "pine", number=number, version=1, what="Three fewer", by=kim.id)
    with pytest.raises(EditConflict) as clash:
        write_action(session, round_id, "pine", number=number, version=1, what="One fewer")
    assert clash.value.merged.conflicts == {"what": "Three fewer"}
    assert clash.value.merged.values["what"] == "One fewer"
    assert clash.value.change.by == kim.id
    assert followup.follow_up_of_unit(session, round_id, "pine").plan.actions[0].what == "Three fewer"
    write_action(session, round_id, "pine", number=number, version=clash.value.version, what="One fewer")
    whats = [change.texts["what"] for change in followup.plan_changes(session, round_id, "pine")]
    assert whats == ["One fewer", "Three fewer", "Two meetings fewer"]


def test_two_people_who_begin_the_minutes_at_once_see_each_other(session, round_id):
    write_meeting(session, round_id, "pine", present="18")
    with pytest.raises(EditConflict) as clash:
        write_meeting(session, round_id, "pine", present="19")
    assert clash.value.merged.conflicts == {"present": "18"}
    write_meeting(session, round_id, "pine", present="19", version=clash.value.version)
    assert followup.follow_up_of_unit(session, round_id, "pine").plan.meeting.present == 19


def test_a_version_that_is_gone_is_never_written_over(session, round_id):
    write_meeting(session, round_id, "pine")
    old = plans.plan_or_empty(session, round_id, "pine")
    plans.save_plan_without_actions(session, old)
    with pytest.raises(plans.StaleVersion):
        plans.save_plan_without_actions(session, old)


def test_minutes_that_are_refused_leave_nothing(session, round_id):
    with pytest.raises(InvalidMeeting):
        write_meeting(session, round_id, "pine", present="many")
    assert followup.follow_up_of_unit(session, round_id, "pine").plan.version == 0


def test_a_matter_goes_to_the_municipality_and_comes_back_with_an_answer(session, round_id):
    number = planned(session, round_id, "pine", power="municipality")
    raised = followup.escalate(session, round_id, "pine", number, "Two groups are too large.", by=None, now=NOON)
    (waiting,) = followup.all_escalations(session)
    assert (waiting.municipality, waiting.due) == ("south", same_or_next_working_day((NOON + 30 * DAY).date()))
    followup.answer_escalation(
        session,
        raised,
        MunicipalityAnswerKind.WILL_DO,
        FROM_JANUARY,
        seen_answer_at=None,
        by=None,
        now=NOON + DAY,
    )
    (promise,) = followup.follow_up_of_unit(session, round_id, "pine").promises
    assert promise.answer.text.main == "From January."


def test_an_answer_is_not_written_over_one_that_nobody_saw(session, round_id):
    number = planned(session, round_id, "pine", power="region")
    raised = followup.escalate(session, round_id, "pine", number, "Needed.", by=None, now=NOON)
    followup.answer_escalation(
        session, raised, MunicipalityAnswerKind.DONE, DONE, seen_answer_at=None, by=None, now=NOON
    )
    with pytest.raises(EscalationError):
        followup.answer_escalation(
            session,
            raised,
            MunicipalityAnswerKind.NOT_NOW,
            NO_MONEY,
            seen_answer_at=None,
            by=None,
            now=NOON + DAY,
        )
    followup.answer_escalation(
        session,
        raised,
        MunicipalityAnswerKind.NOT_NOW,
        NO_MONEY,
        seen_answer_at=NOON,
        by=None,
        now=NOON + DAY,
    )
    assert followup.find_escalation(session, raised).answer.kind is MunicipalityAnswerKind.NOT_NOW


@pytest.mark.parametrize(("power", "why"), [("community", "Because"), ("municipality", "  ")])
def test_what_the_community_can_decide_or_cannot_explain_is_not_handed_on(session, round_id, power, why):
    number = planned(session, round_id, "pine", power=power)
    with pytest.raises(EscalationError):
        followup.escalate(session, round_id, "pine", number, why, by=None, now=NOON)


def test_a_matter_is_handed_on_once(session, round_id):
    number = planned(session, round_id, "pine", power="municipality")
    followup.escalate(session, round_id, "pine", number, "Needed.", by=None, now=NOON)
    with pytest.raises(EscalationError):
        followup.escalate(session, round_id, "pine", number, "Needed again.", by=None, now=NOON)


def test_communities_with_and_without_numbers_are_followed_up_alike(session, round_id, frozen):
    found = followup.follow_ups_after_survey(session, round_id)
    assert [one.unit.id for one in found] == [unit.id for unit in frozen.region.units]
    planned(session, round_id, "tiny")
    assert followup.follow_up_of_unit(session, round_id, "tiny").timeline.last_step_taken is FollowUpStep.IN_PROGRESS
