"""Attack 5, on the line: read answers from the lengths of encrypted pages."""

import pytest

from app.core.languages import TranslatedText
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.support import SupportContactKind
from app.services import support
from app.store import courses, organisations
from app.store.instruments import read_questionnaire_file
from app.web.respondent import length_padding
from tests.conftest import NOON
from tests.core.matching.synthetic_region import course
from tests.web.open_round import WELLBEING, begin, open_round, to_check
from tests.web.visitor import Visitor


@pytest.fixture
def codes(app, session):
    return open_round(app, session, alder=24)[1]["alder"]


def pages(app, code, sign):
    """Choose one option everywhere; return how long the page that repeats the answers is, and that of the feedback."""
    person = Visitor(app, anonymous=True)
    begin(person, code)
    to_check(person, sign=sign)
    checked = len(person.response.data)
    person.press("Send my answers", profile="yes")
    return checked, len(person.response.data)


def told(app, codes):
    """The different lengths of each page, over people who answered quite differently."""
    seen = [pages(app, code, sign) for code, sign in zip(codes, "0134", strict=False)]
    return [len(set(lengths_of_a_page)) for lengths_of_a_page in zip(*seen, strict=True)]


def check_page(app, code, answered):
    """Answer that many questions of the first page and no other; return how long the check page is."""
    person = Visitor(app, anonymous=True)
    begin(person, code)
    person.press("Continue", **{f"q{number}": "3" for number in range(answered)})
    while "Check your answers" not in person.page.title:
        person.press("Continue")
    return len(person.response.data)


def test_the_check_page_is_as_long_however_many_questions_are_open(app, codes, monkeypatch):
    answered = [check_page(app, code, number) for code, number in zip(codes, (0, 5), strict=False)]
    assert len({pages(app, codes[2], "3")[0], *answered}) == 1
    monkeypatch.setattr(length_padding, "STEP", 1)
    assert check_page(app, codes[0], 0) > check_page(app, codes[1], 5)


def assessed(app, sign):
    """Assess oneself with one option everywhere; return the lengths of the check page and of the feedback."""
    person = Visitor(app, anonymous=True)
    person.get("/en/self-assessment")
    person.press("Begin")
    to_check(person, sign)
    checked = len(person.response.data)
    person.press("Show my own feedback")
    return checked, len(person.response.data)


def test_a_self_assessment_is_as_long_whatever_was_answered(app, monkeypatch):
    assert len({assessed(app, sign) for sign in "01-4"}) == 1
    monkeypatch.setattr(length_padding, "STEP", 1)
    assert len({assessed(app, sign) for sign in "01-4"}) > 1


def test_pages_are_as_long_whatever_was_answered(app, codes):
    assert told(app, codes) == [1, 1]


def test_the_attack_tells_answers_apart_where_pages_are_as_long_as_their_words(app, codes, monkeypatch):
    monkeypatch.setattr(length_padding, "STEP", 1)
    assert min(told(app, codes)) > 1


def test_long_contacts_and_titles_do_not_let_the_amount_of_advice_be_read(app, session, codes):
    town = Municipality("town", "Town")
    alder = Community("alder", "Alder School", "town", CommunityKind.SCHOOL, {"teachers": 24})
    organisations.upsert(session, municipalities=[town], communities=[alder], region=("region", "Region"))
    support.save_support_contacts(session, "town", dict.fromkeys(SupportContactKind, "å" * 300), by=None, now=NOON)
    dimensions = {scale.dimension for scale in read_questionnaire_file(WELLBEING).scales}
    courses.upsert_courses_and_replace_offerings(
        session,
        (course(f"{one}-{n}", {one: 3}, title=TranslatedText(*["ä" * 200] * 3)) for one in dimensions for n in "ab"),
    )
    session.commit()
    assert told(app, codes) == [1, 1]


def sent(page):
    """How long what a browser would send is, for each way to press one of a page's buttons of choice."""
    chosen = [tag for tag in page.all("input") if tag["type"] == "radio"]
    return {name: {len(tag["value"]) for tag in chosen if tag["name"] == name} for name in {t["name"] for t in chosen}}


def test_what_is_sent_is_as_long_whichever_option_and_staff_group_is_chosen(app, codes):
    person = Visitor(app, anonymous=True)
    seen = []
    begin(person, codes[0])
    while "Check your answers" not in person.page.title:
        seen.append(sent(person.page))
        person.press("Continue", **{name: "0" for name in seen[-1]})
    assert any(one.get("group") == {1} for one in seen)
    assert {length for one in seen for lengths_of_name in one.values() for length in lengths_of_name} == {1}
    carried = person.fields()
    assert carried["group"] == "0" and len(carried["marks"]) == len(read_questionnaire_file(WELLBEING).items)
