"""A request without seats: the page and the letters offer the next best course that has some, in each language."""

import html
import re

import pytest

from app.core.accounts import Account, AccountId, Grant, Role
from app.core.languages import Language
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import SeatRequest
from app.services import organisations, seats
from app.store.seats import Override
from app.web.staff.seats.letters import seat_outcome_messages
from tests.publications import NOON
from tests.web.page_checks import audit
from tests.web.staff_client import signed_in
from tests.web.test_newest_survey import TOWN, survey

__all__ = ["survey"]

PAGE = "/staff/seats/community/pine"


@pytest.fixture
def refused(app, session, survey):
    """An allocation that is published and leaves one community without the seats that it requested."""
    offering = seats.requestable_offerings(session, now=NOON)[0][1]
    number = seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    seats.override_seats(session, number, Override("pine", offering.external_id, 0, "Full"), by=None, now=NOON)
    seats.publish_allocation(session, number, by=None, now=NOON)
    session.commit()
    return offering


def principal(app, *, language="en", community="pine"):
    grant = Grant(Role.PRINCIPAL, TOWN[community], community)
    return signed_in(app, grant, email=f"{community}-{language}@example.test", language=language)


def alternative(session):
    (found,) = seats.seat_request_guidance(session, "pine", now=NOON).unmet
    return found.alternative


def test_one_press_requests_the_alternative_instead(app, session, refused):
    desk = principal(app)
    page = desk.get(PAGE)
    assert not audit(page)
    offered = alternative(session)
    assert "One request is without seats" in page.text
    assert "You got no seats." in page.text
    assert f"“{offered.course.title.en}”" in html.unescape(page.text)
    assert f"you can expect {offered.seats} seats." in page.text
    sent = {"offering": refused.external_id, "instead": offered.offering.external_id}
    answer = desk.post(f"{PAGE}/instead", data=sent, follow_redirects=True)
    assert "Your request is now for" in answer.text
    assert "is without seats" not in answer.text
    session.expire_all()
    assert seats.seat_requests(session, "pine") == (
        SeatRequest("pine", offered.offering.external_id, offered.seats, 1),
    )


@pytest.mark.parametrize("changed", [{"instead": "elsewhere"}, {"offering": "elsewhere"}])
def test_what_is_no_longer_offered_changes_nothing(app, session, refused, changed):
    before = seats.seat_requests(session, "pine")
    sent = {"offering": refused.external_id, "instead": alternative(session).offering.external_id} | changed
    answer = principal(app).post(f"{PAGE}/instead", data=sent, follow_redirects=True)
    assert "The seats have changed in the meantime." in answer.text
    session.expire_all()
    assert seats.seat_requests(session, "pine") == before


def test_nobody_requests_for_another_community(app, refused):
    assert principal(app, community="fir").post(f"{PAGE}/instead", data={}).status_code == 403
    assert principal(app).post("/staff/seats/community/nowhere/instead", data={}).status_code == 404


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fi", ("Yhteen toiveeseen ei ole paikkoja", "Ette saaneet paikkoja.", "Seuraavaksi sopivin koulutus")),
        (
            "sv",
            (
                "Ett önskemål har inga platser",
                "Ni fick inga platser.",
                "Det näst bästa alternativet med lediga platser",
            ),
        ),
    ],
)
def test_the_page_speaks_each_language(app, session, refused, language, sentences):
    page = html.unescape(principal(app, language=language).get(PAGE).text)
    assert all(sentence in page for sentence in sentences)


def test_the_page_shows_the_seats_of_each_course_as_the_list_does(app, session, refused):
    desk = principal(app)
    told = re.compile(r"<p>(?:<strong>)?((?:It has|\d+ of its) [^<]*)</")
    on_the_list = told.findall(desk.get("/staff/matching/community/pine").text)
    on_the_page = told.findall(desk.get(PAGE).text)
    assert len(on_the_list) >= 3
    assert set(on_the_list) <= set(on_the_page)


def test_letters_name_what_can_be_requested_instead(app, session, refused):
    offered = alternative(session)
    stored = seats.find_published_allocation(session)
    printed = signed_in(app, Grant(Role.COORDINATOR)).get(f"/staff/seats/allocation/{stored.id}/letters").text
    printed = html.unescape(printed)
    assert f"The next best with free seats is “{offered.course.title.en}”" in printed
    unmet = seats.unmet_requests_by_community(session, stored, now=NOON)
    assert unmet["pine"][0].alternative == offered
    readers = [
        Account(AccountId(number), "a@example.test", "A", language, (Grant(Role.PRINCIPAL, "south", "pine"),))
        for number, language in enumerate(Language)
    ]
    letters = seat_outcome_messages(stored, organisations.region(session).units, readers, unmet)
    assert [each.account.language for each in letters] == list(Language)
    for letter in letters:
        title = offered.course.title.in_language(Language(letter.account.language))
        assert f"”{title}” ({offered.seats})" in letter.detail


def test_a_draft_is_previewed_as_if_it_were_published(app, session, refused):
    known = alternative(session)
    number = seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    seats.override_seats(session, number, Override("fir", refused.external_id, 0, "Full"), by=None, now=NOON)
    session.commit()
    draft = seats.find_allocation(session, number)
    assert "fir" in seats.unmet_requests_by_community(session, draft, now=NOON)
    assert "fir" not in seats.unmet_requests_by_community(session, seats.find_published_allocation(session), now=NOON)
    assert alternative(session) == known
