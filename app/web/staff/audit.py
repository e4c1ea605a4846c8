"""Audit log: who released, read, exported or changed what; with filters, pages and download."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.core.accounts import AccountId, Permission
from app.core.audit import AuditEvent, AuditFilter
from app.services import accounts, audit
from app.store.database import read_session
from app.web.shared.access import require_permission_at, requires
from app.web.shared.app_context import now, settings
from app.web.shared.table_files import send_table
from app.web.shared.url_converters import LARGEST

blueprint = Blueprint("audit", __name__, url_prefix="/staff/trail")
READ = Permission.READ_AUDIT
ON_A_PAGE = 50


@blueprint.get("/")
@requires(READ)
def index() -> ResponseReturnValue:
    """Show what staff did, the latest first; nothing that a respondent does is in it."""
    require_permission_at(READ)
    page = min(max(1, request.args.get("page", 1, type=int)), LARGEST // ON_A_PAGE)
    with read_session() as session:
        entries = audit.entries(session, _asked(), skip=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE + 1)
        names = {account.id: account.name for account in accounts.accounts(session)}
    filters = {
        name: value for name, value in request.args.items() if name in ("deed", "who", "first", "last") and value
    }
    return render_template(
        "staff/audit/index.html",
        entries=entries[:ON_A_PAGE],
        more=len(entries) > ON_A_PAGE,
        page=page,
        names=names,
        kept=filters,
        days=settings().audit_days,
    )


@blueprint.get("/trail.<any(csv, xlsx):kind>")
@requires(READ)
def file(kind: str) -> Response:
    """Send all events that match the filter as CSV or XLSX."""
    require_permission_at(READ)
    with read_session() as session:
        entries = audit.entries(session, _asked(), limit=None)
        names = {account.id: account.name for account in accounts.accounts(session)}
    return send_table(audit.entries_table(entries, names), kind=kind, name=f"trail-{now():%Y-%m-%d}", sheet="trail")


def _asked() -> AuditFilter:
    """Return the filter that the query asks for; an unknown event, person or day filters nothing."""
    event = request.args.get("deed", "")
    account_number = request.args.get("who", type=int)
    first = _midnight("first")
    last = _midnight("last", days=1)
    return AuditFilter(
        event=AuditEvent(event) if event in set(AuditEvent) else None,
        account=None if account_number is None else AccountId(max(0, min(account_number, LARGEST))),
        since=first,
        before=last,
    )


def _midnight(name: str, *, days: int = 0) -> datetime | None:
    try:
        day = datetime.strptime(request.args.get(name, ""), "%Y-%m-%d")  # noqa: DTZ007 - the zone follows
        day += timedelta(days=days)
        return day.replace(tzinfo=ZoneInfo(settings().time_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
