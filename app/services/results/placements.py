"""What is said of a placement: the side with the chance that it is true, and never a word that claims more."""

from flask_babel import gettext as _

from app.core.publication import Placement
from app.core.stats.placement import as_fraction

EVEN = (1, 2)


def leaning(placement: Placement | None, chance: float | None) -> Placement | None:
    """Return the side that may be named: none where it is as likely to be the other one."""
    if placement in (None, Placement.SAME) or chance is None or as_fraction(chance) != EVEN:
        return placement
    return Placement.SAME


def chance_words(chance: float) -> str:
    """Say a chance as people do."""
    cases, of = as_fraction(chance)
    return str(_("about %(cases)s in %(of)s", cases=cases, of=of))


def full(placement: Placement | None, chance: float | None, *, high_is_good: bool) -> str:
    """Say where a small community lies, what that means, and how sure it is."""
    side = leaning(placement, chance)
    if side is None:
        return str(_("Nothing can be said."))
    if side is Placement.SAME:
        return str(_("No clear difference from the region"))
    is_good = (side is Placement.ABOVE) == high_is_good
    if chance is None:
        return _perhaps(side, is_good=is_good)
    return _probably(side, chance, is_good=is_good)


def _probably(side: Placement, chance: float, *, is_good: bool) -> str:
    told = {"chance": chance_words(chance)}
    if side is Placement.ABOVE:
        words = (
            _("Probably above the region, which is good (%(chance)s)", **told)
            if is_good
            else _("Probably above the region, a strain (%(chance)s)", **told)
        )
    else:
        words = (
            _("Probably below the region, which is good (%(chance)s)", **told)
            if is_good
            else _("Probably below the region, a strain (%(chance)s)", **told)
        )
    return str(words)


def _perhaps(side: Placement, *, is_good: bool) -> str:
    if side is Placement.ABOVE:
        words = (
            _("Perhaps above the region, which is good; with so few answers it may be chance")
            if is_good
            else _("Perhaps above the region, a strain; with so few answers it may be chance")
        )
    else:
        words = (
            _("Perhaps below the region, which is good; with so few answers it may be chance")
            if is_good
            else _("Perhaps below the region, a strain; with so few answers it may be chance")
        )
    return str(words)


def short(placement: Placement | None, chance: float | None) -> str:
    """Say the same in two words, for a cell of a table."""
    side = leaning(placement, chance)
    if side is None:
        return str(_("placement"))
    if side is Placement.SAME:
        return str(_("no clear difference"))
    if chance is None:
        return str(_("perhaps above") if side is Placement.ABOVE else _("perhaps below"))
    return str(_("probably above") if side is Placement.ABOVE else _("probably below"))
