"""What services of shared staff are called, and on whose figures a need rests."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.matching.needs import NeedBasis
from app.core.organisations import SharedService

SERVICES: dict[SharedService, LazyString] = {
    SharedService.KITCHEN: _("Kitchen"),
    SharedService.CLEANING: _("Cleaning"),
    SharedService.SPECIAL_EDUCATION: _("Special education"),
}
BASES: dict[NeedBasis, LazyString] = {
    NeedBasis.OWN: _("own numbers"),
    NeedBasis.PLACEMENT: _("own placement"),
    NeedBasis.MUNICIPALITY: _("the municipality’s result"),
    NeedBasis.REGION: _("the region’s result"),
    NeedBasis.NOTHING: _("no result yet"),
}
