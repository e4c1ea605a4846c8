"""Look at a page as axe, a narrow telephone and a finger do."""

import json
from importlib.resources import files

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# What passed is not collected and not sent: that takes as long as finding what did not.
LOOK = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,  # no rule of these needs the sources of style sheets
}
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}
# What stands in a line of text may be smaller (WCAG 2.2, 2.5.8); of a box with its label the whole row is measured.
TOO_SMALL = """() => [
    ...document.querySelectorAll('a, button, input, select, textarea, summary, .choice, .skip-question')]
    .filter(one => one.checkVisibility({visibilityProperty: true}))
    .filter(one => !one.closest('p, .choice *, .skip-question *, li, dd, td, th, .skip'))
    .filter(one => !one.classList.contains('visually-hidden') && one.type !== 'hidden')
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([_, box]) => box.height < 24 || box.width < 24)
    .map(([one, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${one.outerHTML.slice(0, 120)}`)"""


def faults(page, name, *, contrast=True):
    """Return what is wrong with the page as it stands, wide and narrow, each fault with the page's name.

    Without `contrast` the longest rule of axe is left out: for a page whose twin in another language it is asked of.
    """
    look = LOOK | {"rules": {"color-contrast": {"enabled": contrast}}}
    axe = f"axe.run({json.dumps(look)}).then(({{violations}}) => violations)"
    page.wait_for_load_state()  # a page that came by a press may still be without its styles
    page.evaluate(AXE)
    found = []
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for one in page.evaluate(axe):
            found.append((name, size["width"], one["id"], one["nodes"][0]["html"][:200]))
        found += [(name, size["width"], "too small to press", one) for one in page.evaluate(TOO_SMALL)]
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append((name, size["width"], "scrolls sideways", ""))
    return found
