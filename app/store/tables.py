"""Import all table modules, so that `Base.metadata` is complete."""

import pkgutil
from functools import cache
from importlib import import_module

import app.store


@cache
def import_table_modules() -> None:
    """Import every module of this package; a command that imported one table alone could not resolve its keys."""
    for module in pkgutil.iter_modules(app.store.__path__, "app.store."):
        import_module(module.name)
