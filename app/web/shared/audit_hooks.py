"""What the guard of the staff area writes into the trail by itself: no page can forget to.

Whatever changes something makes its entry in the same transaction; whoever reads results, takes a
file away or is refused is noted before the answer leaves. What the permission beside a page is called
stands in `core.audit`; a page that knows better records a nearer deed, and then nothing is added here.
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
NO_RESULTS = ("tokens",)  # rooms behind a permission to read whose own pages tell of no results
WITHOUT = {"name", "width", "measure", "kind", "spoken", "view", "handed"}


def attach_audit_entry(account: Account, needed: Permission) -> None:
    """Let whatever this request commits bring its entry along."""
    g.staff_permission = needed
    if request.method not in SAFE:
        with read_session() as session:
            audit.attach_to_commit(
                session, AuditEntry(now(), account.id, CHANGE_EVENTS[needed], audit_subject_of_request())
            )


def skip_audit() -> None:
    """Let what is committed next pass without an entry: it changes nothing that anybody would ask for."""
    with read_session() as session:
        audit.attach_to_commit(session, None)


def record_read_or_refusal(answer: Response) -> Response:
    """Note a reading, a file or a refusal before the answer leaves; if that fails, it does not leave."""
    account: Account | None = g.get("account")
    needed: Permission | None = g.get("staff_permission")
    if account is None or needed is None:
        return answer
    event = _audit_event(answer, needed)
    if event is not None:
        _note(AuditEntry(now(), account.id, event, audit_subject_of_request()), again=answer.mimetype in PAGES)
    return answer


def audit_subject_of_request() -> str:
    """Return what the page at hand is about, from its address alone: `round:3 unit:pine`."""
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
        audit.record(session, entry)
