"""Drawing canvas in pixels, rendered as SVG.

The SVG has text as text, a title and a description, no date, no script, and no style element or attribute, which a
strict content security policy would block.
"""

import io
import re
import textwrap
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from app.lazy import lazy_module
from app.render import design_tokens

if TYPE_CHECKING:
    import matplotlib as mpl
    from matplotlib import axes, figure, patches
    from matplotlib import lines as mpl_lines
else:
    mpl = lazy_module("matplotlib")
    figure = lazy_module("matplotlib.figure")
    mpl_lines = lazy_module("matplotlib.lines")
    patches = lazy_module("matplotlib.patches")

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "voimavara",
    "hatch.linewidth": 1.1,
    "font.family": "DejaVu Sans",  # comes with matplotlib; the reader's own letters are named afterwards
}
PIXELS_PER_INCH = 72
LETTER = 0.54  # the width of an average letter, in parts of its size
_STYLE = re.compile(r' style="([^"]*)"')
_FAMILY = re.compile(r'font-family="[^"]*"')
_HEAD = re.compile(r"^.*?<svg[^>]*>.*?</defs>\s*", re.DOTALL)


class Canvas:
    """A white surface of `width` × `height` pixels; (0, 0) is the upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self._figure = figure.Figure(
            figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH), facecolor=design_tokens.CARD
        )
        self._axes: axes.Axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)

    def line(self, start: tuple[float, float], end: tuple[float, float], *, colour: str, width: float = 1.0) -> None:
        """Draw a straight line."""
        across, down = zip(start, end, strict=True)
        self._axes.add_line(mpl_lines.Line2D(across, down, color=colour, linewidth=width, solid_capstyle="butt"))

    def path(self, points: list[tuple[float, float]], *, colour: str, width: float, dashed: bool = False) -> None:
        """Draw a polyline."""
        across, down = zip(*points, strict=True)
        self._axes.add_line(
            mpl_lines.Line2D(across, down, color=colour, linewidth=width, linestyle="--" if dashed else "-")
        )

    def box(self, corner: tuple[float, float], size: tuple[float, float], *, colour: str, hatch: str = "") -> None:
        """Draw a filled rectangle from its upper left `corner`, optionally hatched in white."""
        edge = design_tokens.CARD if hatch else "none"
        self._axes.add_patch(
            patches.Rectangle(corner, *size, facecolor=colour, edgecolor=edge, linewidth=0, hatch=hatch)
        )

    def area(self, points: list[tuple[float, float]], *, colour: str) -> None:
        """Draw a filled polygon."""
        self._axes.add_patch(patches.Polygon(points, closed=True, facecolor=colour, edgecolor="none"))

    def dot(self, centre: tuple[float, float], radius: float, *, fill: str, edge: str = "none") -> None:
        """Draw a circle; hollow if filled with the background colour and given an edge."""
        self._axes.add_patch(patches.Circle(centre, radius, facecolor=fill, edgecolor=edge, linewidth=1.6, zorder=3))

    def text(
        self,
        place: tuple[float, float],
        words: str,
        *,
        size: float = design_tokens.TEXT,
        colour: str = design_tokens.INK,
        anchor: str = "left",
        bold: bool = False,
    ) -> None:
        """Draw `words`, vertically centred on `place`."""
        weight = "bold" if bold else "normal"
        words = words.replace("$", r"\$")
        self._axes.text(*place, words, fontsize=size, color=colour, ha=anchor, va="center_baseline", fontweight=weight)

    def svg(self, title: str, description: str) -> str:
        """Return the drawing as SVG; the same drawing gives the same bytes."""
        stream = io.StringIO()
        with mpl.rc_context(SETTINGS):
            self._figure.savefig(stream, format="svg", metadata={"Date": None})
        body = _HEAD.sub("", stream.getvalue(), count=1)
        plain = _FAMILY.sub(f'font-family="{", ".join(design_tokens.FONTS)}"', _STYLE.sub(_attributes, body))
        return self._head(title, description) + plain

    def _head(self, title: str, description: str) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
            f'width="{self.width:g}" height="{self.height:g}" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'stroke-linejoin="round" stroke-linecap="butt">\n'
            f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
        )


def _attributes(result: re.Match[str]) -> str:
    pairs = (declaration.partition(":") for declaration in result[1].split(";") if declaration.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, _, value in pairs)


def wrap_text_with_offsets(
    words: str, width: float, *, size: float, lines: int, spacing: float
) -> list[tuple[float, str]]:
    """Break `words` like `wrap_text`, each line with how far it lies from the middle of them all."""
    broken = wrap_text(words, width, size=size, lines=lines)
    return [((number - (len(broken) - 1) / 2) * spacing, line) for number, line in enumerate(broken)]


def wrap_text(words: str, width: float, *, size: float = design_tokens.TEXT, lines: int = 2) -> list[str]:
    """Break `words` into at most `lines` lines that fit `width` pixels; what is left out becomes "…"."""
    letters = max(6, int(width / (size * LETTER)))
    return textwrap.wrap(words, letters, max_lines=lines, placeholder=" …") or [""]
