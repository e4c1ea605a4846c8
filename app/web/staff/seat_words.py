"""Why somebody gets seats, why something cannot be decided, how far an allocation has come: in words."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.matching.comparison import Method
from app.core.matching.wishes import Reason, Stage
from app.services.seats import WhyRefused
from app.store.seats import Kept

REASONS: dict[Reason, LazyString] = {
    Reason.ALL_GIVEN: _("All that was asked for."),
    Reason.FLOOR: _("The share that every community is promised by its staff."),
    Reason.NEED: _("The need of others weighed more."),
    Reason.FULL: _("All seats are taken; the rest went where the need is greater."),
    Reason.QUOTA: _("The municipality has all the seats that it may have here."),
    Reason.TOO_FEW: _("Too few asked for it, so it is not held."),
    Reason.BUDGET: _("The budget does not reach this far."),
    Reason.MEMBERS_FIRST: _("Members come first, and no seats were left over."),
    Reason.DATE: _("It falls on a day that does not suit the community."),
    Reason.NOT_OPEN: _("It can no longer be registered to."),
}
METHODS: dict[Method, LazyString] = {
    Method.FAIR: _("A floor for all, then by need"),
    Method.NEED_ONLY: _("By need alone"),
    Method.FIRST_COME: _("First come, first served"),
}
STAGES: dict[Stage, LazyString] = {
    Stage.GATHERING: _("Gathering wishes and needs"),
    Stage.HOLDING: _("Choosing which times are held"),
    Stage.MEMBERS: _("Sharing among members"),
    Stage.OTHERS: _("Sharing what is left among those who pay"),
    Stage.KEEPING: _("Keeping the answer"),
}
REFUSALS: dict[WhyRefused, LazyString] = {
    WhyRefused.UNKNOWN: _("Not changed: this wish is not part of the allocation any more."),
    WhyRefused.NO_NOTE: _("Not changed: write a note, since the community sees it."),
    WhyRefused.NO_NUMBER: _("Not changed: write the seats as a whole number."),
    WhyRefused.FULL: _("Not changed: the course has no more seats. Take some from another community first."),
    WhyRefused.QUOTA: _("Not changed: the municipality would have more seats than its quota."),
    WhyRefused.KEPT: _("Not changed: the seats that are left are kept for members."),
}


def notes(kept: Kept | None) -> dict[tuple[str, str], str]:
    """Return the notes of what was decided otherwise, by community and offering."""
    return {(one.community, one.offering): one.note for one in kept.overrides} if kept else {}
