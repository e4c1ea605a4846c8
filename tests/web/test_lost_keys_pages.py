import re

from sqlalchemy import update

from app.core.rounds import RoundState
from app.store.boxes import BoxRow
from app.store.database import database
from tests.web.test_rounds_pages import answer, codes_of, coordinator, plan, region, state, words_of

__all__ = ["coordinator", "region"]


def test_a_box_that_does_not_open_is_told_and_nothing_is_done(app, coordinator):
    plan(coordinator)
    coordinator.post("/staff/rounds/1/open")
    coordinator.post("/staff/rounds/1/close")
    database.session.execute(update(BoxRow).values(blob=b"no box" * 100))
    database.session.commit()
    page = coordinator.post("/staff/rounds/1/count", follow_redirects=True)
    assert (page.status_code, "A ballot box cannot be opened" in page.text) == (200, True)
    assert state() is RoundState.CLOSED


def test_a_lost_key_is_made_anew_before_any_code_and_ends_the_round_after(app, coordinator):
    plan(coordinator, key_mode="trustee")
    coordinator.post("/staff/rounds/1/open")
    assert "Create a new key" in coordinator.get("/staff/rounds/1/key").text
    words = words_of(coordinator.post("/staff/rounds/1/key/anew").text)
    assert coordinator.post("/staff/rounds/1/key", data={"first": words}).status_code == 302
    answer(app, codes_of(coordinator.post("/staff/rounds/1/slips/unit/c1").data)[0])
    assert "Create a new key" not in coordinator.get("/staff/rounds/1/key").text
    refused = coordinator.post("/staff/rounds/1/key/anew", follow_redirects=True)
    assert "only the first key opens" in refused.text and not words_of(refused.text)
    coordinator.post("/staff/rounds/1/close")
    assert "The key is lost" in coordinator.get("/staff/rounds/1/count").text
    assert coordinator.post("/staff/rounds/1/give-up").status_code == 422
    assert state() is RoundState.CLOSED
    page = coordinator.post("/staff/rounds/1/give-up", data={"lost": "1"}, follow_redirects=True).text
    assert "The key of this round was lost" in page
    assert "If the key of this round is found, destroy it" in page
    assert "Key destroyed" not in page and "the trustee destroys the key sheet" not in page
    assert re.search(r"Ballots that could not be read</dt><dd>1<", page)
    assert "nothing to release" in coordinator.get("/staff/rounds/1/release").text
    assert coordinator.post("/staff/rounds/1/release", follow_redirects=True).status_code == 200
    assert state() is RoundState.COUNTED
    assert "release the results" not in coordinator.get("/staff/").text
