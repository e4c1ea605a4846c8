"""A released round and people who follow it up, for tests of the follow-up."""

from datetime import timedelta

from app.core.accounts import Grant, Role
from app.core.followup import ActionId, FollowUpStep
from app.services import followup
from tests.publications import NOON

PINE = Grant(Role.PRINCIPAL, "south", "pine")
SMALL = Grant(Role.PRINCIPAL, "south", "small")
DAY = timedelta(days=1)
MEETING = {"discussed_on": "2026-11-20", "present": "18", "note": "A calm talk.", "focus": "demands", "pulse": "yes"}
ACTION = {
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


def write_meeting(session, round_id, unit, *, version=0, now=NOON, by=None, **changed):
    return followup.save_minutes_and_focus(session, round_id, unit, MEETING | changed, version=version, by=by, now=now)


def write_action(session, round_id, unit, *, number=None, version=0, now=NOON, by=None, **changed):
    texts = ACTION | changed
    return followup.save_action(session, round_id, unit, texts, number=number, version=version, by=by, now=now)


def planned(session, round_id, unit, *, now=NOON, **changed):
    """Bring a community to an agreed plan whose first change is under way; return its action's number."""
    write_meeting(session, round_id, unit, now=now, discussed_on=(now - 4 * DAY).date().isoformat())
    saved = write_action(session, round_id, unit, now=now, **({"status": "started"} | changed))
    for step in (FollowUpStep.PREVIEWED, FollowUpStep.DISCUSSED, FollowUpStep.PLAN_AGREED, FollowUpStep.IN_PROGRESS):
        followup.take_step(session, round_id, unit, step, by=None, now=now)
    session.commit()
    return ActionId(saved.number)
