"""Take the pictures of docs/pictures from a fresh demo, phone, tablet and desk: `.venv/bin/python docs/pictures.py`."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
BIN = Path(sys.executable).parent
BROWSERS = (os.environ.get("CHROMIUM_PATH"), "/usr/bin/chromium", "/usr/bin/google-chrome")
SIZES = {"phone": (360, 780), "tablet": (768, 1024), "desk": (1280, 900)}
SCHOOL = "kuusiranta-tahtikallion-koulu"
PAGES = {
    "rehtori": {
        "principal": f"/staff/results/3/community/{SCHOOL}",
        "follow-up": f"/staff/followup/3/{SCHOOL}",
        "plan-of-courses": f"/staff/matching/community/{SCHOOL}",
    },
    "koordinaattori": {"overview": "/staff/", "coordinator": "/staff/results/3", "letters": "/staff/rounds/4/letters"},
}


@contextmanager
def demo() -> Iterator[tuple[str, dict]]:
    """Serve a demo of its own; yield its address and what it noted down."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as instance:
        base = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "VOIMAVARA_INSTANCE": instance, "VOIMAVARA_BASE_URL": base, "BIND": base[7:]}
        options = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL}
        subprocess.run([BIN / "flask", "--app", "app", "demo", "start"], check=True, **options)
        command = [BIN / "gunicorn", "--config", "deploy/gunicorn.conf.py", "app.factory:serve()"]
        server = subprocess.Popen(command, **options)
        try:
            _wait(base)
            yield base, json.loads((Path(instance) / "demo.json").read_text(encoding="utf-8"))
        finally:
            server.terminate()
            server.wait()


def take_answering(browser: Browser, base: str, *, size: str, code: str) -> None:
    """Walk from the code to the own feedback; nothing of the walk is kept but the pictures."""
    page = _page(browser, size)
    page.goto(f"{base}/fi/")
    _take(page, f"start-{size}")
    page.goto(f"{base}/fi/#{code}")
    page.locator("main button[name=go][value=next]").click()
    page.locator("input[name=step]").wait_for(state="attached")
    _take(page, f"information-{size}")
    first = True
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        page.locator("main button[name=go][value=next]").click()
        page.wait_for_function("before => document.title !== before", arg=before)
        for place, question in enumerate(page.locator("fieldset").all()):
            # By the keyboard: the words of the way past a question may lie over its button.
            question.locator("input[type=radio]").nth((place * 3 + 1) % 5 if place < 4 else 0).press("Space")
        if first:
            _take(page, f"answering-{size}")
        first = False
    _take(page, f"check-{size}")
    page.locator("main button[value=send]").click()
    page.locator("#file").wait_for()
    _take(page, f"feedback-{size}")
    page.context.close()


def take_staff(browser: Browser, base: str, noted: dict, *, size: str) -> None:
    """Sign in as each role and take its pages."""
    for who, pages in PAGES.items():
        page = _page(browser, size)
        page.goto(f"{base}/staff/sign-in?lang=fi")
        if who == "koordinaattori":
            _take(page, f"sign-in-{size}")
        page.locator("input[name=email]").fill(f"{who}@demo.example")
        page.locator("input[name=password]").fill(noted["password"])
        page.locator("main form button").first.click()
        page.locator("form.account-who").wait_for(state="attached")
        for name, path in pages.items():
            page.goto(base + path)
            page.wait_for_load_state("networkidle")
            _take(page, f"{name}-{size}")
        page.context.close()


def _take(page: Page, name: str) -> None:
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=PICTURES / f"{name}.png")


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(exist_ok=True)
    browser_path = next(path for path in BROWSERS if path and Path(path).exists())
    with demo() as (base, noted), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        codes = [code for known in noted["codes"].values() for code in known]
        for size, code in zip(SIZES, codes, strict=False):
            take_answering(browser, base, size=size, code=code)
            take_staff(browser, base, noted, size=size)
        browser.close()


def _page(browser: Browser, size: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fi-FI", device_scale_factor=1, reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    return context.new_page()


def _wait(base: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{base}/healthz").close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(base)


if __name__ == "__main__":
    main()
