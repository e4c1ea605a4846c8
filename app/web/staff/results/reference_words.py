"""How a mean compares with a reference value, in words."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.reports.references import ReferenceSide

SIDES: dict[ReferenceSide, LazyString] = {
    ReferenceSide.HIGHER: _("higher"),
    ReferenceSide.LOWER: _("lower"),
    ReferenceSide.NO_DIFFERENCE: _("no clear difference"),
    ReferenceSide.UNKNOWN: _("cannot be said"),
}
