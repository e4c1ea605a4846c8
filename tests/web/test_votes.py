"""The vote of a meeting, played through its pages: the principal opens and closes, phones vote without a cookie."""

import io
import re

import pytest
from pypdf import PdfReader

from app.core.accounts import Grant, Role
from app.core.catalogue import DIMENSIONS
from app.core.languages import Language
from app.core.publication import Cell, Level
from app.reports.unit_report import build_cell_report
from app.web.staff.followup import votes
from tests.publications import WELLBEING, made, store
from tests.web.page_checks import Page, audit
from tests.web.staff_client import signed_in
from tests.web.visitor import Visitor

PINE = Grant(Role.PRINCIPAL, "south", "pine")
THREE = ["control", "demands", "leadership"]


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


@pytest.fixture
def principal(app, round_id):
    return signed_in(app, PINE)


@pytest.fixture
def address(round_id):
    return f"/staff/meetings/{round_id}/pine/vote"


@pytest.fixture
def slips(principal, address):
    """The codes of a vote on three matters for eight people, as they stand on the printed slips."""
    opened = principal.post(address, data={"option": THREE, "dots": "2", "people": "8"}, follow_redirects=True)
    assert "The vote is open" in opened.text and not audit(opened)
    printed = principal.post(f"{address}/1/slips")
    assert printed.mimetype == "application/pdf"
    return sorted(set(re.findall(r"[0-9A-Z]{4}-\s?[0-9A-Z]{4}(?![0-9A-Z-])", text_of(printed.data))))


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def phone(app):
    return Visitor(app, anonymous=True)


def chosen_topics(page):
    """The topics of the form, and those chosen already."""
    offered = re.findall(r'name="option" value="(\w+)"( checked)?', page)
    return [name for name, _checked in offered], [name for name, checked in offered if checked]


def test_the_form_can_be_sent_as_it_comes(principal, address, frozen):
    offered, chosen = chosen_topics(principal.get(address).text)
    assert set(offered) == {scale.dimension for scale in frozen.scales} & set(DIMENSIONS) == set(chosen)
    sent = principal.post(address, data={"option": chosen, "dots": "2", "people": "8"}, follow_redirects=True)
    assert "The vote is open" in sent.text


def test_of_many_topics_those_that_most_need_improvement_are_chosen(app, principal, address, frozen, monkeypatch):
    monkeypatch.setitem(votes.BOUNDS, "most", 3)
    offered, chosen = chosen_topics(principal.get(address).text)
    with app.test_request_context():
        pine = Cell(Level.COMMUNITY, "pine")
        report = build_cell_report(frozen, pine, instrument=WELLBEING, earlier=(), language=Language.EN)
        asked = [row.measure.dimension for row in report.by_need_for_improvement if row.measure.dimension in DIMENSIONS]
    assert len(offered) > 3 and set(chosen) == set(asked[:3])
    assert set(report.areas_to_improve) <= set(report.by_need_for_improvement[:3])


def vote(app, code, first, second=None):
    visitor = phone(app)
    visitor.get("/en/vote")
    visitor.press("Continue", code=code)
    assert code not in visitor.url
    chosen = {"first": first} if second is None else {"first": first, "second": second}
    visitor.press("Vote", **{name: sign_of(visitor, name, option) for name, option in chosen.items()})
    return visitor


def sign_of(visitor, name, option):
    return next(tag["value"] for tag in visitor.page.all("input") if tag["id"] == f"{name}-{option}")


def test_the_whole_way_from_slips_to_the_result(app, principal, address, slips):
    assert len(slips) == 8
    for code in slips[:5]:
        visitor = vote(app, code, "leadership", "control")
        assert "your vote has been sent" in visitor.page.title
        assert visitor.redirect.headers["Clear-Site-Data"]
        assert code not in visitor.response.text
    asked = principal.get(f"{address}/1/close")
    assert "cannot be reopened" in asked.text and not audit(asked)
    during = principal.get(address).text  # asking has closed nothing
    assert "Close the vote and count" in during
    assert "Result of the vote" not in during and "5 people" not in during
    closed = principal.post(f"{address}/1/close", follow_redirects=True)
    assert not audit(closed)
    assert "5 people voted" in closed.text
    assert "/meeting" in closed.text
    shown = principal.get(f"{address.removesuffix('/vote')}/show/vote")
    assert "5 people voted" in shown.text and not audit(shown)


def test_the_minutes_begin_with_what_the_vote_chose_and_feed_the_follow_up(app, principal, address, slips, round_id):
    for code in slips[:5]:
        vote(app, code, "leadership", "control")
    principal.post(f"{address}/1/close")
    page = principal.get(f"/staff/followup/{round_id}/pine/meeting")
    assert not audit(page)
    ticked = {
        tag["value"] for tag in Page(page.text).all("input") if tag["name"] == "focus" and tag["checked"] is not None
    }
    assert ticked == {"leadership", "control"}
    written = {"discussed_on": "2026-11-24", "present": "7", "focus": sorted(ticked), "note": "Breaks.", "version": "0"}
    saved = principal.post(page.request.path, data=written, follow_redirects=True)
    assert saved.status_code == 200
    assert "Breaks." in saved.text and "Prepare the meeting" in saved.text


