"""Take the README's pictures from a fresh demo: `.venv/bin/python docs/pictures.py`."""

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
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 900}
SCHOOL = "kuusiranta-tahtikallion-koulu"


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


def take_answering(page: Page, base: str, noted: dict) -> None:
    """Walk to the first questions on a phone."""
    code = next(codes[0] for codes in noted["codes"].values() if codes)
    page.goto(f"{base}/fi/#{code}")
    for _ in ("code", "information"):
        page.locator("button[name=go][value=next]:not(.visually-hidden)").click()
    page.locator("fieldset").first.wait_for()
    page.screenshot(path=PICTURES / "answering.png")


def take_staff(page: Page, base: str, noted: dict, *, email: str, path: str, name: str) -> None:
    """Sign in and take one page."""
    page.goto(f"{base}/staff/sign-in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(noted["password"])
    page.locator("main form button").first.click()
    page.goto(base + path)
    page.screenshot(path=PICTURES / name)


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(exist_ok=True)
    browser_path = next(path for path in BROWSERS if path and Path(path).exists())
    with demo() as (base, noted), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        take_answering(_page(browser, PHONE), base, noted)
        results = f"/staff/results/3/community/{SCHOOL}"
        take_staff(_page(browser, DESK), base, noted, email="rehtori@demo.example", path=results, name="principal.png")
        take_staff(
            _page(browser, DESK),
            base,
            noted,
            email="koordinaattori@demo.example",
            path="/staff/results/3",
            name="coordinator.png",
        )
        browser.close()


def _page(browser: Browser, size: dict) -> Page:
    context = browser.new_context(viewport=size, locale="fi-FI", device_scale_factor=1)
    context.set_default_timeout(15_000)
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
