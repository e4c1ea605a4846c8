"""What those are called who can be turned to for support."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.support import SupportKind

SUPPORT: dict[SupportKind, LazyString] = {
    SupportKind.OCCUPATIONAL_HEALTH: _("Occupational health"),
    SupportKind.SAFETY_REPRESENTATIVE: _("Health-and-safety representative"),
    SupportKind.SHOP_STEWARD: _("Shop steward"),
    SupportKind.OTHER: _("Other support"),
}
