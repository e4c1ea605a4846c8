from datetime import date

import pytest
from babel.dates import format_date

from app.core.accounts import Grant, Role
from app.services import followup
from app.services.followup.staff_page import access_phrase
from tests.follow_ups import ACTION, MEETING, PINE, SMALL, planned, write_action
from tests.publications import made, release_round, store
from tests.web.open_round import own_secret
from tests.web.page_checks import audit
from tests.web.staff_client import signed_in
from tests.web.visitor import Visitor


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


def looked_at(client, url, wanted=200, /, **sent):
    """Fetch or post a page and have it audited."""
    answer = client.post(url, data=sent) if sent else client.get(url)
    assert answer.status_code == wanted, answer.text[-1500:]
    assert not audit(answer), (url, audit(answer))
    return answer.text


def test_a_principal_comes_straight_to_the_own_follow_up_and_walks_it(app, round_id):
    client = signed_in(app, PINE)
    root = f"/staff/followup/{round_id}/pine"
    assert client.get("/staff/followup/").location.endswith(root)
    assert "Next: Results read and opened to the staff" in looked_at(client, root)
    assert "Mark as done" in looked_at(client, f"{root}/step/previewed")
    assert client.post(f"{root}/step/previewed").status_code == 302
    assert "First enter the day on which" in looked_at(client, root)
    assert client.post(f"{root}/meeting", data=MEETING | {"version": "0"}).status_code == 302
    assert client.post(f"{root}/action", data=ACTION).status_code == 302
    client.post(f"{root}/step/plan_agreed")
    page = looked_at(client, root)
    assert "Two meetings fewer" in page and "Next: First change under way" in page
    client.post(f"{root}/undo/plan_agreed")
    assert "Next: Plan agreed" in looked_at(client, root)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_page_of_the_editor_is_faultless(app, session, round_id, language):
    number = planned(session, round_id, "pine", power="municipality")
    client = signed_in(app, PINE, language=language)
    root = f"/staff/followup/{round_id}/pine"
    pages = ["", "/meeting", "/library", "/action", "/action?from=demands_quiet", f"/action/{number}"]
    for page in [*pages, f"/action/{number}/hand-on", "/history", "/paper"]:
        looked_at(client, root + page)


def test_the_library_fills_the_form_and_the_work_comes_first(app, round_id):
    client = signed_in(app, PINE)
    root = f"/staff/followup/{round_id}/pine"
    page = looked_at(client, f"{root}/library")
    assert page.index("We go through our tasks") < page.index("A heavy situation is talked through")
    assert "We agree on a time each day when planning is not interrupted." in looked_at(
        client, f"{root}/action?from=demands_quiet"
    )


def test_a_form_with_faults_says_each_of_them_and_keeps_the_words(app, session, round_id):
    client = signed_in(app, PINE)
    root = f"/staff/followup/{round_id}/pine"
    page = looked_at(client, f"{root}/action", 422, **(ACTION | {"owner": "", "first_by": "2027-01-20"}))
    assert "Fill this in." in page and "soon after the plan" in page and "Two meetings fewer" in page
    page = looked_at(client, f"{root}/meeting", 422, **(MEETING | {"present": "x", "discussed_on": "2027-01-01"}))
    assert "as a whole number" in page and "is in the future" in page
    assert not followup.follow_up_of_unit(session, round_id, "pine").plan.actions


def test_two_editors_see_each_others_words_on_the_page(app, session, round_id):
    first = signed_in(app, PINE, email="one@example.test", name="Robin Demo")
    second = signed_in(app, PINE, email="two@example.test", name="Kaarna Demo")
    number = write_action(session, round_id, "pine").number
    url = f"/staff/followup/{round_id}/pine/action/{number}"
    first.post(url, data=ACTION | {"version": "1", "what": "Three meetings fewer"})
    page = looked_at(second, url, 409, **(ACTION | {"version": "1", "what": "One meeting fewer"}))
    assert "Robin Demo saved on" in page
    assert "Three meetings fewer" in page and "One meeting fewer" in page
    assert 'name="version" type="hidden" value="2"' in page
    second.post(url, data=ACTION | {"version": "2", "what": "One meeting fewer"})
    history = looked_at(first, f"/staff/followup/{round_id}/pine/history")
    assert "Three meetings fewer" in history and "One meeting fewer" in history and "Kaarna Demo" in history


def test_the_history_is_written_for_readers_in_their_language(app, round_id):
    """No form value is shown as it is stored: days have their month in words, and a ticked box says so."""
    client = signed_in(app, PINE, language="sv")
    root = f"/staff/followup/{round_id}/pine"
    assert client.post(f"{root}/meeting", data=MEETING | {"version": "0", "pulse": "yes"}).status_code == 302
    assert client.post(f"{root}/action", data=ACTION).status_code == 302
    history = looked_at(client, f"{root}/history")
    for stored in (MEETING["discussed_on"], ACTION["first_by"], ACTION["due"]):
        day = date.fromisoformat(stored)
        assert stored not in history and f"<dd>{format_date(day, 'd MMMM y', locale='sv')}</dd>" in history
    assert "<dd>ja</dd>" in history and "<dd>yes</dd>" not in history


