"""Labels of the kinds of support contacts."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.support import SupportContactKind

SUPPORT: dict[SupportContactKind, LazyString] = {
    SupportContactKind.OCCUPATIONAL_HEALTH: _("Occupational health"),
    SupportContactKind.SAFETY_REPRESENTATIVE: _("Health-and-safety representative"),
    SupportContactKind.SHOP_STEWARD: _("Shop steward"),
    SupportContactKind.OTHER: _("Other support"),
}
