"""The shell speaks English, whatever language the installation's pages are in."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_babel import force_locale

P = ParamSpec("P")
R = TypeVar("R")


def with_english_messages(verb: Callable[P, R]) -> Callable[P, R]:
    """Let a verb say what services say in English; it stands directly above the function."""

    @wraps(verb)
    def speak(*arguments: P.args, **options: P.kwargs) -> R:
        with force_locale("en"):
            return verb(*arguments, **options)

    return speak
