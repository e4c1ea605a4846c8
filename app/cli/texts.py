"""Click parameter types for text, with the same validation as the forms of the pages."""

from typing import Any

import click

from app.core.text import bad_characters_with_positions, normal_line


class SingleLineText(click.ParamType[str]):
    """A text of one line in its normal form, of at most so many characters."""

    name = "text"

    def __init__(self, most: int = 120):
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text; the command ends where it cannot be stored or shown."""
        line = normal_line(str(value))
        for place, character in bad_characters_with_positions(line)[:1]:
            self.fail(f"Character {place} ({character}) cannot be shown. Write the text without it.", param, ctx)
        if not line:
            self.fail("Write a text that is not empty.", param, ctx)
        if len(line) > self.most:
            self.fail(f"At most {self.most} characters.", param, ctx)
        return line
