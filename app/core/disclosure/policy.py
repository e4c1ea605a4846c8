"""The thresholds of the gate, as one value."""

from dataclasses import dataclass

LOWEST = 5
PROMISED = 10


class PolicyRefused(Exception):
    """The thresholds are laxer than what staff are promised at the least."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many answers each kind of figure needs.

    `k`: numbers. `placement_from`: below, no clear difference or above. `distribution_from`: distributions, items
    and quadrants. `sensitive_from`: scales marked sensitive. `comments_from`: free text.
    `quality_from`: reliability and agreement of the region.
    """

    k: int = PROMISED
    placement_from: int = LOWEST
    distribution_from: int = 20
    sensitive_from: int = 20
    comments_from: int = PROMISED
    quality_from: int = 100

    def __post_init__(self) -> None:
        """Refuse thresholds that no publication may have."""
        if self.k < LOWEST or self.placement_from < LOWEST:
            raise PolicyRefused(f"No figure may rest on fewer than {LOWEST} answers.")
        if min(self.distribution_from, self.sensitive_from, self.comments_from) < self.k:
            raise PolicyRefused("Distributions, sensitive scales and comments need at least as many answers as means.")
        if self.placement_from > self.k:
            raise PolicyRefused("A placement cannot need more answers than a number.")

    @property
    def keeps_the_promise(self) -> bool:
        """Whether numbers rest on ten answers or more; a laxer policy is printed with a warning."""
        return self.k >= PROMISED and self.comments_from >= PROMISED


def promising(k: int) -> Policy:
    """Return the thresholds of a round that promised `k`; never laxer than what everybody is promised.

    >>> promising(25).distribution_from, promising(5).k
    (25, 10)
    """
    least, plain = max(k, PROMISED), Policy()
    return Policy(
        k=least,
        distribution_from=max(least, plain.distribution_from),
        sensitive_from=max(least, plain.sensitive_from),
        comments_from=max(least, plain.comments_from),
    )