def test_under_five_votes_the_page_shows_none(app, principal, address, slips):
    for code in slips[:4]:
        vote(app, code, "demands")
    closed = principal.post(f"{address}/1/close", follow_redirects=True)
    assert "Fewer than five people voted" in closed.text
    assert not re.search(r"\d people voted", closed.text) and ">Dots<" not in closed.text


def test_a_spent_and_a_wrong_code_get_the_same_page(app, slips):
    vote(app, slips[0], "demands")
    pages = []
    for code in (slips[0].replace("\n", ""), "AAAA-AAAA"):  # as long as each other, since pages are filled up
        visitor = phone(app)
        visitor.get("/en/vote")
        visitor.press("Continue", status=400, code=code)
        pages.append(visitor.response.text.replace(code, "CODE"))
    assert pages[0] == pages[1]
    assert "This code cannot be used." in pages[0]


def test_an_empty_code_is_asked_for_and_counts_as_no_guess(app, slips):
    visitor = phone(app)
    visitor.get("/en/vote")
    for _ in range(31):
        visitor.press("Continue", status=400, code=" ")
        assert "Type your code." in visitor.page.one("main").text
    visitor.press("Continue", code=slips[0])
    assert visitor.page.h1 == "What should we work on first?"


def test_a_vote_without_a_dot_is_asked_for_again_and_the_code_still_works(app, slips):
    visitor = phone(app)
    visitor.get("/en/vote")
    visitor.press("Continue", code=slips[0])
    visitor.press("Vote", status=422)
    assert "Choose at least one topic." in visitor.response.text
    visitor.press("Vote", first=sign_of(visitor, "first", "control"))
    assert "your vote has been sent" in visitor.page.title


@pytest.mark.parametrize("sent", [{"first": "control"}, {"first": "3"}, {"first": "00"}, {"second": "x"}])
def test_a_dot_that_no_page_sends_leaves_the_code_unspent(app, slips, sent):
    answer = app.test_client(use_cookies=False).post("/en/vote/send", data={"code": slips[0]} | sent)
    assert answer.status_code == 422 and "Choose at least one topic." in answer.text
    assert "your vote has been sent" in vote(app, slips[0], "control").page.title


def test_what_a_phone_sends_is_as_long_whichever_matter_gets_a_dot(app, slips):
    visitor = phone(app)
    visitor.get("/en/vote")
    visitor.press("Continue", code=slips[0])
    dots = [tag for tag in visitor.page.all("input") if tag["type"] == "radio"]
    assert [len(tag["value"]) for tag in dots] == [1] * 7


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_voters_pages_stand_in_every_language_and_without_a_cookie(app, slips, language):
    visitor = phone(app)
    for path in ("vote", "vote/thanks"):
        visitor.get(f"/{language}/{path}")
    answer = app.test_client(use_cookies=False).post(f"/{language}/vote", data={"code": slips[0]})
    assert answer.status_code == 200 and not audit(answer, anonymous=True)
    assert not answer.headers.getlist("Set-Cookie")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_slip_leads_to_the_vote_with_its_code_in_the_fragment(app, principal, address, slips):
    bare = app.test_client().get("/vote", headers={"Accept-Language": "sv"})
    assert bare.headers["Location"] == "/sv/vote"


def test_slips_are_not_printed_again_after_the_first_vote(app, principal, address, slips):
    vote(app, slips[0], "control")
    again = principal.post(f"{address}/1/slips", follow_redirects=True)
    assert again.mimetype == "text/html" and "no new slips can be made" in again.text


def test_an_unsound_vote_is_refused_with_what_to_do(app, principal, address):
    for fields in (
        {"option": THREE[:2], "dots": "1", "people": "8"},
        {"option": THREE, "dots": "2", "people": "x"},
        {},
    ):
        answer = principal.post(address, data=fields)
        assert answer.status_code == 422 and not audit(answer)
        assert "Choose 3 to 6 topics" in answer.text


def test_only_the_principal_of_the_place_opens_and_closes(app, round_id, address, slips):
    coordinator = signed_in(app, Grant(Role.COORDINATOR), email="co@example.test")
    other = signed_in(app, Grant(Role.PRINCIPAL, "south", "small"), email="other@example.test")
    for client in (coordinator, other):
        assert client.get(address).status_code == 403
        assert client.post(f"{address}/1/close").status_code == 403
        assert client.post(f"{address}/1/slips").status_code == 403
    elsewhere = f"/staff/meetings/{round_id}/small/vote/1/close"
    assert other.post(elsewhere).status_code == 404


def test_guessing_codes_is_slowed_down(app, slips):
    client = app.test_client(use_cookies=False)
    answers = [client.post("/en/vote", data={"code": f"AAAA-{number:04d}"}).status_code for number in range(40)]
    assert answers[0] == 400 and answers[-1] == 429
