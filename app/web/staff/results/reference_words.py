"""How a mean compares with a reference value, or with communities of the same kind, in words."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.publication import RegionComparison
from app.reports.references import ReferenceSide

SIDES: dict[ReferenceSide, LazyString] = {
    ReferenceSide.HIGHER: _("higher"),
    ReferenceSide.LOWER: _("lower"),
    ReferenceSide.NO_DIFFERENCE: _("no clear difference"),
    ReferenceSide.UNKNOWN: _("cannot be said"),
}
KIND_SIDES: dict[RegionComparison, LazyString] = {
    RegionComparison.HIGHER: _("higher"),
    RegionComparison.LOWER: _("lower"),
    RegionComparison.NO_DIFFERENCE: _("no clear difference"),
    RegionComparison.UNKNOWN: _("cannot be said"),
}
MAP_SIDES: dict[RegionComparison, LazyString | str] = {
    RegionComparison.HIGHER: _("higher than the region"),
    RegionComparison.LOWER: _("lower than the region"),
    RegionComparison.NO_DIFFERENCE: "",
    RegionComparison.UNKNOWN: "",
}
