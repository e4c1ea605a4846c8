"""Sentences that compare a mean with a reference value or with communities of the same kind."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.publication import RegionComparisonOutcome
from app.reports.references import ReferenceSide

SIDES: dict[ReferenceSide, LazyString] = {
    ReferenceSide.HIGHER: _("higher"),
    ReferenceSide.LOWER: _("lower"),
    ReferenceSide.NO_DIFFERENCE: _("no clear difference"),
    ReferenceSide.UNKNOWN: _("cannot be said"),
}
KIND_SIDES: dict[RegionComparisonOutcome, LazyString] = {
    RegionComparisonOutcome.HIGHER: _("higher"),
    RegionComparisonOutcome.LOWER: _("lower"),
    RegionComparisonOutcome.NO_DIFFERENCE: _("no clear difference"),
    RegionComparisonOutcome.UNKNOWN: _("cannot be said"),
}
MAP_SIDES: dict[RegionComparisonOutcome, LazyString | str] = {
    RegionComparisonOutcome.HIGHER: _("higher than the region"),
    RegionComparisonOutcome.LOWER: _("lower than the region"),
    RegionComparisonOutcome.NO_DIFFERENCE: "",
    RegionComparisonOutcome.UNKNOWN: "",
}
