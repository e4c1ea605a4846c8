"""Which communities have printed slips; it is not shown who used one."""

from sqlalchemy.orm import Session

from app.core.rounds import RoundId
from app.store import invitations
from app.vault.codes import CodeKind


def units_with_slips(session: Session, round_id: RoundId) -> frozenset[str]:
    """Return the units that have slip codes; new ones invalidate their unspent slips."""
    return frozenset(invitations.code_counts_by_unit(session, round_id, kind=CodeKind.SLIP))
