"""How long the steps after a round may take: chosen for each round, else the usual template."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import Deed, Entry
from app.core.followup import Template
from app.core.rounds import RoundId
from app.store import audit, paces


def template(session: Session, round_id: RoundId) -> Template:
    """Return the template of a round."""
    return paces.template(session, round_id)


def set_template(session: Session, round_id: RoundId, chosen: Template, *, by: AccountId | None, now: datetime) -> None:
    """Choose how long the steps after a round may take; what was done or is due follows it at once."""
    paces.set_template(session, round_id, chosen)
    audit.add(session, Entry(now, by, Deed.ROUND_PREPARED, f"round:{round_id}"))
