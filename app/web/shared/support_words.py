"""What those are called who can be turned to for support."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.support import Support

SUPPORT: dict[Support, LazyString] = {
    Support.OCCUPATIONAL_HEALTH: _("Occupational health"),
    Support.SAFETY_REPRESENTATIVE: _("Health-and-safety representative"),
    Support.SHOP_STEWARD: _("Shop steward"),
    Support.OTHER: _("Other support"),
}
