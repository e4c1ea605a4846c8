"""The coordinator's clocks, the inbox, the pulse, the review, and what none of these pages prints."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.publication import DisclosureState
from app.core.rounds import RoundKind
from app.services import followup, rounds
from app.store import followup as store_of_followup
from tests.follow_ups import PINE, SMALL, planned
from tests.publications import NOON, made, store
from tests.web.open_round import begin, open_round, own_secret
from tests.web.page_checks import Page
from tests.web.staff_client import signed_in
from tests.web.test_followup_pages import by_word, looked_at
from tests.web.visitor import Visitor

DAY = timedelta(days=1)
DESK = Grant(Role.COORDINATOR)


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture(scope="module")
def after(frozen):
    return made(2, title="Autumn 2027", lift=0.2, earlier=(frozen,), days=300)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


def handed_on(session, round_id, unit="pine"):
    number = planned(session, round_id, unit, power="municipality")
    raised = followup.escalate(session, round_id, unit, number, "Two groups are too large.", by=None, now=NOON)
    session.commit()
    return raised


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_desks_are_faultless_in_every_language(app, session, round_id, language):
    raised = handed_on(session, round_id)
    client = signed_in(app, DESK, language=language)
    for page in (
        "/staff/timelines/",
        "/staff/inbox/",
        f"/staff/inbox/{raised}",
        f"/staff/followup/{round_id}/pine/review",
    ):
        looked_at(client, page)


def test_the_coordinator_sees_who_stands_where(app, session, round_id, frozen):
    planned(session, round_id, "pine")
    page = looked_at(signed_in(app, DESK), "/staff/timelines/")
    assert all(unit.name in page for unit in frozen.region.units)
    assert "no community is overdue" in page and page.count("timeline-done") == 4


def test_a_municipality_sees_its_own_clocks_and_its_own_inbox(app, session, round_id):
    raised = handed_on(session, round_id)
    north = signed_in(app, Grant(Role.COORDINATOR, "north"))
    page = looked_at(north, "/staff/timelines/?municipality=south")
    assert "Mäntykallion koulu" not in page
    assert "Two meetings fewer" not in looked_at(north, "/staff/inbox/")
    assert north.get(f"/staff/inbox/{raised}").status_code == 403
    assert north.post(f"/staff/inbox/{raised}", data={"kind": "done", "text_en": "x"}).status_code == 403
    assert north.post("/staff/timelines/pulse").status_code == 403


def test_a_principal_has_no_desk(app, session, round_id):
    raised = handed_on(session, round_id)
    client = signed_in(app, PINE)
    for page in ("/staff/timelines/", "/staff/inbox/", f"/staff/inbox/{raised}"):
        assert client.get(page).status_code == 403


def test_an_answer_reaches_the_principal_and_the_staff(app, session, round_id):
    raised = handed_on(session, round_id)
    desk = signed_in(app, Grant(Role.COORDINATOR, "south"))
    assert "Choose an answer" in looked_at(desk, f"/staff/inbox/{raised}", 422, kind="", text="From January.")
    assert (
        desk.post(
            f"/staff/inbox/{raised}", data={"kind": "will_do", "text_en": "From January.", "over": ""}
        ).status_code
        == 302
    )
    principal = signed_in(app, PINE, email="p@example.test")
    assert "From January." in looked_at(principal, f"/staff/followup/{round_id}/pine")
    word = followup.access_phrase(session, round_id, "pine", secret=own_secret(app))
    assert "Will be done. From January." in by_word(app, word).response.text


def test_one_press_plans_a_pulse_for_all_who_are_due(app, session, round_id):
    for unit in ("pine", "tiny"):
        planned(session, round_id, unit, now=NOON - 50 * DAY, first_by="2026-10-20")
    desk = signed_in(app, DESK)
    assert "2 communities request it" in looked_at(desk, "/staff/timelines/")
    number = int(desk.post("/staff/timelines/pulse").location.rsplit("/", 1)[1])
    assert rounds.get_round(session, number).kind is RoundKind.PULSE
    assert store_of_followup.units_asked_by_pulse(session, number) == {"pine", "tiny"}
    looked_at(desk, f"/staff/rounds/{number}/open")
    assert "ask for it" not in looked_at(desk, "/staff/timelines/")
    desk.post("/staff/timelines/pulse")
    assert len(rounds.rounds(session)) == 2


def test_the_review_tells_done_noticed_moved_in_words(app, session, round_id, after):
    planned(session, round_id, "pine", status="done", outcome="It is left out.")
    store(session, after)
    client = signed_in(app, PINE)
    page = looked_at(client, f"/staff/followup/{round_id}/pine/review")
    assert "Completed actions: 1 of 1." in page and "No pulse survey has been released." in page
    assert "Manageable workload" in page and "Follow-up of the last survey" in page
    assert re.search(r"within the margin of error|Possibly (better|worse)|Clearly (better|worse)", page)
    assert "With fewer than eight on either side, nothing can be said" in page
    assert client.post(f"/staff/followup/{round_id}/pine/step/effect_reviewed").status_code == 302
    assert "The follow-up of this survey is finished" in looked_at(client, f"/staff/followup/{round_id}/pine")


def test_the_next_survey_opens_with_what_was_done(app, session, round_id):
    planned(session, round_id, "pine", status="done", outcome="It is left out.")
    codes = open_round(app, session, pine=24, other=12)[1]
    visitor = Visitor(app, anonymous=True)
    begin_at_information(visitor, codes["pine"][0])
    text = visitor.response.text
    assert text.index("You said, we did") < text.index("Who sees what") and "It is left out." in text
    begin_at_information(visitor, codes["other"][0])
    assert "You said, we did" not in visitor.response.text


def begin_at_information(visitor, code):
    visitor.get("/en/")
    visitor.press("Continue", code=code)


def test_a_pulse_asks_its_questions_after_what_was_done(app, session, round_id):
    planned(session, round_id, "pine")
    codes = open_round(app, session, pine=24)[1]
    begin(Visitor(app, anonymous=True), codes["pine"][0])


def leaky(publication, number):
    """The publication as a broken gate would have left it: what is withheld bears `number` all the same."""

    def spoilt(figure):
        if figure.state is DisclosureState.SHOWN:
            return figure
        ends = (float(number), float(number))
        return replace(figure, mean=float(number), interval=ends, interval_conditions=ends, shrunken=float(number))

    return replace(publication, figures=tuple(spoilt(one) for one in publication.figures))


LEAKED = 137  # beyond the range of any figure, so that it can only come from a leak


def test_no_page_of_the_follow_up_prints_what_the_publication_withholds(app, session, frozen, after):
    number = LEAKED
    first = store(session, leaky(frozen, number)).round
    units = ("small", "tiny")
    for unit in units:
        planned(session, first, unit)
    words = {unit: followup.access_phrase(session, first, unit, secret=own_secret(app)) for unit in units}
    texts = [by_word(app, word).response.text for word in words.values()]
    second = store(session, leaky(after, number)).round
    people = {"small": SMALL, "tiny": Grant(Role.PRINCIPAL, "north", "tiny")}
    for unit in units:
        client = signed_in(app, people[unit], email=f"{unit}@example.test")
        for page in ("", "/paper", "/history", "/review", "/library", "/meeting", "/action"):
            texts.append(looked_at(client, f"/staff/followup/{first}/{unit}{page}"))
        texts.append(looked_at(client, f"/staff/followup/{second}/{unit}"))
        word = followup.access_phrase(session, second, unit, secret=own_secret(app))
        texts.append(by_word(app, word).response.text)
    texts.append(looked_at(signed_in(app, DESK), "/staff/timelines/"))
    seen = [" ".join(tag.text for tag in Page(text).all("main")) for text in texts]
    assert all(len(text) > 100 for text in seen)
    # not within an access phrase, which may hold these digits by chance
    assert not [text for text in seen if re.search(rf"(?<!\w){number}(?!\w)", text)]