def test_a_matter_is_handed_on_with_a_reason(app, session, round_id):
    number = planned(session, round_id, "pine", power="municipality")
    client = signed_in(app, PINE)
    url = f"/staff/followup/{round_id}/pine/action/{number}/hand-on"
    assert "Explain why it is needed" in looked_at(client, url, 422, why=" ")
    assert client.post(url, data={"why": "Two groups are too large."}).status_code == 302
    assert "an answer is due by" in looked_at(client, f"/staff/followup/{round_id}/pine")


def test_nobody_follows_up_another_community(app, session, round_id):
    number = planned(session, round_id, "fir")
    client = signed_in(app, PINE)
    root = f"/staff/followup/{round_id}/fir"
    for page in ("", "/paper", "/meeting", "/library", "/action", f"/action/{number}", "/history", "/step/previewed"):
        assert client.get(root + page).status_code == 403, page
    for page in ("/undo/in_progress", "/word", "/meeting", "/action"):
        assert client.post(root + page, data=MEETING).status_code == 403, page
    assert client.get(f"/staff/followup/{round_id}/pine/action/{number}").status_code == 404


def test_a_coordinator_reads_inside_the_municipality_and_edits_nothing(app, session, round_id):
    planned(session, round_id, "fir")
    client = signed_in(app, Grant(Role.COORDINATOR, "north"))
    page = looked_at(client, f"/staff/followup/{round_id}/fir")
    assert "Two meetings fewer" in page and "Access phrase of your community" not in page and "Mark as done" not in page
    assert client.get(f"/staff/followup/{round_id}/pine").status_code == 403
    assert client.post(f"/staff/followup/{round_id}/fir/step/previewed").status_code == 403


def test_nothing_is_followed_up_before_the_release(app, session, frozen):
    number = store(session, frozen, released=False).round
    assert signed_in(app, PINE).get(f"/staff/followup/{number}/pine").status_code == 404
    assert "nothing to follow up yet" in looked_at(signed_in(app, SMALL, email="s@example.test"), "/staff/followup/")


def test_a_new_principal_takes_over_where_the_old_one_left(app, session, round_id):
    planned(session, round_id, "pine")
    heir = signed_in(app, PINE, email="heir@example.test", name="Uusi Demo")
    page = looked_at(heir, f"/staff/followup/{round_id}/pine")
    assert "Two meetings fewer" in page and "Withdraw “First change under way”" in page


def test_a_small_community_is_told_that_meeting_plan_and_pulse_are_its_own(app, round_id):
    page = looked_at(signed_in(app, SMALL), f"/staff/followup/{round_id}/small")
    assert "no numbers of its own this time" in page and "Write the minutes and choose the focus" in page


def by_word(app, word):
    visitor = Visitor(app, anonymous=True)
    visitor.get("/en/community")
    visitor.press("Continue", word=word)
    return visitor


def test_staff_read_with_the_word_and_without_signing_in(app, session, round_id):
    planned(session, round_id, "pine")
    word = access_phrase(session, round_id, "pine", secret=own_secret(app))
    visitor = by_word(app, f" {word.lower().replace('-', '')} ")
    text = visitor.response.text
    assert visitor.page.h1 == "Mäntykallion koulu"
    assert "You said, we did" in text and "Two meetings fewer" in text
    assert '<span class="unbroken">20–24</span> people answered.' in text
    assert "/en/self-assessment?place=south" in {tag["href"] for tag in visitor.page.all("a")}
    visitor.press("Suomi")
    assert visitor.page.h1 == "Mäntykallion koulu" and 'lang="fi"' in visitor.response.text


def test_before_the_preview_staff_see_the_clock_and_no_results(app, session, round_id):
    text = by_word(app, access_phrase(session, round_id, "pine", secret=own_secret(app))).response.text
    assert "The results open here when the principal has read them" in text and "people answered" not in text


def test_a_wrong_word_opens_nothing_and_a_renewed_one_closes_the_old(app, session, round_id):
    old = access_phrase(session, round_id, "pine", secret=own_secret(app))
    client = signed_in(app, PINE)
    page = f"/staff/followup/{round_id}/pine/word"
    assert "The old access phrase stops working immediately" in client.get(page).text
    assert access_phrase(session, round_id, "pine", secret=own_secret(app)) == old  # asking changes nothing
    client.post(page)
    answers = {old: "This access phrase does not work.", "AAAAA-AAAAA": "This access phrase does not work."}
    for word, said in (answers | {" ": "Type the access phrase of your community."}).items():
        visitor = Visitor(app, anonymous=True)
        visitor.get("/en/community")
        visitor.press("Continue", status=400, word=word)
        assert said in visitor.response.text
    new = access_phrase(session, round_id, "pine", secret=own_secret(app))
    assert by_word(app, new).page.h1 == "Mäntykallion koulu"


def test_guessing_words_is_slowed_down(app, round_id):
    client = app.test_client(use_cookies=False)
    answers = [client.post("/en/community", data={"word": f"AAAAA-AAAA{n}"}).status_code for n in range(32)]
    assert answers[0] == 400 and answers[-1] == 429


def test_the_first_page_tells_what_waits_and_leads_there(app, session, frozen):
    stored = store(session, frozen)
    release_round(session, stored)
    round_id = stored.round
    page = signed_in(app, PINE).get("/staff/").text
    assert "Read the results of your community." in page and f"/staff/followup/{round_id}/pine" in page
    planned(session, round_id, "pine")
    page = signed_in(app, PINE, email="x@example.test").get("/staff/").text
    assert "Read the results of your community." not in page
