"""Enum columns, as text with a CHECK constraint."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum


def one_of_constraint(column: str, choices: Iterable[str]) -> CheckConstraint:
    """Return the constraint, named after the column, that it holds one of these values."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(choice)) for choice in choices)})", name=column)


def enum_type(choices: type[StrEnum], name: str, *, length: int = 20) -> Enum:
    """Return a column type that stores the values of an enum, not the names of its members."""
    return Enum(
        choices,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )
