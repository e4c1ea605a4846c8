"""Command output is in English, whatever the language of the installation's pages."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_babel import force_locale

P = ParamSpec("P")
R = TypeVar("R")


def with_english_messages(verb: Callable[P, R]) -> Callable[P, R]:
    """Run a command with English messages from the services; must be the innermost decorator."""

    @wraps(verb)
    def speak(*arguments: P.args, **options: P.kwargs) -> R:
        with force_locale("en"):
            return verb(*arguments, **options)

    return speak
