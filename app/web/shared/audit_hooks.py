"""Automatic audit entries of the staff area, so that no page can forget one.

A change is recorded in its own transaction; reading results, downloading a file or being refused is recorded before
the response is sent. `core.audit` maps the permission of a page to an event; where a page records a more specific
event itself, nothing is added here.
"""

from collections.abc import Iterator

from flask import Response, g, request

from app.core.accounts import Account, Permission
from app.core.audit import CHANGE_EVENTS, READ_EVENTS, AuditEntry, AuditEvent
from app.services import audit
from app.store.database import read_session, write_session
from app.web.shared.app_context import now

SAFE = ("GET", "HEAD", "OPTIONS")
PAGES = ("text/html", "image/svg+xml")
ARGUMENT_LABELS = {"unit_id": "unit", "external_id": "course", "offering_id": "time", "person": "account"}
NUMBERED = {"inbox": "matter", "allocations": "allocation", "weights": "weights"}
NO_RESULTS = ("tokens",)  # blueprints that need a read permission but show no results
WITHOUT = {"name", "width", "measure", "kind", "spoken", "view", "handed"}


def attach_audit_entry(account: Account, needed: Permission) -> None:
    """Attach an audit entry that is written with the transaction of this request."""
    g.staff_permission = needed
    if request.method not in SAFE:
        with read_session() as session:
            audit.attach_to_commit(
                session, AuditEntry(now(), account.id, CHANGE_EVENTS[needed], audit_subject_of_request())
            )


def skip_audit_of_next_commit() -> None:
    """Let the next transaction be committed without an audit entry."""
    with read_session() as session:
        audit.attach_to_commit(session, None)


def record_read_or_refusal(answer: Response) -> Response:
    """Record that a page was read, a file was sent or access was refused, before the response is sent."""
    account: Account | None = g.get("account")
    needed: Permission | None = g.get("staff_permission")
    if account is None or needed is None:
        return answer
    event = _audit_event(answer, needed)
    if event is not None:
        _note(AuditEntry(now(), account.id, event, audit_subject_of_request()), again=answer.mimetype in PAGES)
    return answer


def audit_subject_of_request() -> str:
    """Return the subject of the audit entry from the URL of the request: `round:3 unit:pine`."""
    return " ".join(_parts()) or (request.endpoint or "")


def _parts() -> Iterator[str]:
    known = dict(request.view_args or {})
    level = known.pop("level", None)
    for name, value in known.items():
        if name == "number":
            yield f"{NUMBERED.get(request.blueprint or '', 'round')}:{value}"
        elif name == "unit" and level is not None:
            yield f"{level}:{value}"
        elif name not in WITHOUT:
            yield f"{ARGUMENT_LABELS.get(name, name)}:{value}"


def _audit_event(answer: Response, needed: Permission) -> AuditEvent | None:
    if answer.status_code == 403:
        return AuditEvent.ACCESS_REFUSED
    if answer.status_code >= 300:
        return None
    read, taken = READ_EVENTS.get(needed, (None, AuditEvent.FILE_EXPORTED))
    if answer.mimetype not in PAGES:
        return taken
    return read if request.method in SAFE and request.blueprint not in NO_RESULTS else None


def _note(entry: AuditEntry, *, again: bool) -> None:
    with read_session() as session:
        if audit.has_committed_entry(session) or (again and audit.is_recently_recorded(session, entry)):
            return
    with write_session() as session:
        audit.record_entry(session, entry)
