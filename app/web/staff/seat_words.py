"""Why somebody gets seats, why something cannot be decided, how far an allocation has come: in words."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.matching.allocation_comparison import AllocationMethod
from app.core.matching.seat_requests import AllocationStage, SeatReason
from app.services.seats import DecisionErrorCode
from app.store.seats import StoredAllocation

REASONS: dict[SeatReason, LazyString] = {
    SeatReason.ALL_GIVEN: _("All that was asked for."),
    SeatReason.FLOOR: _("The share that every community is promised by its staff."),
    SeatReason.NEED: _("The need of others weighed more."),
    SeatReason.FULL: _("All seats are taken; the rest went where the need is greater."),
    SeatReason.QUOTA: _("The municipality has all the seats that it may have here."),
    SeatReason.TOO_FEW: _("Too few asked for it, so it is not held."),
    SeatReason.BUDGET: _("The budget does not reach this far."),
    SeatReason.MEMBERS_FIRST: _("Members come first, and no seats were left over."),
    SeatReason.DATE: _("It falls on a day that does not suit the community."),
    SeatReason.NOT_OPEN: _("It can no longer be registered to."),
}
METHODS: dict[AllocationMethod, LazyString] = {
    AllocationMethod.FAIR: _("A floor for all, then by need"),
    AllocationMethod.NEED_ONLY: _("By need alone"),
    AllocationMethod.FIRST_COME: _("First come, first served"),
}
STAGES: dict[AllocationStage, LazyString] = {
    AllocationStage.GATHERING: _("Gathering wishes and needs"),
    AllocationStage.HOLDING: _("Choosing which times are held"),
    AllocationStage.MEMBERS: _("Sharing among members"),
    AllocationStage.OTHERS: _("Sharing what is left among those who pay"),
    AllocationStage.KEEPING: _("Keeping the answer"),
}
REFUSALS: dict[DecisionErrorCode, LazyString] = {
    DecisionErrorCode.UNKNOWN: _("Not changed: this wish is not part of the allocation any more."),
    DecisionErrorCode.NO_NOTE: _("Not changed: write a note, since the community sees it."),
    DecisionErrorCode.NO_NUMBER: _("Not changed: write the seats as a whole number."),
    DecisionErrorCode.FULL: _("Not changed: the course has no more seats. Take some from another community first."),
    DecisionErrorCode.QUOTA: _("Not changed: the municipality would have more seats than its quota."),
    DecisionErrorCode.KEPT: _("Not changed: the seats that are left are kept for members."),
}


def notes(allocation: StoredAllocation | None) -> dict[tuple[str, str], str]:
    """Return the notes of what was decided otherwise, by community and offering."""
    return (
        {(override.community, override.offering): override.note for override in allocation.overrides}
        if allocation
        else {}
    )
