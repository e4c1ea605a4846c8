"""Versions of the matching weights: read all versions, create a new one."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.matching.weight_numbers import weight_differences, weights_from_form
from app.store import audit
from app.store import weights as store
from app.store.weights import WeightsVersion

__all__ = ["WeightsUnchanged", "WeightsVersion", "add_version", "find_version", "versions"]


class WeightsUnchanged(Exception):
    """The new version would be the same as the current one."""


def versions(session: Session) -> tuple[WeightsVersion, ...]:
    """Return every version of the weights, oldest first; the last one is in use."""
    return store.versions(session)


def find_version(session: Session, number: int) -> WeightsVersion | None:
    """Return one version, or None where there is none."""
    return next(
        (weights_version for weights_version in store.versions(session) if weights_version.number == number), None
    )


def add_version(session: Session, cells: Mapping[str, str], *, reason: str, by: AccountId | None, now: datetime) -> int:
    """Store a new version of the weights from the cells of a form and return its number.

    Raises InvalidWeights with every fault, and WeightsUnchanged.
    """
    number = store.next_number(session)
    weights = weights_from_form(cells, version=f"{now.year}-{number}")
    if not weight_differences(store.current_weights(session), weights):
        raise WeightsUnchanged
    store.add(session, weights, number=number, reason=reason, by=by, now=now)
    audit.add(session, AuditEntry(now, by, AuditEvent.WEIGHTS_CHANGED, f"weights:{number}"))
    return number
