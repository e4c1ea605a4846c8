"""Labels: reasons for granted seats, errors of manual changes, and stages of an allocation."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.matching.allocation_comparison import AllocationMethod
from app.core.matching.seat_requests import AllocationStage, SeatReason
from app.services.seats import OverrideErrorCode
from app.store.seats import StoredAllocation

REASONS: dict[SeatReason, LazyString] = {
    SeatReason.ALL_GIVEN: _("The request was met in full."),
    SeatReason.FLOOR: _("This is the share that each community is guaranteed, based on its staff."),
    SeatReason.NEED: _("Others have a greater need."),
    SeatReason.FULL: _("All seats are taken; the rest went to communities with a greater need."),
    SeatReason.QUOTA: _("The municipality already has its maximum number of seats on this course."),
    SeatReason.TOO_FEW: _("Too few people requested it, so it is not held."),
    SeatReason.BUDGET: _("The budget is not sufficient."),
    SeatReason.MEMBERS_FIRST: _("Members come first, and no seats were left."),
    SeatReason.DATE: _("It is on a day that does not suit the community."),
    SeatReason.NOT_OPEN: _("Registration has closed."),
}
METHODS: dict[AllocationMethod, LazyString] = {
    AllocationMethod.FAIR: _("A guaranteed share for all, the rest by need"),
    AllocationMethod.NEED_ONLY: _("By need only"),
    AllocationMethod.FIRST_COME: _("First come, first served"),
}
STAGES: dict[AllocationStage, LazyString] = {
    AllocationStage.GATHERING: _("Collecting requests and needs"),
    AllocationStage.HOLDING: _("Choosing which offerings are held"),
    AllocationStage.MEMBERS: _("Allocating among members"),
    AllocationStage.OTHERS: _("Allocating the rest among paying participants"),
    AllocationStage.KEEPING: _("Saving the allocation"),
}
REFUSALS: dict[OverrideErrorCode, LazyString] = {
    OverrideErrorCode.UNKNOWN: _("Not changed: this request is no longer part of the allocation."),
    OverrideErrorCode.NO_NOTE: _("Not changed: write a reason, since the community sees it."),
    OverrideErrorCode.NO_NUMBER: _("Not changed: write the number of seats as a whole number."),
    OverrideErrorCode.FULL: _("Not changed: the course has no seats left. Take seats from another community first."),
    OverrideErrorCode.QUOTA: _("Not changed: the municipality would exceed its quota of seats."),
    OverrideErrorCode.KEPT: _("Not changed: the remaining seats are reserved for members."),
}


def override_notes(allocation: StoredAllocation | None) -> dict[tuple[str, str], str]:
    """Return the notes of manual changes to an allocation, by community and offering."""
    return (
        {(override.community, override.offering): override.note for override in allocation.overrides}
        if allocation
        else {}
    )
