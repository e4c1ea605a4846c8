"""Labels that tell whose figures a need is based on."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.matching.needs import NeedBasis

BASES: dict[NeedBasis, LazyString] = {
    NeedBasis.OWN: _("own numbers"),
    NeedBasis.PLACEMENT: _("own placement"),
    NeedBasis.MUNICIPALITY: _("the municipality’s result"),
    NeedBasis.REGION: _("the region’s result"),
    NeedBasis.NOTHING: _("no result yet"),
}
