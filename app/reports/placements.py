"""Texts of placements: above or below, with the probability and without overstatement."""

from flask_babel import gettext as _

from app.core.publication import Placement
from app.core.stats.placement import nearest_simple_fraction

EVEN_CHANCE = (1, 2)


def treat_even_chance_as_same(placement: Placement | None, chance: float | None) -> Placement | None:
    """Return the placement, or SAME if its probability is one in two."""
    if placement in (None, Placement.SAME) or chance is None or nearest_simple_fraction(chance) != EVEN_CHANCE:
        return placement
    return Placement.SAME


def chance_text(chance: float) -> str:
    """Return a probability as a fraction in words."""
    cases, of = nearest_simple_fraction(chance)
    return str(_("about %(cases)s in %(of)s", cases=cases, of=of))


def placement_text(placement: Placement | None, chance: float | None, *, high_is_good: bool) -> str:
    """Return where a small community lies, what it means, and how certain it is."""
    side = treat_even_chance_as_same(placement, chance)
    if side is None:
        return str(_("Nothing can be said."))
    if side is Placement.SAME:
        return str(_("No clear difference from the region"))
    is_good = (side is Placement.ABOVE) == high_is_good
    if chance is None:
        return _perhaps(is_good=is_good)
    values = {"chance": chance_text(chance)}
    return str(
        _("Probably better than the region (%(chance)s)", **values)
        if is_good
        else _("Probably worse than the region (%(chance)s)", **values)
    )


def _perhaps(*, is_good: bool) -> str:
    return str(
        _("Perhaps better than the region; with so few answers it may be chance")
        if is_good
        else _("Perhaps worse than the region; with so few answers it may be chance")
    )


def better_or_weaker_label(placement: Placement | None, chance: float | None, *, high_is_good: bool) -> str:
    """Return in two words whether a small community is better or weaker than the region, for a page's table."""
    side = treat_even_chance_as_same(placement, chance)
    if side is None or side is Placement.SAME:
        return placement_label(placement, chance)
    is_good = (side is Placement.ABOVE) == high_is_good
    if chance is None:
        return str(_("perhaps better") if is_good else _("perhaps worse"))
    return str(_("probably better") if is_good else _("probably worse"))


def placement_label(placement: Placement | None, chance: float | None) -> str:
    """Return the side in two words, in the direction of the questionnaire, for a cell of a file."""
    side = treat_even_chance_as_same(placement, chance)
    if side is None:
        return str(_("placement"))
    if side is Placement.SAME:
        return str(_("no clear difference"))
    if chance is None:
        return str(_("perhaps above") if side is Placement.ABOVE else _("perhaps below"))
    return str(_("probably above") if side is Placement.ABOVE else _("probably below"))
