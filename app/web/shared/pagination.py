"""Pagination of long lists by the `?page=` parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

ON_A_PAGE = 20
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Page(Generic[One]):
    """One page of a list; pages are counted from 1, and an empty list has one page."""

    shown: Sequence[One]
    page: int
    pages: int


def requested_page(result: Sequence[One], *, size: int = ON_A_PAGE) -> Page[One]:
    """Return the page that `?page=` asks for; the nearest there is where it asks for another."""
    pages = max(1, -(-len(result) // size))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return Page(result[(page - 1) * size : page * size], page, pages)
