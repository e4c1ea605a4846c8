import pytest


@pytest.mark.browser
def test_a_browser_reaches_the_live_server(live, page):
    answer = page.goto(f"{live}/nothing")
    assert answer.status == 404
    assert page.locator("h1").count() == 1
