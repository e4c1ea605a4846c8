"""Waiting time of a new user: the product itself answers, counts and publishes the demo's four rounds."""

from tests.bench.measuring import Figure
from tests.bench.worlds import demo

LIMITS = """
Some three thousand people answer with their own codes into real boxes, one after another, and three rounds are
counted.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Tell what loading the demo took; it is loaded once, and the other benchmarks measure on it."""
    return [Figure("loading the demo", demo().seconds, "s", most=20)]
