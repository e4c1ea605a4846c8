"""What stands beside the own numbers is printed once and kept, and yet never a change behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.catalogue import CourseSession, CourseStatus, DeliveryMode
from app.core.languages import TranslatedText
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.support import SupportContactKind
from app.services import support
from app.store import courses, organisations, publications, rounds
from app.store.database import write_session
from tests.conftest import NOON
from tests.core.matching.synthetic_region import course, offering
from tests.publications import made, store
from tests.web.open_round import CLOSES, begin, to_check
from tests.web.visitor import Visitor

NAMED = "Meetings that fit (Keksitty)"
FITTING = course("fit", {"demands": 3}, title=TranslatedText(*["Meetings that fit"] * 3))


@pytest.fixture
def feedback(app, asked):
    """Answer so that demands deserve attention; return the visitor on the page of the own feedback."""
    return next_one(app, asked)


def next_one(app, asked, at=0):
    visitor = Visitor(app, anonymous=True)
    begin(visitor, asked[1]["alder"][at], shared="")
    to_check(visitor, "4")
    visitor.press("Send my answers", profile="yes")
    return visitor


def told(visitor, button="Compare"):
    """What the page tells when it is asked for again."""
    visitor.press(button)
    return visitor.page.one("main").text


def put(*changed):
    with write_session() as session:
        courses.upsert_courses_and_replace_offerings(session, changed)


def session_at(moment):
    return offering("fit-1", sessions=(CourseSession(moment, moment + timedelta(hours=3)),))


def test_a_new_course_stands_on_the_next_page_and_a_removed_one_does_not(feedback):
    assert "Keksitty" not in told(feedback)
    put(FITTING)
    assert NAMED in told(feedback)
    with write_session() as session:
        courses.remove(session, "fit")
    assert "Keksitty" not in told(feedback)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": CourseStatus.CANCELLED},
        {"offerings": ()},
        {"offerings": (replace(FITTING.offerings[0], status=CourseStatus.CANCELLED),)},
        {"offerings": (session_at(NOON - timedelta(days=1)),)},
        {"dimensions": course("other", {"demands": 1}).dimensions},
    ],
    ids=["cancelled", "without a time", "time cancelled", "time past", "of little use"],
)
def test_a_course_that_cannot_be_had_any_more_is_gone_from_the_next_page(feedback, changes):
    put(FITTING)
    assert NAMED in told(feedback)
    put(replace(FITTING, **changes))  # with the time of change that it had before: nothing rests on it
    assert "Keksitty" not in told(feedback)
    put(replace(FITTING, offerings=(replace(FITTING.offerings[0], mode=DeliveryMode.SELF_PACED, sessions=()),)))
    assert NAMED in told(feedback)


def test_words_of_a_course_are_those_of_now_in_every_language(feedback):
    put(FITTING)
    assert NAMED in told(feedback, "Suomi") and NAMED in told(feedback, "English")
    put(replace(FITTING, title=TranslatedText("Uusi nimi", "Nytt namn", "New name"), provider="Another"))
    assert "New name (Another)" in told(feedback)
    assert "Uusi nimi (Another)" in told(feedback, "Suomi")


def test_a_better_course_takes_the_place_of_a_good_one(feedback):
    put(*(replace(FITTING, external_id=name, title=TranslatedText(name, name, name), offerings=(offering(f"{name}-1"),))
          for name in ("b-one", "c-one")))  # fmt: skip
    assert "b-one (Keksitty)" in told(feedback) and "c-one (Keksitty)" in told(feedback)
    put(replace(FITTING, external_id="a-one", title=TranslatedText(*["a-one"] * 3)))
    page = told(feedback)
    assert "a-one (Keksitty)" in page and "b-one (Keksitty)" in page and "c-one" not in page


def test_a_course_is_suggested_until_its_last_time_has_begun(feedback, app):
    put(replace(FITTING, offerings=(session_at(NOON + timedelta(hours=1)),)))
    assert NAMED in told(feedback)
    door = app.extensions["voimavara"]
    app.extensions["voimavara"] = replace(door, clock=lambda: NOON + timedelta(hours=1))
    assert "Keksitty" not in told(feedback)


def test_a_released_result_stands_beside_the_own_numbers_on_the_next_page(feedback, session):
    assert "no earlier result of the region" in told(feedback)
    kept = store(session, made(), released=False)
    assert "no earlier result of the region" in told(feedback)
    publications.set_released_and_store_summary(session, kept.round, now=NOON)
    session.commit()
    page = told(feedback)
    assert "no earlier result" not in page and "in the region" in page
    first = numbers(feedback)
    store(session, made(2, lift=0.8, days=400))
    told(feedback)
    assert numbers(feedback) != first


def numbers(visitor):
    return [tag.text for tag in visitor.page.all("td") if tag["data-label"] == "Region"]


def test_contacts_for_support_are_those_of_now(app, asked, session):
    town = Municipality("town", "Town")
    alder = Community("alder", "Alder School", "town", CommunityKind.SCHOOL, {"teachers": 24})
    organisations.upsert(session, municipalities=[town], communities=[alder], region=("region", "Region"))
    session.commit()
    visitor = next_one(app, asked)
    for words in ("Call 09 1234", "Call 09 5678", ""):
        with write_session() as one:
            support.save_support_contacts(one, "town", {SupportContactKind.OTHER: words}, by=None, now=NOON)
        page = told(visitor)
        assert (words in page) if words else ("Call 09" not in page)
        assert page.count("Call 09") == bool(words)


def test_the_closing_time_is_that_of_now(app, asked, session):
    assert "closes on Fri 4 December 2026" in next_one(app, asked).page.one("main").text
    rounds.set_closes_at(session, asked[0], CLOSES + timedelta(days=2))
    session.commit()
    assert "closes on Sun 6 December 2026" in next_one(app, asked, at=1).page.one("main").text
