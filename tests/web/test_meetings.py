from dataclasses import replace

import pytest

from app.core.accounts import Grant, Role
from app.core.publication import DisclosureState
from tests.publications import made, store
from tests.web.page_checks import Page, audit
from tests.web.staff_client import signed_in

PRINCIPALS = {
    "pine": Grant(Role.PRINCIPAL, "south", "pine"),
    "small": Grant(Role.PRINCIPAL, "south", "small"),
    "tiny": Grant(Role.PRINCIPAL, "north", "tiny"),
}
OWN_NUMBER = 7777.0  # no scale reaches it: wherever it is printed, a withheld figure has leaked


@pytest.fixture(scope="module")
def frozen():
    """A round whose withheld figures bear numbers all the same, so that a page that prints them is caught."""
    one = made(1)
    figures = tuple(
        figure
        if figure.state is DisclosureState.SHOWN
        else replace(figure, mean=OWN_NUMBER, interval=(OWN_NUMBER, OWN_NUMBER), interval_conditions=(OWN_NUMBER,) * 2)
        for figure in one.figures
    )
    assert figures != one.figures
    return replace(one, figures=figures)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


def walk(client, address):
    """Every view of the projector, by its links to the next; each page is audited."""
    views = []
    while address:
        page = client.get(address)
        assert page.status_code == 200, page.text[-1500:]
        faults = audit(page)
        assert not faults, f"{address}: {faults}"
        views.append(page.text)
        onward = [tag for tag in Page(page.text).all("a") if tag["rel"] == "next"]
        address = onward[0]["href"] if onward else None
    return views


def first_view(client, round_id, unit):
    page = client.get(f"/staff/meetings/{round_id}/{unit}")
    assert page.status_code == 200
    assert not audit(page), audit(page)
    return page.text, next(tag["href"] for tag in Page(page.text).all("a") if "/show/start" in (tag["href"] or ""))


def test_the_results_lead_to_the_meeting(app, round_id):
    page = signed_in(app, PRINCIPALS["pine"]).get(f"/staff/results/{round_id}/community/pine")
    assert f"/staff/meetings/{round_id}/pine" in page.text


@pytest.mark.parametrize("minutes", [45, 75, 90])
def test_the_agenda_has_the_chosen_length(app, round_id, minutes):
    page = signed_in(app, PRINCIPALS["pine"]).get(f"/staff/meetings/{round_id}/pine?minutes={minutes}")
    assert f"Agenda for {minutes} minutes" in page.text
    assert not audit(page)
    rows = Page(page.text).all("tr")
    assert len(rows) > 6


def test_a_length_that_there_is_not_becomes_the_usual_one(app, round_id):
    client = signed_in(app, PRINCIPALS["pine"])
    for word in ("13", "long"):
        assert "Agenda for 75 minutes" in client.get(f"/staff/meetings/{round_id}/pine?minutes={word}").text


@pytest.mark.parametrize(("unit", "views"), [("pine", 8), ("small", 6), ("tiny", 6)])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_projector_goes_from_view_to_view_by_links(app, round_id, unit, views, language):
    client = signed_in(app, PRINCIPALS[unit], language=language)
    _page, start = first_view(client, round_id, unit)
    assert len(walk(client, start)) == views


def test_a_community_with_numbers_sees_them(app, round_id):
    client = signed_in(app, PRINCIPALS["pine"])
    views = walk(client, first_view(client, round_id, "pine")[1])
    assert '<span class="unbroken">20–24</span> people answered.' in views[1]
    assert "dimensions-wide.svg" in views[2]
    assert "the region" in views[3]


@pytest.mark.parametrize("unit", ["small", "tiny"])
def test_no_page_of_the_meeting_prints_what_is_withheld(app, round_id, unit):
    client = signed_in(app, PRINCIPALS[unit])
    page, start = first_view(client, round_id, unit)
    for text in (page, *walk(client, start)):
        assert "7777" not in text and "7,777" not in text
        assert "1–4" not in text and "3 people" not in text  # nor how few answered


def test_a_small_community_sees_placements_and_a_tiny_one_the_wider_result(app, round_id):
    small = signed_in(app, PRINCIPALS["small"], email="small@example.test")
    assert "No clear difference from the region" in small.get(f"/staff/meetings/{round_id}/small/show/results").text
    tiny = signed_in(app, PRINCIPALS["tiny"], email="tiny@example.test")
    assert "The wider result: Pohjanlahti" in tiny.get(f"/staff/meetings/{round_id}/tiny/show/results").text


def test_the_questions_follow_the_chosen_focus_into_the_projector(app, round_id):
    client = signed_in(app, PRINCIPALS["tiny"])
    page = client.get(f"/staff/meetings/{round_id}/tiny?focus=leadership&focus=nonsense")
    assert "On which matter would a clear line" in page.text
    assert "On which matter" in client.get(f"/staff/meetings/{round_id}/tiny/show/prompts?focus=leadership").text
    assert "On which matter" not in client.get(f"/staff/meetings/{round_id}/tiny/show/prompts?focus=demands").text


def test_nobody_prepares_the_meeting_of_another_community(app, round_id):
    client = signed_in(app, PRINCIPALS["small"])
    for path in ("pine", "pine/show/answered"):
        assert client.get(f"/staff/meetings/{round_id}/{path}").status_code == 403
    assert client.get(f"/staff/meetings/{round_id}/small/show/strongest").status_code == 404
    assert client.get(f"/staff/meetings/{round_id}/small/show/film").status_code == 404


def test_there_is_no_meeting_before_the_release(app, session, frozen):
    number = store(session, frozen, released=False).round
    assert signed_in(app, PRINCIPALS["pine"]).get(f"/staff/meetings/{number}/pine").status_code == 404
