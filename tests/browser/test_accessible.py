"""Every kind of page of the demo, looked at by axe: three languages, narrow and wide, errors too."""

from importlib.resources import files

import pytest
from playwright.sync_api import expect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
LOOK = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
SIGN_OUT = "signin.sign_out"


@pytest.fixture
def demo(app):
    loaded = app.test_cli_runner().invoke(args=["demo", "load"])
    assert loaded.exit_code == 0, loaded.output
    shown = app.test_cli_runner().invoke(args=["demo", "show"]).output.split()
    return shown[shown.index("all:") + 1]


def endpoint(app, path):
    try:
        return app.url_map.bind("127.0.0.1").match(path.partition("?")[0].partition("#")[0])[0]
    except (HTTPException, RequestRedirect):
        return None


def links(page):
    return page.eval_on_selector_all("a[href^='/']", "all => all.map(one => one.getAttribute('href'))")


def faults(page, path):
    """Return what axe and a look at the width find on the page as it stands."""
    page.evaluate(AXE)
    found = []
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for one in page.evaluate(LOOK)["violations"]:
            found.append((path, size["width"], one["id"], one["nodes"][0]["html"][:200]))
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append((path, size["width"], "scrolls sideways", ""))
    return found


def walk(page, live, app, start, *, language):
    """Visit one page of each kind that can be reached from `start`; return the faults and the kinds."""
    waiting, seen, found = [start], set(), []
    while waiting:
        path = waiting.pop(0)
        kind = endpoint(app, path)
        if kind is None or kind in seen or kind in (SIGN_OUT, "static"):
            continue
        seen.add(kind)
        answer = page.request.get(live + path)
        if "text/html" not in answer.headers["content-type"]:
            continue
        joint = "&" if "?" in path else "?"
        page.goto(f"{live}{path}" if path.startswith(f"/{language}") else f"{live}{path}{joint}lang={language}")
        found += faults(page, path)
        waiting += links(page)
    return found, seen


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_nothing_stands_in_anybodys_way(page, live, app, demo, language):
    page.set_default_timeout(120_000)
    found, seen = walk(page, live, app, f"/{language}/", language=language)
    assert len(seen) >= 8
    page.goto(f"{live}/{language}/")
    page.locator("main input[name=code]").fill("0000-0000-0000-0000")
    page.locator("main button[name=go]").first.click()
    expect(page.locator("main .notice-error")).to_be_visible()
    found += faults(page, "a wrong code")
    for who, kinds in {"rehtori": 15, "koordinaattori": 30, "admin": 6}.items():
        page.goto(f"{live}/staff/?lang={language}")
        page.locator("main form button[type=submit]").click()
        expect(page.locator("main [role=alert]").first).to_be_visible()
        found += faults(page, "signing in with nothing")
        page.locator("input[name=email]").fill(f"{who}@demo.example")
        page.locator("input[name=password]").fill(demo)
        page.locator("main form button[type=submit]").click()
        expect(page.locator("form.account-who button")).to_be_visible()
        more, seen = walk(page, live, app, "/staff/", language=language)
        found += more
        assert len(seen) >= kinds, (who, sorted(seen))
        page.goto(f"{live}/staff/")
        page.locator("form.account-who button").click()
    assert not found, "\n".join(map(str, found))
