"""The views of the projector fit a common projector and a large screen without scrolling, the open vote too."""

import pytest

from app.core.accounts import Grant, Role
from app.core.meetings import ProjectorView
from tests.publications import made, store
from tests.web.staff_client import add_account, client_of

pytestmark = pytest.mark.browser

SIZES = ((1280, 720), (1920, 1080))
TOPICS = ("control", "demands", "resources", "practices", "leadership", "wellbeing")


@pytest.fixture
def number(app, session):
    return store(session, made(1)).round


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_no_view_needs_scrolling(app, live, context, number, language):
    client = client_of(app, add_account(Grant(Role.PRINCIPAL, "south", "pine"), language=language))
    client.post(f"/staff/meetings/{number}/pine/vote", data={"option": list(TOPICS), "dots": "2", "people": "8"})
    cookie = client.get_cookie("voimavara", path="/staff")
    context.add_cookies([{"name": "voimavara", "value": cookie.value, "domain": "127.0.0.1", "path": "/staff"}])
    page = context.new_page()
    too_high = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for view in ProjectorView:
            assert page.goto(f"{live}/staff/meetings/{number}/pine/show/{view.value}").status == 200
            tall = page.evaluate("document.documentElement.scrollHeight")
            wide = page.evaluate("document.documentElement.scrollWidth")
            if tall > height or wide > width:
                too_high.append((view.value, (width, height), (wide, tall)))
            if view is ProjectorView.VOTE:
                box = page.locator("img.vote-code").bounding_box()
                assert box["width"] >= 120 and box["y"] + box["height"] <= height
    assert not too_high
