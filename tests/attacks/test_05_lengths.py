"""Attack 5, on the line: read answers from the lengths of encrypted pages."""

import pytest

from app.web.respondent import lengths
from tests.web.asking import begin, open_round, to_check
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


def test_pages_are_as_long_whatever_was_answered(app, codes):
    assert told(app, codes) == [1, 1]


def test_the_attack_tells_answers_apart_where_pages_are_as_long_as_their_words(app, codes, monkeypatch):
    monkeypatch.setattr(lengths, "STEP", 1)
    assert min(told(app, codes)) > 1
