"""Order of the pages: information, themes (the last one with the staff group), comment, check."""

from dataclasses import dataclass
from typing import NewType

from app.core.instruments import Instrument

Step = NewType("Step", str)

INFORMATION = Step("information")
GROUP = Step("group")  # own page in an earlier version; now the last theme's page asks for the group
COMMENT = Step("comment")
COMMENT_AGAIN = Step("comment-again")  # the same page, with the error that the comment is too long
CHECK = Step("check")


@dataclass(frozen=True, slots=True)
class PageOrder:
    """The pages of one questionnaire in their order, the information first and the check last."""

    all: tuple[Step, ...]
    last_theme: Step

    def page_to_show(self, where: str, *, at: str, returning: bool = False) -> Step:
        """Return the page to show after the button `where` was pressed on the page `at`.

        `where` is "next", "back", "stay" or the name of a page. What is unknown leads to the information.
        Whoever is `returning` came from the check page to one question: both directions lead back there.
        """
        at = self.last_theme if at == GROUP else at
        if where == GROUP:
            return self.last_theme
        if where in self.all:
            return Step(where)
        if at not in self.all:
            return INFORMATION
        if returning and where in ("next", "back"):
            return CHECK
        move = {"next": 1, "back": -1}.get(where, 0)
        return self.all[min(max(self.all.index(Step(at)) + move, 0), len(self.all) - 1)]

    def page_number(self, step: Step) -> int:
        """Return the page number of `step`; the information has none (0)."""
        return self.all.index(step)

    @property
    def numbered_page_count(self) -> int:
        """How many pages have a number."""
        return len(self.all) - 1


def theme_step(theme_id: str) -> Step:
    """Return the name of a theme's page."""
    return Step(f"theme-{theme_id}")


def page_order(instrument: Instrument, *, comments: bool) -> PageOrder:
    """Return the pages that a round with this questionnaire has."""
    themes = tuple(theme_step(theme.id) for theme in instrument.themes)
    comment = (COMMENT,) if comments else ()
    return PageOrder((INFORMATION, *themes, *comment, CHECK), last_theme=themes[-1])
