"""Take pictures of five made-up communities' results, list and seats, to be read by people; with the texts beside them.

`.venv/bin/python -m tests.browser.scenario_pages FOLDER` writes one PNG for each story, page, language and width, and
the visible text of each page as TXT. `tests/web/test_list_scenarios.py` lays the stories out and holds their sentences.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from app.config import load_settings
from app.core.accounts import Grant, Role
from app.factory import create_app
from app.store.database import Base, database
from tests.browser.chromium import BROWSERS, QUIET
from tests.browser.server import serving
from tests.conftest import NOON
from tests.web.staff_client import add_account, client_of
from tests.web.test_list_scenarios import LANGUAGES, WORLDS, lay_out

WIDTHS = (390, 1280)
PAGES = {
    "results": "/staff/results/1/community/a",
    "list": "/staff/matching/community/a",
    "seats": "/staff/seats/community/a",
}


@contextmanager
def story(world: str) -> Iterator[Flask]:
    """Yield an application in which the community of one story has its results."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({}, instance=Path(folder) / "instance", default_language="fi")
        app = create_app(settings, clock=lambda: NOON)
        with app.app_context():
            Base.metadata.create_all(database.engine)
            lay_out(database.session(), world)
            yield app
            database.session.remove()
            database.engine.dispose()


def load_all_images(page: Page) -> None:
    """Load the pictures that a browser fetches only when they come into view, and wait for them."""
    page.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager'; })")
    # `wait_for_function` would need what the pages' own policy on scripts forbids.
    page.evaluate("() => Promise.all([...document.images].map(image => image.decode().catch(() => null)))")


def take(browser: Browser, app: Flask, base: str, folder: Path, world: str) -> None:
    """Take every page of a story, narrow and wide, in each language."""
    for language in LANGUAGES:
        # A grant for the municipality, as in the tests: the language of the own principal would change the list.
        who = add_account(Grant(Role.PRINCIPAL, "m"), email=f"{language}@example.test", language=language)
        client = client_of(app, who)
        cookies = [
            {"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": cookie.path}
            for cookie in client._cookies.values()
        ]
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.add_cookies(cookies)
            page = context.new_page()
            for name, address in PAGES.items():
                answer = page.goto(base + address)
                assert answer is not None and answer.status == 200, (world, name, language)
                stem = f"{world.replace(', ', '-').replace(' ', '-')}-{name}-{language}"
                load_all_images(page)
                page.screenshot(path=folder / f"{stem}-{width}.png", full_page=True)
                if width == WIDTHS[-1]:
                    (folder / f"{stem}.txt").write_text(page.locator("main").inner_text(), encoding="utf-8")
            context.close()


def main(folder: Path) -> None:
    """Write the pictures and texts of all stories."""
    folder.mkdir(parents=True, exist_ok=True)
    executable = next(path for path in BROWSERS if Path(path).exists())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
        for world in WORLDS:
            with story(world) as app, serving(app) as base:
                take(browser, app, base, folder, world)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
