"""Every public function of the statistics says its formula and its source, and shows an example that is run."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

from app.core import stats

PREPARING = {"present", "complete_rows", "select_rows"}  # they sort out who is looked at, and reckon nothing
FUNCTIONS = [
    pytest.param(module, function, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for found in pkgutil.iter_modules(stats.__path__)
    for module in [importlib.import_module(f"{stats.__name__}.{found.name}")]
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
]


def test_there_are_functions_to_look_at():
    assert len(FUNCTIONS) > 30


@pytest.mark.parametrize(("module", "function"), FUNCTIONS)
def test_a_function_says_its_formula_and_its_source(module, function):
    words = function.__doc__.lower()
    if function.__name__ not in PREPARING:
        assert "formula" in words and "source" in words


@pytest.mark.parametrize(("module", "function"), FUNCTIONS)
def test_its_example_is_true(module, function):
    (example,) = doctest.DocTestFinder(recurse=False).find(function, globs=vars(module))
    assert example.examples
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0
