"""What makes a run of all tests shorter, and no test another.

What is the same in every application is made once: templates' code, and builders of addresses. Thousands of tests
put an application of their own together, and more than half of their time went into these two.
"""

from functools import wraps

import pytest
from jinja2 import BytecodeCache
from werkzeug.routing import Rule


class Compiled(BytecodeCache):
    """The code of templates, by what they are called and what they say: one that a test changes is compiled anew."""

    def __init__(self):
        self._codes = {}

    def load_bytecode(self, bucket):
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket):
        self._codes[bucket.key, bucket.checksum] = bucket.code


def remembered(compile_builder):
    """Return what makes a rule's builder of addresses, or returns the one that it made for such a rule before."""
    made = {}

    @wraps(compile_builder)
    def builder(rule, append_unknown=True):
        # All that a builder is made of; the values of defaults are not, those that stand in the path are.
        key = (rule.rule, tuple(rule._trace), str(rule.defaults), append_unknown)
        if key not in made:
            made[key] = compile_builder(rule, append_unknown)
        return made[key]

    return builder


@pytest.fixture(scope="session")
def compiled_templates():
    """What applications may share: the code of their templates."""
    return Compiled()


if hasattr(Rule, "_compile_builder"):  # werkzeug's own affair: without it tests are slower, not wrong
    Rule._compile_builder = remembered(Rule._compile_builder)
