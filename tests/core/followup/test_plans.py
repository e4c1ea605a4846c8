from datetime import date

import pytest

from app.core.followup import (
    ActionErrorCode,
    ActionStatus,
    InvalidAction,
    InvalidActionLibrary,
    InvalidMeeting,
    MeetingErrorCode,
    action_from_form,
    action_to_form,
    merge,
    minutes_and_focus_from_form,
    parse_action_library,
)

TEXTS = {
    "dimension": "demands",
    "what": "Two meetings fewer",
    "aim": "work",
    "power": "community",
    "owner": "vice principal",
    "first_step": "The Monday meeting is left out",
    "first_by": "2026-12-01",
    "due": "2027-02-01",
    "sign": "The hour is in the timetable",
    "course": "",
    "status": "planned",
    "outcome": "",
}
TODAY = date(2026, 11, 24)


def faults(**changed):
    with pytest.raises(InvalidAction) as refused:
        action_from_form(TEXTS | changed, first_by_latest=date(2026, 12, 24))
    return refused.value.faults


def test_an_action_is_read_and_written_without_a_change():
    assert action_to_form(action_from_form(TEXTS)) == TEXTS


def test_every_fault_is_named_at_once():
    found = faults(what=" ", aim="magic", due="soon")
    assert found == {"what": ActionErrorCode.MISSING, "aim": ActionErrorCode.UNKNOWN, "due": ActionErrorCode.NO_DATE}


def test_the_first_step_must_be_seen_within_thirty_days():
    assert faults(first_by="2026-12-25") == {"first_by": ActionErrorCode.FIRST_STEP_TOO_LATE}


def test_an_action_does_not_end_before_it_begins():
    assert faults(due="2026-11-30") == {"due": ActionErrorCode.ENDS_BEFORE_FIRST_STEP}


@pytest.mark.parametrize(
    ("texts", "focus", "fault"),
    [
        ({"discussed_on": ""}, (), ("discussed_on", MeetingErrorCode.NO_DATE)),
        ({"discussed_on": "2026-11-25"}, (), ("discussed_on", MeetingErrorCode.IN_THE_FUTURE)),
        ({"present": "many"}, (), ("present", MeetingErrorCode.NO_NUMBER)),
        ({"present": "0"}, (), ("present", MeetingErrorCode.NO_NUMBER)),
        ({}, ("joy",), ("focus", MeetingErrorCode.UNKNOWN_FOCUS)),
        ({}, ("control", "demands", "resources"), ("focus", MeetingErrorCode.TOO_MANY)),
    ],
)
def test_minutes_with_a_fault_are_refused(texts, focus, fault):
    with pytest.raises(InvalidMeeting) as refused:
        minutes_and_focus_from_form({"discussed_on": "2026-11-20", "present": "18"} | texts, focus, today=TODAY)
    assert refused.value.faults == dict([fault])


def test_two_people_who_change_different_fields_both_win():
    mine = TEXTS | {"owner": "principal"}
    theirs = TEXTS | {"status": "done"}
    merged = merge(TEXTS, theirs=theirs, mine=mine)
    assert merged.values["owner"] == "principal" and merged.values["status"] == ActionStatus.DONE
    assert not merged.conflicts and merged.taken_from_theirs == ("status",)


def test_two_people_who_change_the_same_field_see_both_texts():
    merged = merge(TEXTS, theirs=TEXTS | {"what": "Three fewer"}, mine=TEXTS | {"what": "One fewer"})
    assert merged.values["what"] == "One fewer" and merged.conflicts == {"what": "Three fewer"}


def test_two_people_who_write_the_same_do_not_clash():
    same = TEXTS | {"what": "Three fewer"}
    assert not merge(TEXTS, theirs=same, mine=same).conflicts


ENTRY = {"id": "a", "aim": "work"} | {
    name: {"fi": "x", "sv": "x", "en": "x"} for name in ("what", "first_step", "sign")
}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"joy": []}, "no dimension joy"),
        ({"control": [ENTRY | {"aim": "magic"}]}, "control, entry 1"),
        ({"control": [ENTRY | {"sign": {"fi": "x"}}]}, "control, entry 1, sign: the text is missing in sv, en"),
        ({"control": [ENTRY], "demands": [ENTRY]}, "a stands twice"),
    ],
)
def test_a_faulty_library_is_refused_with_the_place(content, told):
    with pytest.raises(InvalidActionLibrary, match=told):
        parse_action_library(content)


def test_the_library_puts_the_work_first():
    late = ENTRY | {"id": "b", "aim": "skills"}
    assert [one.id for one in parse_action_library({"control": [late, ENTRY]})] == ["a", "b"]
