"""Disclosure policy: the thresholds for publishing."""

from dataclasses import dataclass

MIN_K = 5
DEFAULT_K = 10


class InvalidPolicy(Exception):
    """The thresholds are lower than the minimum promised to staff."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Minimum number of answers for each kind of figure.

    `k`: numbers. `placement_from`: below, no clear difference or above. `distribution_from`: distributions, items
    and quadrants. `sensitive_from`: scales marked sensitive. `comments_from`: free text.
    `quality_from`: reliability and agreement of the region.
    """

    k: int = DEFAULT_K
    placement_from: int = MIN_K
    distribution_from: int = 20
    sensitive_from: int = 20
    comments_from: int = DEFAULT_K
    quality_from: int = 100

    def __post_init__(self) -> None:
        """Raise InvalidPolicy for thresholds that no publication may have."""
        if self.k < MIN_K or self.placement_from < MIN_K:
            raise InvalidPolicy(f"No figure may rest on fewer than {MIN_K} answers.")
        if min(self.distribution_from, self.sensitive_from, self.comments_from) < self.k:
            raise InvalidPolicy("Distributions, sensitive scales and comments need at least as many answers as means.")
        if self.placement_from > self.k:
            raise InvalidPolicy("A placement cannot need more answers than a number.")


def policy_for_promised_k(k: int) -> Policy:
    """Return the policy of a round that promised `k`, never below the general minimum.

    >>> policy_for_promised_k(25).distribution_from, policy_for_promised_k(5).k
    (25, 10)
    """
    least = max(k, DEFAULT_K)
    plain = Policy()
    return Policy(
        k=least,
        distribution_from=max(least, plain.distribution_from),
        sensitive_from=max(least, plain.sensitive_from),
        comments_from=max(least, plain.comments_from),
    )
