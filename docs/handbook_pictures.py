"""Take the pictures of the handbooks from a fresh demo: `.venv/bin/python docs/handbook_pictures.py`."""

from pathlib import Path

from pictures import BROWSERS, PICTURES, SCHOOL, demo
from playwright.sync_api import Page, sync_playwright

LANGUAGES = ("fi", "en")
DESK = {"width": 1200, "height": 900}
PRINCIPAL = "rehtori@demo.example"
COORDINATOR = "koordinaattori@demo.example"
PAGES = (
    ("plan", COORDINATOR, "/staff/rounds/plan"),
    ("certificate", COORDINATOR, "/staff/rounds/3/certificate"),
    ("principal", PRINCIPAL, f"/staff/results/3/community/{SCHOOL}"),
    ("followup", PRINCIPAL, f"/staff/followup/3/{SCHOOL}"),
)


def take(page: Page, base: str, noted: dict, *, email: str, language: str) -> None:
    """Sign in as one of the demo's people and take the pages that they use."""
    page.goto(f"{base}/staff/sign-in?lang={language}")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(noted["password"])
    page.locator("main form button").first.click()
    for name, whose, path in PAGES:
        if whose == email:
            page.goto(f"{base}{path}?lang={language}")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / f"handbook-{name}.{language}.png")


def main() -> None:
    """Take all pictures."""
    path = next(one for one in BROWSERS if one and Path(one).exists())
    with demo() as (base, noted), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for language in LANGUAGES:
            for email in (PRINCIPAL, COORDINATOR):
                with browser.new_context(viewport=DESK, locale=language) as context:
                    context.set_default_timeout(30_000)
                    take(context.new_page(), base, noted, email=email, language=language)
        browser.close()


if __name__ == "__main__":
    main()
