"""The header of the staff wing on a telephone: one line, and a menu that needs no script."""

import pytest
from playwright.sync_api import expect

from tests.browser.actions import PASSWORD
from tests.browser.world import COORDINATOR

pytestmark = pytest.mark.browser

ONE_LINE = 64
PHONES = (320, 390)


@pytest.fixture
def phone(browser, world):
    """A coordinator's telephone without script, signed in, in the language of the longest words."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{world.live}/staff/sign-in?lang=fi")
    page.locator("input[name=email]").fill(COORDINATOR)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Suomi").click()
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    yield page
    context.close()


def top_of_main(page):
    return page.locator("main").bounding_box()["y"]


def test_the_header_is_one_line_and_the_menu_opens_by_keyboard_without_script(phone):
    rooms = phone.locator(".navigation a")
    name = phone.locator(".account-name")
    for width in PHONES:
        phone.set_viewport_size({"width": width, "height": 640})
        assert top_of_main(phone) <= ONE_LINE
    expect(rooms.first).to_be_hidden()
    for _ in range(3):  # past the way to the content and the name of the service
        phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(name).to_be_visible()
    for room in rooms.all():
        expect(room).to_be_visible()
    phone.keyboard.press("Enter")
    expect(name).to_be_hidden()


def test_every_room_and_the_way_out_are_reached_through_the_menu(phone):
    phone.locator(".menu summary").click()
    phone.locator(".navigation").get_by_text("Tulokset", exact=True).click()
    phone.wait_for_url("**/staff/results/**")
    phone.locator(".menu summary").click()
    phone.get_by_role("button", name="Kirjaudu ulos").click()
    phone.wait_for_url("**/staff/sign-in**")


def test_a_wide_screen_has_no_menu_and_shows_every_room(phone):
    phone.set_viewport_size({"width": 1280, "height": 800})
    expect(phone.locator(".menu")).to_be_hidden()
    expect(phone.locator(".navigation a").first).to_be_visible()
