"""Probability that the published placement of a small unit is correct."""

from app.core.publication.figures import Figure, Placement
from app.core.publication.publication import Publication
from app.core.stats.placement import probability_of_true_side


def placement_chance(publication: Publication, figure: Figure) -> float | None:
    """Return the probability (0-1) that a unit placed below (or above) the region is truly on that side.

    Computed from the region's variances between and within units, the midpoint of the published answer band, and the
    distance that a placement needs, half an answer step. None without a side (no placement or no clear difference),
    and if the variances are not published, as in earlier rounds.
    """
    quality = publication.quality_of(figure.measure)
    band = publication.answers_band_of(figure)
    if figure.placement in (None, Placement.SAME) or quality is None or band is None:
        return None
    if quality.between_variance is None or quality.within_variance is None:
        return None
    lower, upper = map(int, band.split("-"))
    return probability_of_true_side(
        publication.measure(figure.measure).step / 2,
        quality.between_variance,
        quality.within_variance,
        (lower + upper) // 2,
    )
