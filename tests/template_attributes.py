"""A template that writes or tests an attribute which its object does not have fails the test.

Jinja writes nothing in its place, so a name that was changed in the code and not in a template would leave a gap on
the page that no error tells of. Names that were not given to the template, and keys of a mapping, may be missing, and
`is defined` may ask for an attribute that only some objects have.
"""

from collections.abc import Iterator, Mapping

from jinja2 import Undefined, UndefinedError
from jinja2.utils import missing

MAY_BE_MISSING = {"csrf_token"}  # a form has no such field while its protection against forgery is off


class RefusedWhereAttributeIsMissing(Undefined):
    """Jinja's own Undefined, but for an attribute of an object that exists."""

    __slots__ = ()

    def _refuse(self) -> None:
        obj = self._undefined_obj
        has_attributes = obj is not missing and not isinstance(obj, Mapping | Undefined)
        if has_attributes and isinstance(self._undefined_name, str) and self._undefined_name not in MAY_BE_MISSING:
            message = f"{type(obj).__module__}.{type(obj).__qualname__} has no attribute {self._undefined_name!r}"
            raise UndefinedError(message)

    def __str__(self) -> str:
        self._refuse()
        return super().__str__()

    def __bool__(self) -> bool:
        self._refuse()
        return super().__bool__()

    def __len__(self) -> int:
        self._refuse()
        return super().__len__()

    def __iter__(self) -> Iterator[object]:
        self._refuse()
        return super().__iter__()

    def __eq__(self, other: object) -> bool:
        self._refuse()
        return super().__eq__(other)

    def __hash__(self) -> int:
        self._refuse()  # a function that looks its argument up in a set would find nothing
        return super().__hash__()
