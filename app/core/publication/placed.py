"""How sure the placement of a small community is, from what is printed anyway."""

from app.core.publication.figures import Figure, Placement
from app.core.publication.publication import Publication
from app.core.stats.placement import chance_of_side


def placement_chance(publication: Publication, figure: Figure) -> float | None:
    """Return the chance (0-1) that a community placed below (or above) the region truly lies there.

    It is made of the region's variances between and within communities, the middle of the printed band of
    answers and the distance that a placement needs, half a step between two options. None where there is
    no side (no placement, or no clear difference) and where the variances are not published, as in rounds
    counted before they were.
    """
    quality = publication.quality_of(figure.measure)
    part = publication.participation_of(figure.cell)
    band = figure.answers_band or (None if part is None else part.answers_band)
    if figure.placement in (None, Placement.SAME) or quality is None or band is None:
        return None
    if quality.between_variance is None or quality.within_variance is None:
        return None
    lower, upper = map(int, band.split("-"))
    return chance_of_side(
        publication.measure(figure.measure).step / 2,
        quality.between_variance,
        quality.within_variance,
        (lower + upper) // 2,
    )
