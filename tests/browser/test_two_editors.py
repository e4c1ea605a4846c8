"""Two people with the same plan open in two windows."""

import pytest
from playwright.sync_api import expect

from tests.browser.actions import sign_in
from tests.browser.world import DEPUTY, PLAN, PRINCIPAL, fill_action, hold_short_round

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_two_who_edit_one_plan_lose_nothing_and_see_each_other(world, browser):
    hold_short_round(world)
    windows = []
    for email in (PRINCIPAL, DEPUTY):
        context = browser.new_context()
        windows.append(context.new_page())
        sign_in(windows[-1], world.live, email)
    one, other = windows
    one.goto(f"{world.live}{PLAN}/action")
    fill_action(one, world, what="Two meetings fewer", owner="principal")
    for page in windows:
        page.goto(f"{world.live}{PLAN}/action/1")
    one.locator("textarea[name=what]").fill("Three meetings fewer")
    one.locator("textarea[name=sign]").fill("An hour is free on Mondays")
    one.get_by_role("button", name="Save").click()

    other.locator("textarea[name=what]").fill("Only short meetings")
    other.locator("input[name=owner]").fill("the planning group")
    other.get_by_role("button", name="Save").click()
    told = other.locator("[role=alert]")
    expect(told).to_contain_text("Someone else has changed this in the meantime")
    expect(told).to_contain_text("Three meetings fewer")  # the one's words
    expect(other.locator("textarea[name=what]")).to_have_value("Only short meetings")  # the other's own
    expect(other.locator("textarea[name=sign]")).to_have_value("An hour is free on Mondays")  # taken over
    other.locator("textarea[name=what]").fill("Three meetings fewer, the rest short")
    other.get_by_role("button", name="Save").click()

    one.goto(f"{world.live}{PLAN}")
    for words in ("Three meetings fewer, the rest short", "An hour is free on Mondays", "the planning group"):
        expect(one.locator("main")).to_contain_text(words)
    one.goto(f"{world.live}{PLAN}/history")
    assert one.get_by_text("After this change").count() == 3
    for page in windows:
        page.context.close()
