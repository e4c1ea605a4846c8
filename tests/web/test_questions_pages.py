"""Results question by question, as pages."""

from dataclasses import replace
from html import unescape

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.store import audit as trail
from tests.publications import WELLBEING, made, store
from tests.web.page_checks import audit
from tests.web.page_cost import assert_cheap_again
from tests.web.staff_client import signed_in

PINE = Grant(Role.PRINCIPAL, "south", "pine")
FIR = Grant(Role.PRINCIPAL, "north", "fir")
COORDINATOR = Grant(Role.COORDINATOR)


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def root(session, frozen):
    return f"/staff/results/{store(session, frozen).round}"


def test_the_page_is_reached_from_the_results_and_leads_back(app, root):
    client = signed_in(app, PINE)
    assert f"{root}/community/pine/questions/" in client.get(f"{root}/community/pine").text
    assert f'href="{root}/community/pine"' in client.get(f"{root}/community/pine/questions/").text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_principal_reads_every_question_in_the_own_language(app, root, language):
    page = signed_in(app, PINE, language=language).get(f"{root}/community/pine/questions/")
    assert not audit(page)
    for item in WELLBEING.items:
        assert getattr(item.text, language).rstrip(".") in unescape(page.text)
    assert page.text.count("<picture>") == len(WELLBEING.scales)


def test_a_community_with_too_few_answers_reads_the_wider_questions_and_no_number_of_its_own(app, root):
    page = signed_in(app, FIR).get(f"{root}/community/fir/questions/").text
    assert "Results by question are shown only where at least 20 people answered" in page
    assert "Our community" not in page


def test_where_nothing_is_frozen_the_page_says_so(app, session, frozen):
    number = store(session, replace(frozen, items=())).round
    client = signed_in(app, PINE)
    own = f"/staff/results/{number}/community/pine"
    assert "No results by question are shown for this round" in client.get(f"{own}/questions/").text
    assert "Question by question" not in client.get(own).text
    assert client.get(f"{own}/questions/control-wide.svg").status_code == 404


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_chart_of_questions_is_sent_as_svg_and_not_sent_twice(app, root, width):
    client = signed_in(app, PINE)
    address = f"{root}/community/pine/questions/control-{width}.svg"
    answer = client.get(address)
    assert answer.mimetype == "image/svg+xml" and answer.text.startswith("<svg")
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(f"{root}/community/pine/questions/none-{width}.svg").status_code == 404


def test_nobody_reads_the_questions_of_another_community(app, root):
    client = signed_in(app, PINE)
    for path in ("community/fir/questions/", "community/fir/questions/control-wide.svg", "community/fir/questions.csv"):
        assert client.get(f"{root}/{path}").status_code == 403
    for path in ("area/region/region/questions/", "area/region/region/questions/control-wide.svg", "questions.csv"):
        assert client.get(f"{root}/{path}").status_code == 403


def test_a_principal_reads_no_question_before_the_release(app, session, frozen):
    number = store(session, frozen, released=False).round
    assert signed_in(app, PINE).get(f"/staff/results/{number}/community/pine/questions/").status_code == 404


def test_a_coordinator_reads_region_and_municipality_and_one_of_a_municipality_no_other(app, root):
    client = signed_in(app, COORDINATOR)
    for path in ("area/region/region/questions/", "area/municipality/north/questions/"):
        assert not audit(client.get(f"{root}/{path}"))
    assert client.get(f"{root}/area/region/region/questions/control-wide.svg").status_code == 200
    other = signed_in(app, Grant(Role.COORDINATOR, "north"), email="north@example.test")
    assert other.get(f"{root}/area/municipality/south/questions/").status_code == 403
    assert ",pine," not in other.get(f"{root}/questions.csv").text


def test_a_file_that_is_taken_stands_in_the_trail(app, session, root):
    answer = signed_in(app, PINE).get(f"{root}/community/pine/questions.csv")
    assert 'filename="questions-' in answer.headers["Content-Disposition"]
    assert {line.split(";")[1] for line in answer.text.splitlines()[1:]} == {"pine", "south", "region"}
    assert [entry.event for entry in trail.entries(session)].count(AuditEvent.RESULTS_EXPORTED) == 1


def test_a_page_that_was_read_before_reads_no_publication_and_makes_nothing_anew(app, root):
    assert_cheap_again(app, signed_in(app, PINE), f"{root}/community/pine/questions/")
