"""Which communities have had their slips printed: a yes or no, and no word of who used one."""

from sqlalchemy.orm import Session

from app.core.rounds import RoundId
from app.store import invitations
from app.vault.codes import CodeKind


def units_with_slips(session: Session, round_id: RoundId) -> frozenset[str]:
    """Return the units that hold slip codes; to draw theirs anew ends the slips that were not used yet."""
    return frozenset(invitations.code_counts_by_unit(session, round_id, kind=CodeKind.SLIP))
