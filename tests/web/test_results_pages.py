from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.languages import TranslatedText
from app.reports.sentences import HOPED_FOR_CHANGE
from app.store import courses
from tests.core.matching.synthetic_region import course
from tests.publications import alike, made, store
from tests.web.page_cost import assert_cheap_again
from tests.web.staff_client import signed_in

PINE = Grant(Role.PRINCIPAL, "south", "pine")
SMALL = Grant(Role.PRINCIPAL, "south", "small")
TINY = Grant(Role.PRINCIPAL, "north", "tiny")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


def test_a_principal_comes_straight_to_the_own_community(app, round_id):
    page = signed_in(app, PINE).get("/staff/results/", follow_redirects=True)
    assert page.request.path == f"/staff/results/{round_id}/community/pine"
    assert "Before you read" in page.text
    assert f"A change of {HOPED_FOR_CHANGE:g} points would not be visible." in page.text
    assert page.text.count("<picture>") == 3  # no earlier round, so nothing to compare
    assert "Courses that may help" in page.text


def test_where_nothing_differs_every_page_says_so_in_words(app, session, frozen):
    number = store(session, alike(frozen)).round
    page = signed_in(app, PINE).get(f"/staff/results/{number}/community/pine").text
    assert "No dimension differs clearly from the region." in page
    assert "No clear difference from the region" in page
    client = signed_in(app, Grant(Role.COORDINATOR), email="co@example.test")
    table = client.get(f"/staff/results/{number}").text
    assert "There is no evidence that communities differ in any dimension" in table
    assert "the order has no meaning" in table
    assert 'class="number heat-worse' not in table and 'class="number heat-better' not in table
    assert "No evidence that they do" in client.get(f"/staff/results/{number}/quality").text


def test_an_old_round_that_is_counted_late_does_not_become_the_newest(app, session, frozen, round_id):
    old = replace(frozen, title="Long ago", opened_at=frozen.opened_at - timedelta(days=400))
    late = store(session, replace(old, counted_at=frozen.counted_at + timedelta(days=9))).round
    client = signed_in(app, PINE)
    page = client.get("/staff/results/", follow_redirects=True)
    assert page.request.path == f"/staff/results/{round_id}/community/pine"
    assert page.text.index("Nov 2026") < page.text.index("Oct 2025")
    assert client.get(f"/staff/results/{late}/community/pine").text.count("trends-wide.svg") == 0


def test_a_small_community_reads_placements_and_no_number_of_its_own(app, round_id):
    page = signed_in(app, SMALL).get(f"/staff/results/{round_id}/community/small")
    assert "No clear difference from the region" in page.text
    assert "The wider result: Etelänkylä" in page.text


def test_a_tiny_community_reads_the_wider_result_and_is_offered_to_join(app, round_id):
    page = signed_in(app, TINY).get(f"/staff/results/{round_id}/community/tiny")
    assert "Your community has no results of its own" in page.text
    assert "can be joined with a neighbouring one" in page.text


def test_nobody_reads_another_community(app, round_id):
    client = signed_in(app, PINE)
    for path in ("community/fir", "community/fir/dimensions-wide.svg", "community/fir/figures.csv"):
        assert client.get(f"/staff/results/{round_id}/{path}").status_code == 403
    for path in ("", "/quality", "/area/region/region", "/funnel/control-wide.svg"):
        assert client.get(f"/staff/results/{round_id}{path}").status_code == 403
    assert client.get(f"/staff/results/{round_id}/figures.csv").status_code == 403


def test_a_principal_reads_nothing_before_the_release(app, session, frozen):
    number = store(session, frozen, released=False).round
    assert signed_in(app, PINE).get(f"/staff/results/{number}/community/pine").status_code == 404
    page = signed_in(app, Grant(Role.COORDINATOR), email="co@example.test").get(f"/staff/results/{number}")
    assert "have not been released" in page.text


def test_a_coordinator_reads_table_quality_and_every_level(app, round_id):
    client = signed_in(app, Grant(Role.COORDINATOR))
    assert "Dimensions by communities" in client.get("/staff/results/", follow_redirects=True).text
    for path in ("/quality", "/area/region/region", "/area/municipality/north", "?by=demands", "/community/tiny"):
        assert client.get(f"/staff/results/{round_id}{path}").status_code == 200, path
    for path in ("/area/municipality/none", "/area/region/none", "/community/none", "/funnel/none-wide.svg"):
        assert client.get(f"/staff/results/{round_id}{path}").status_code == 404, path


def test_a_coordinator_of_one_municipality_reads_no_other(app, round_id):
    client = signed_in(app, Grant(Role.COORDINATOR, "north"))
    page = client.get(f"/staff/results/{round_id}")
    assert "Pohjanlahti" in page.text and "Mäntykallion koulu" not in page.text
    assert client.get(f"/staff/results/{round_id}/area/municipality/south").status_code == 403
    assert "pine" not in client.get(f"/staff/results/{round_id}/figures.csv").text


@pytest.mark.parametrize("name", ["dimensions", "shares", "plane"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_picture_is_sent_as_svg_and_not_sent_twice(app, round_id, name, width):
    client = signed_in(app, PINE)
    address = f"/staff/results/{round_id}/community/pine/{name}-{width}.svg"
    answer = client.get(address)
    assert answer.mimetype == "image/svg+xml" and answer.text.startswith("<svg")
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_file_holds_the_own_community_and_what_is_above_it(app, round_id):
    answer = signed_in(app, PINE).get(f"/staff/results/{round_id}/community/pine/figures.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    units = {line.split(";")[1] for line in answer.text.splitlines()[1:]}
    assert units == {"pine", "south", "region"}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_page_can_be_read_in_every_language(app, round_id, language):
    client = signed_in(app, Grant(Role.COORDINATOR), language=language)
    for path in ("", "/quality", "/community/pine", "/community/small", "/community/tiny"):
        page = client.get(f"/staff/results/{round_id}{path}")
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text


def test_a_new_course_stands_on_the_page_at_once_although_the_list_is_kept(app, session, round_id):
    client = signed_in(app, PINE)
    address = f"/staff/results/{round_id}/community/pine"
    assert "A course of tomorrow" not in client.get(address).text
    words = TranslatedText("Huomisen kurssi", "Morgondagens kurs", "A course of tomorrow")
    courses.put(session, [course("tomorrow", title=words)])
    session.commit()
    assert "A course of tomorrow" in client.get(address).text


def test_a_page_that_was_read_before_reads_no_publication_and_makes_nothing_anew(app, round_id):
    assert_cheap_again(app, signed_in(app, PINE), f"/staff/results/{round_id}/community/pine")
