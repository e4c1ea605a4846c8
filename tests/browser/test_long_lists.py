"""Long lists on a telephone, without script: short, opened by keyboard, whole in what they save."""

from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.services import catalogue, seats
from tests.conftest import NOON
from tests.publications import made, store
from tests.web.staff_client import add_account, client_of

pytestmark = pytest.mark.browser

MOST = 4_000  # pixels; unfolded, forty courses with seventy times took twelve thousand
TOWN = Grant(Role.PRINCIPAL, "south", "pine")


@pytest.fixture
def phone(app, session, live, browser):
    """A principal's telephone without script, with forty courses on offer and results to rank them by."""
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    store(session, made(1))
    cookie = client_of(app, add_account(TOWN)).get_cookie("voimavara", path="/staff")
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, base_url=live)
    context.add_cookies([{"name": "voimavara", "value": cookie.value, "domain": "127.0.0.1", "path": "/staff"}])
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def height(page):
    return page.locator("html").bounding_box()["height"]


def field_called(page, name):
    return page.locator(f"input[name='{name}']")


def folded_around(page, name):
    return page.locator("details").filter(has=field_called(page, name)).all()


@pytest.mark.parametrize("path", ["/staff/catalogue/", "/staff/seats/community/pine"])
def test_a_long_list_is_short_on_a_telephone(phone, path):
    phone.goto(path)
    assert phone.locator("main").inner_text()
    assert height(phone) < MOST


def test_every_time_can_be_wished_for_by_keyboard_and_all_is_saved(phone, session):
    phone.goto("/staff/seats/community/pine")
    offered = [offering.external_id for _course, offering in seats.requestable_offerings(session, now=NOON)]
    session.close()  # it holds the lock that the form waits for
    assert phone.locator("input[name^='seats|']").count() == len(offered) > 50
    near = phone.locator("div.rows input[name^='seats|']").first.get_attribute("name")
    far = phone.locator("details.rows input[name^='seats|']").last.get_attribute("name")
    wished = {near: "2", far: "3"}
    for name, number in wished.items():
        for folded in folded_around(phone, name):
            folded.locator("> summary").focus()
            phone.keyboard.press("Enter")
        field_called(phone, name).focus()
        phone.keyboard.type(number)
    phone.get_by_role("button", name="Save the requests").click()
    expect(phone.get_by_text("5 seats requested.")).to_be_visible()
    for name, number in wished.items():
        expect(field_called(phone, name)).to_be_visible()  # what is wished for lies open
        expect(field_called(phone, name)).to_have_value(number)


def test_what_saves_is_in_sight_and_covers_no_field_that_has_the_focus(phone):
    phone.goto("/staff/seats/community/pine")
    bar = phone.locator(".saving")
    for row in phone.locator("div.rows details").all():
        row.locator("> summary").click()
    for field in phone.locator("div.rows input[name^='seats|']").all():
        phone.keyboard.press("Tab")
        field.focus()
        box = field.bounding_box()
        low = bar.bounding_box()
        assert 0 <= low["y"] <= 844 - low["height"] + 1
        assert box["y"] + box["height"] <= low["y"] or box["y"] >= low["y"] + low["height"]


def test_the_catalogue_is_turned_and_narrowed_down_without_script(phone):
    phone.goto("/staff/catalogue/")
    first = phone.locator("tbody th a").all_inner_texts()
    phone.get_by_role("link", name="Next").click()
    phone.wait_for_url("**/staff/catalogue/?page=2")  # the address changes before the page is there: wait for its load
    expect(phone.locator("tbody th a")).to_have_count(20)
    second = phone.locator("tbody th a").all_inner_texts()
    assert len(first) == len(second) == 20 and not set(first) & set(second)
    area = phone.locator("select[name=area]")
    expect(area).to_be_hidden()
    phone.locator(".fold summary").focus()
    phone.keyboard.press("Enter")
    area.select_option("leadership")
    phone.get_by_role("button", name="Search").click()
    expect(area).to_have_value("leadership")
    expect(area).to_be_visible()
    assert 0 < phone.locator("tbody th a").count() < 20
    phone.set_viewport_size({"width": 1280, "height": 900})
    expect(phone.locator(".fold")).to_be_hidden()
    expect(area).to_be_visible()
