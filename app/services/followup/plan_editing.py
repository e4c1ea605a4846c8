"""Edit minutes and plans; concurrent edits are merged without loss."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.errors import ConcurrentChange
from app.core.followup import (
    Action,
    ActionId,
    MergeResult,
    Plan,
    action_from_form,
    action_to_form,
    latest_first_step_day,
    merge,
    minutes_and_focus_from_form,
)
from app.core.rounds import RoundId
from app.services.followup.follow_up_lookup import follow_up_of_unit
from app.store import accounts, plans
from app.store.plans import PLAN_SUBJECT, PlanChange, StaleVersion

MAX_TRIES = 3


class UnknownAction(ConcurrentChange):
    """The plan has no such action."""


class EditConflict(Exception):
    """Somebody else changed the same fields concurrently; nothing was saved or lost.

    `merged` contains both texts, `version` the version to save over next, and `change` the other change.
    """

    def __init__(self, merged: MergeResult, version: int, change: PlanChange | None):
        super().__init__(", ".join(merged.conflicts))
        self.merged = merged
        self.version = version
        self.change = change


@dataclass(frozen=True, slots=True)
class SaveResult:
    """Result of saving; `taken_from_theirs` are fields that somebody else changed concurrently."""

    number: ActionId
    taken_from_theirs: tuple[str, ...] = ()


def save_minutes_and_focus(
    session: Session,
    round_id: RoundId,
    unit_id: str,
    texts: Mapping[str, str],
    *,
    version: int,
    by: AccountId | None,
    now: datetime,
) -> SaveResult:
    """Save minutes, focus and the request for a pulse; raises InvalidMeeting or EditConflict.

    `texts` contains `discussed_on`, `present`, `note`, `focus` (ids separated by commas) and `pulse` ("yes" or "").
    """
    submitted = {name: texts.get(name, "").strip() for name in ("discussed_on", "present", "note", "focus", "pulse")}
    for _attempt in range(MAX_TRIES):
        at_rest = follow_up_of_unit(session, round_id, unit_id).plan
        merged = _merged(
            session,
            at_rest,
            PLAN_SUBJECT,
            minutes_and_focus_to_form(at_rest),
            submitted,
            versions=(version, at_rest.version),
        )
        chosen = [item for item in merged.values["focus"].split(",") if item]
        meeting, focus = minutes_and_focus_from_form(merged.values, chosen, today=now.date())
        changed = replace(at_rest, meeting=meeting, focus=focus, pulse=merged.values["pulse"] == "yes")
        with suppress(StaleVersion):
            saved = plans.save_plan_without_actions(session, changed)
            plans.record_change(
                session, round_id, unit_id, PlanChange(PLAN_SUBJECT, saved, by, now, minutes_and_focus_to_form(changed))
            )
            return SaveResult(ActionId(0), merged.taken_from_theirs)
    raise StaleVersion


def save_action(
    session: Session,
    round_id: RoundId,
    unit_id: str,
    texts: Mapping[str, str],
    *,
    number: ActionId | None,
    version: int,
    by: AccountId | None,
    now: datetime,
) -> SaveResult:
    """Add an action (`number` None) or change one; raises InvalidAction, UnknownAction or EditConflict."""
    current = follow_up_of_unit(session, round_id, unit_id)
    latest = latest_first_step_day(now.date(), current.template)
    if number is None:
        return _add_action(session, current.plan, action_from_form(texts, first_by_latest=latest), by=by, now=now)
    for _attempt in range(MAX_TRIES):
        plan = plans.plan_or_empty(session, round_id, unit_id)
        at_rest = get_action(plan, number)
        versions = (version, at_rest.version)
        merged = _merged(
            session, plan, change_subject_of_action(number), action_to_form(at_rest), dict(texts), versions=versions
        )
        unmoved = merged.values.get("first_by") == at_rest.first_by.isoformat()
        read = action_from_form(merged.values, first_by_latest=None if unmoved else latest)
        changed = replace(read, id=number, version=at_rest.version)
        with suppress(StaleVersion):
            saved = plans.save_action(session, changed)
            _record_action(session, plan, replace(changed, version=saved), by=by, now=now)
            return SaveResult(number, merged.taken_from_theirs)
    raise StaleVersion


def _add_action(session: Session, plan: Plan, action: Action, *, by: AccountId | None, now: datetime) -> SaveResult:
    _ensure_plan(session, plan)
    added = plans.add_action(session, plan.round, plan.unit, action)
    _record_action(session, plan, replace(action, id=added), by=by, now=now)
    return SaveResult(added)


def get_action(plan: Plan, number: ActionId) -> Action:
    """Return an action of a plan; UnknownAction if there is none with this number."""
    action = next((action for action in plan.actions if action.id == number), None)
    if action is None:
        raise UnknownAction(number)
    return action


def change_subject_of_action(number: ActionId) -> str:
    """Return the subject of an action in the history of changes."""
    return f"action:{number}"


def minutes_and_focus_to_form(plan: Plan) -> dict[str, str]:
    """Return minutes, focus and the request for a pulse as form texts."""
    meeting = plan.meeting
    return {
        "discussed_on": meeting.discussed_on.isoformat() if meeting.discussed_on else "",
        "present": str(meeting.present or ""),
        "note": meeting.note,
        "focus": ",".join(plan.focus),
        "pulse": "yes" if plan.pulse else "",
    }


def plan_changes(session: Session, round_id: RoundId, unit_id: str) -> tuple[PlanChange, ...]:
    """Return all changes of a unit's plan, latest first."""
    return plans.changes(session, round_id, unit_id)


def author_names(session: Session, changes: Iterable[PlanChange]) -> dict[AccountId, str]:
    """Return the names of the accounts that made the changes."""
    wanted = {change.by for change in changes}
    return {account.id: account.name for account in accounts.accounts(session) if account.id in wanted}


def _merged(
    session: Session,
    plan: Plan,
    subject: str,
    theirs: Mapping[str, str],
    mine: Mapping[str, str],
    *,
    versions: tuple[int, int],
) -> MergeResult:
    """Merge one's own texts with those saved since they were read."""
    read, at_rest = versions
    if read == at_rest:
        return MergeResult(mine, {}, ())
    changes = plans.changes(session, plan.round, plan.unit, subject=subject)
    base = next((change.texts for change in changes if change.version == read), {})
    merged = merge(base, theirs=theirs, mine=mine)
    if merged.conflicts:
        raise EditConflict(merged, at_rest, changes[0] if changes else None)
    return merged


def _ensure_plan(session: Session, plan: Plan) -> None:
    if plan.version == 0:
        with suppress(StaleVersion):  # somebody else created it concurrently
            plans.save_plan_without_actions(session, plan)


def _record_action(session: Session, plan: Plan, action: Action, *, by: AccountId | None, now: datetime) -> None:
    change = PlanChange(change_subject_of_action(action.id), action.version, by, now, action_to_form(action))
    plans.record_change(session, plan.round, plan.unit, change)
