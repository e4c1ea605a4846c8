"""Shares of three classes and of quadrants, with intervals that say no more than what is printed."""

import numpy as np

from app.core.counting.bands import band_midpoints
from app.core.counting.rounding import printed_share_interval
from tests.core.synthetic_region import published
from tests.core.test_counting import ratings, two_places


def test_every_printed_share_has_an_interval_that_is_made_of_print_alone():
    region = two_places()
    publication = published(region, ratings(region, {"school": [0, 1, 2, 3] * 6, "other": [0, 4] * 11}))
    shown = [figure.distribution for figure in publication.figures if figure.distribution]
    assert shown
    for shares in shown:
        for share, (low, high) in zip((shares.low, shares.middle, shares.high), shares.intervals, strict=True):
            assert low <= share <= high
    for quadrants in publication.quadrants:
        assert len(quadrants.intervals) == 4
    sizes = band_midpoints(np.arange(20, 25), np.full(5, 10), np.full(5, 35)).tolist()
    assert len({printed_share_interval(35, size) for size in sizes}) == 1
