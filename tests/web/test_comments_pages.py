import re

import pytest

from app.core.accounts import Grant, Role
from app.core.disclosure.policy import Policy
from app.services import answering, counting, rounds
from app.store.instruments import read_questionnaire_file
from tests.conftest import NOON
from tests.web.open_round import CLOSES, WELLBEING, begin, open_round, own_secret, to_check
from tests.web.staff_client import signed_in
from tests.web.visitor import Visitor

PRINCIPAL = Grant(Role.PRINCIPAL, "town", "alder")


@pytest.fixture
def asked(app, session):
    return open_round(app, session, alder=24, birch=12, comments=True)


@pytest.fixture
def counted(app, session, asked):
    return count_with_comments(
        app, session, asked, alder=["Our principal listens.", *[f"More <b>peace</b> {n}" for n in range(11)]]
    )


def count_with_comments(app, session, asked, **texts):
    """Count a round after one answer for each comment of a community; return its number."""
    number, codes = asked
    ratings = {item.id: item.options[3].value for item in read_questionnaire_file(WELLBEING).items}
    for code, words in [pair for unit, own in texts.items() for pair in zip(codes[unit], own, strict=False)]:
        answering.submit(session, code, ratings=ratings, group=None, comment=words, secret=own_secret(app), now=NOON)
    rounds.close(session, number, now=CLOSES)
    keys = app.extensions["voimavara"].settings.keys
    counting.count_round(session, number, policy=Policy(), secret=own_secret(app), now=CLOSES, keys=keys)
    session.commit()
    return number


def test_a_comment_goes_the_whole_way_from_page_to_box(app, session, asked):
    visitor = Visitor(app, anonymous=True)
    begin(visitor, asked[1]["alder"][0])
    while "words" not in visitor.page.title:
        visitor.press("Continue")
    visitor.press("Continue", comment="Quieter corridors, please.")
    assert "Quieter corridors" in visitor.response.text
    to_check(visitor)
    visitor.press("Send my answers")
    assert visitor.url == "/en/thanks"


def test_a_coordinator_looks_through_before_the_release(app, counted):
    client = signed_in(app, Grant(Role.COORDINATOR))
    page = client.get(f"/staff/comments/{counted}").text
    assert "Detected: principal" in page and page.count(" checked") == 1
    assert "More &lt;b&gt;peace" in page
    assert "Review the comments first" in client.get(f"/staff/rounds/{counted}/release").text
    client.post(f"/staff/comments/{counted}", data={})
    assert " checked" not in client.get(f"/staff/comments/{counted}").text


def test_a_name_of_no_comment_of_the_round_withholds_nothing(app, counted):
    client = signed_in(app, Grant(Role.COORDINATOR))
    page = client.get(f"/staff/comments/{counted}").text
    first = re.search(r'name="withheld" value="([0-9a-f]+)"', page)[1]
    answer = client.post(f"/staff/comments/{counted}", data={"withheld": [first, "no key", "00" * 16]})
    assert answer.status_code == 302
    assert client.get(f"/staff/comments/{counted}").text.count(" checked") == 1


def test_a_principal_reads_them_after_the_release_and_no_neighbour_does(app, counted):
    coordinator = signed_in(app, Grant(Role.COORDINATOR))
    principal = signed_in(app, PRINCIPAL, email="principal@example.test")
    neighbour = signed_in(app, Grant(Role.PRINCIPAL, "town", "birch"), email="neighbour@example.test")
    address = f"/staff/comments/{counted}/community/alder"
    assert principal.get(address).status_code == 404
    coordinator.post(f"/staff/rounds/{counted}/release")
    page = principal.get(address).text
    assert page.count("More &lt;b&gt;peace") == 11 and "Our principal" not in page
    assert neighbour.get(address).status_code == 403
    assert principal.get(f"/staff/comments/{counted}").status_code == 403
    assert principal.get(f"/staff/comments/{counted}/others").status_code == 403
    assert coordinator.get(f"/staff/comments/{counted}/others").status_code == 200
    assert "Comments of the staff" in principal.get(f"/staff/results/{counted}/community/alder").text


def test_a_coordinator_of_one_municipality_reads_neither_all_comments_nor_the_pooled_ones(app, counted):
    local = signed_in(app, Grant(Role.COORDINATOR, "town"))
    assert local.get(f"/staff/comments/{counted}").status_code == 403
    assert local.post(f"/staff/comments/{counted}").status_code == 403
    signed_in(app, Grant(Role.COORDINATOR), email="whole@example.test").post(f"/staff/rounds/{counted}/release")
    assert local.get(f"/staff/comments/{counted}/others").status_code == 403
    assert local.get(f"/staff/comments/{counted}/community/alder").status_code == 200


def test_a_coordinator_finds_the_pooled_comments_on_the_page_of_the_region(app, session, asked):
    number = count_with_comments(
        app, session, asked, alder=[f"Peace {n}" for n in range(8)], birch=[f"Quiet {n}" for n in range(7)]
    )
    coordinator = signed_in(app, Grant(Role.COORDINATOR))
    local = signed_in(app, Grant(Role.COORDINATOR, "town"), email="local@example.test")
    of_region = f"/staff/results/{number}"
    pooled = f"/staff/comments/{number}/others"
    assert pooled not in coordinator.get(of_region).text
    coordinator.post(f"/staff/rounds/{number}/release")
    link = re.search(r'<a href="([^"]+/others)">', coordinator.get(of_region).text)[1]
    assert link == pooled
    page = coordinator.get(link).text
    assert "Peace 3" in page and "Quiet 3" in page and f'href="{of_region}"' in page
    assert pooled not in local.get(of_region).text


def test_a_region_without_pooled_comments_has_no_link_to_them(app, counted):
    coordinator = signed_in(app, Grant(Role.COORDINATOR))
    coordinator.post(f"/staff/rounds/{counted}/release")
    assert "/others" not in coordinator.get(f"/staff/results/{counted}").text


def test_comments_are_in_no_publication_file_or_interface(app, session, counted):
    client = signed_in(app, Grant(Role.COORDINATOR))
    client.post(f"/staff/rounds/{counted}/release")
    for address in (f"/staff/results/{counted}/figures.csv", f"/staff/results/{counted}/community/alder/figures.csv"):
        assert "peace" not in client.get(address).text
    for address in ("/courses/catalogue.jsonld", "/staff/matching/community/alder", f"/staff/results/{counted}"):
        assert "peace" not in client.get(address).text
