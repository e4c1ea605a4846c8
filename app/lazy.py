"""Import slow modules on first use.

SciPy, Matplotlib, XlsxWriter, Alembic and the like take three seconds and 150 MB together. Few requests and commands
need any of them, so no module imports them at its top. Type checkers and the import contracts still see the import:

    if TYPE_CHECKING:
        import xlsxwriter
    else:
        xlsxwriter = lazy_module("xlsxwriter")

Do not use a lazy module's name in an annotation that is evaluated at import, nor as a base class.
"""

from importlib import import_module
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """A module that is imported when one of its names is read."""

    def __getattr__(self, name: str) -> Any:
        """Return the name of the real module.

        Nothing is copied into this object: the import system is safe with threads, and a test that replaces a name in
        the real module is seen here. Special names are refused, because inspection asks for them.
        """
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


def lazy_module(name: str) -> Any:
    """Return a module that is imported when one of its names is read for the first time.

    >>> calendar = lazy_module("calendar")
    >>> calendar.isleap(2028)
    True
    """
    return LazyModule(name)


class LazyCallable:
    """A function or class of a module that is imported at the first call."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Import the module if that has not happened, and call the function."""
        return getattr(import_module(self._module), self._name)(*arguments, **options)


def lazy_callable(module: str, name: str) -> Any:
    """Return a function or class of a module that is imported at the first call.

    >>> lazy_callable("math", "hypot")(3, 4)
    5.0
    """
    return LazyCallable(module, name)
