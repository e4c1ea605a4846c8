"""Texts of placements: the side with its probability, without overstating it."""

from flask_babel import gettext as _

from app.core.publication import Placement
from app.core.stats.placement import as_fraction

EVEN_CHANCE = (1, 2)


def placement_side(placement: Placement | None, chance: float | None) -> Placement | None:
    """Return the side that may be named; SAME if both sides are equally likely."""
    if placement in (None, Placement.SAME) or chance is None or as_fraction(chance) != EVEN_CHANCE:
        return placement
    return Placement.SAME


def chance_text(chance: float) -> str:
    """Return a probability as a fraction in words."""
    cases, of = as_fraction(chance)
    return str(_("about %(cases)s in %(of)s", cases=cases, of=of))


def placement_text(placement: Placement | None, chance: float | None, *, high_is_good: bool) -> str:
    """Return where a small community lies, what it means, and how certain it is."""
    side = placement_side(placement, chance)
    if side is None:
        return str(_("Nothing can be said."))
    if side is Placement.SAME:
        return str(_("No clear difference from the region"))
    is_good = (side is Placement.ABOVE) == high_is_good
    if chance is None:
        return _perhaps(side, is_good=is_good)
    return _probably(side, chance, is_good=is_good)


def _probably(side: Placement, chance: float, *, is_good: bool) -> str:
    values = {"chance": chance_text(chance)}
    if side is Placement.ABOVE:
        text = (
            _("Probably above the region, which is good (%(chance)s)", **values)
            if is_good
            else _("Probably above the region, a strain (%(chance)s)", **values)
        )
    else:
        text = (
            _("Probably below the region, which is good (%(chance)s)", **values)
            if is_good
            else _("Probably below the region, a strain (%(chance)s)", **values)
        )
    return str(text)


def _perhaps(side: Placement, *, is_good: bool) -> str:
    if side is Placement.ABOVE:
        text = (
            _("Perhaps above the region, which is good; with so few answers it may be chance")
            if is_good
            else _("Perhaps above the region, a strain; with so few answers it may be chance")
        )
    else:
        text = (
            _("Perhaps below the region, which is good; with so few answers it may be chance")
            if is_good
            else _("Perhaps below the region, a strain; with so few answers it may be chance")
        )
    return str(text)


def placement_label(placement: Placement | None, chance: float | None) -> str:
    """Return the same in two words, for a table cell."""
    side = placement_side(placement, chance)
    if side is None:
        return str(_("placement"))
    if side is Placement.SAME:
        return str(_("no clear difference"))
    if chance is None:
        return str(_("perhaps above") if side is Placement.ABOVE else _("perhaps below"))
    return str(_("probably above") if side is Placement.ABOVE else _("probably below"))
