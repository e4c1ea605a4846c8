"""How long a newcomer waits: the demo's four rounds are answered, counted and published by the product itself."""

from tests.bench.measuring import Figure
from tests.bench.worlds import demo

LIMITS = """
Some three thousand people answer with codes of their own into real boxes, one after another, and three rounds
are counted.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Tell what loading the demo took; it is loaded once, and the other benchmarks measure on it."""
    return [Figure("loading the demo", demo().seconds, "s", most=20)]
