"""Prepare the data of an effect review from two publications: which communities and which measure."""

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass

from app.core.catalogue import Course
from app.core.counting.figure_columns import t_quantile_975
from app.core.counting.rounding import half_width_without_rounding, midpoint_of_band_of_five
from app.core.matching.effect import CommunityChange, Effect
from app.core.matching.needs import goodness_fraction
from app.core.publication import Cell, DisclosureState, Figure, Level, Measure, Publication

PER_CENT = 100


@dataclass(frozen=True, slots=True)
class CourseReview:
    """The review of one course between two rounds; `by_plans` says that the plans fixed the dimension."""

    course: Course
    before: Publication
    after: Publication
    dimension: str
    by_plans: bool
    took_part: frozenset[str]
    compared: int
    effect: Effect


def choose_review_dimension(course: Course, focuses: Iterable[tuple[str, ...]]) -> tuple[str, bool] | None:
    """Return the dimension by which a course is evaluated and whether plans chose it, or None.

    It is the focus that most plans of those who took part name and the course is about; where no plan
    does, what the course is most about. None for a course that is about nothing that is asked.
    """
    order = sorted(
        (dimension for dimension in course.dimensions if dimension.value),
        key=lambda each_relevance: (-each_relevance.value, each_relevance.dimension),
    )
    names = [relevance.dimension for relevance in order]
    if not names:
        return None
    named = Counter(word for focus in focuses for word in set(focus) if word in names)
    if named:
        return max(names, key=lambda word: (named[word], -names.index(word))), True
    return names[0], False


def find_comparable_measure_pair(
    before: Publication, after: Publication, dimension: str
) -> tuple[Measure, Measure] | None:
    """Return the measures (earlier, later) of a dimension if both rounds ask and score it alike, else None."""
    for late in after.scales:
        for early in before.scales:
            if late.dimension == early.dimension == dimension and late.comparison_key == early.comparison_key:
                return early, late
    return None


def observed_changes(
    before: Publication, after: Publication, measures: tuple[Measure, Measure], took_part: Set[str]
) -> tuple[CommunityChange, ...]:
    """Return every unit whose mean was printed in both rounds, good end up, 0-100.

    Capped means are left out, and so are units that are made of other communities than they were.
    The error of the first mean is that of its printed interval for working conditions.
    """
    earlier = {unit.id: unit.communities for unit in before.region.units}
    result = []
    for unit in after.region.units:
        if earlier.get(unit.id) != unit.communities:
            continue
        cell = Cell(Level.COMMUNITY, unit.id)
        first = _mean(before.figure(cell, measures[0].id))
        second = _mean(after.figure(cell, measures[1].id))
        if first is not None and second is not None:
            result.append(
                CommunityChange(
                    unit.id,
                    unit.municipality,
                    PER_CENT * goodness_fraction(measures[0], first),
                    PER_CENT * goodness_fraction(measures[1], second),
                    took_part=unit.id in took_part,
                    error=_standard_error(before, cell, measures[0]),
                )
            )
    return tuple(result)


def _mean(figure: Figure | None) -> float | None:
    if figure is None or figure.state is not DisclosureState.SHOWN or figure.capped is not None:
        return None
    return figure.mean


def _standard_error(publication: Publication, cell: Cell, measure: Measure) -> float | None:
    """Return the standard error of a printed mean on 0-100: h / t(n - 1), n the middle of the printed band."""
    figure = publication.figure(cell, measure.id)
    part = publication.participation_of(cell)
    if figure is None or figure.mean is None or figure.interval_conditions is None:
        return None
    if part is None or part.answers_band is None:
        return None
    half = half_width_without_rounding(figure.mean, figure.interval_conditions, measure, grain=figure.grain)
    people = midpoint_of_band_of_five(int(part.answers_band.partition("-")[0]))
    return PER_CENT * half / (measure.high - measure.low) / t_quantile_975(people - 1)
