"""Sentences about the quality of a round's figures, for readers without statistical training."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.instruments import Instrument
from app.core.languages import Language
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, DisclosureState, Level, Publication, RegionQuality
from app.reports import orientation
from app.reports.number_format import format_names

# of alpha: below, only with care; from, good enough to compare groups
MIN_WEAK_ALPHA = 0.6
MIN_GOOD_ALPHA = 0.7
FUNNEL_MISS_RATE = 0.05


def disclosure_counts(publication: Publication, units: Sequence[ReportingUnit]) -> dict[DisclosureState, int]:
    """Return the number of units with numbers, with a placement, and with nothing of their own."""
    states = [publication.disclosure_state_of(Cell(Level.COMMUNITY, unit.id)) for unit in units]
    return {state: states.count(state) for state in DisclosureState}


def differences_sentence(publication: Publication, *, instrument: Instrument, language: Language) -> str:
    """Say in which dimensions communities differ; "no evidence that they do" is a result."""
    known = [region_quality for region_quality in publication.quality if region_quality.communities_differ is not None]
    if not known:
        return str(_("There are too few answers to say whether communities differ."))
    differing = [
        orientation.scale_title(instrument.scale(region_quality.scale), instrument, language)
        for region_quality in known
        if region_quality.communities_differ
    ]
    if not differing:
        return str(
            _("There is no evidence that communities differ in any dimension: the differences may be due to chance.")
        )
    if len(differing) == len(known):
        return str(_("Communities differ in every dimension by more than chance explains."))
    values = {"names": format_names(differing)}
    return str(
        _(
            "Communities differ by more than chance explains in %(names)s; for the others there is no evidence of a "
            "difference.",
            **values,
        )
    )


def scale_reliability_sentence(quality: RegionQuality) -> str:
    """Return what a scale's reliability allows."""
    if quality.items == 1:
        return str(_("one question, so it cannot be assessed"))
    if quality.alpha is None:
        return str(_("cannot be assessed"))
    if quality.alpha >= MIN_GOOD_ALPHA:
        return str(_("good enough to compare groups"))
    return str(
        _("weak: interpret with caution")
        if quality.alpha >= MIN_WEAK_ALPHA
        else _("too weak: look at individual questions")
    )


def expected_outliers_sentence(units: int) -> str:
    """Return how many of so many units lie outside a 95 per cent funnel by chance alone."""
    number = round(units * FUNNEL_MISS_RATE)
    return str(
        ngettext(
            "About one of them would lie outside the funnel by chance alone.",
            "About %(num)s of them would lie outside the funnel by chance alone.",
            max(number, 1),
        )
    )
