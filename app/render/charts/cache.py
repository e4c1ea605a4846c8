"""File cache of rendered charts, keyed by a digest of their content."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.render.design_tokens import Width

STYLE_VERSION = "9"  # raise it when the drawing itself changes, so that old pictures are left behind


def chart_digest(chart: object, width: Width) -> str:
    """Return the cache key of a chart: a digest of all that it is drawn from."""
    return hashlib.sha256(f"{STYLE_VERSION}|{width.name}|{chart!r}".encode()).hexdigest()


def cached_chart(folder: Path, chart: Any, width: Width, draw: Callable[[Any, Width], str]) -> str:
    """Return the chart from the cache in `folder`; draw and store it the first time.

    Safe for concurrent processes: each writes its own file and renames it.
    """
    path = folder / f"{chart_digest(chart, width)}.svg"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        picture = draw(chart, width)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(picture)
    Path(name).replace(path)
    return picture
