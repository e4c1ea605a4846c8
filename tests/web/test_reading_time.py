"""How long a first-time respondent needs: the words of every page at a reader's pace, and a moment for each answer.

Pace: adults reading aloud manage 161 words a minute in Finnish, 199 in Swedish, 228 in English (Trauzettel-
Klosinski and Dietz 2012, 10.1167/iovs.11-8284); in silence 238 where aloud 183 (Brysbaert 2019,
10.1016/j.jml.2019.104047), which is taken for every language. A label that was read once is known. This is an
estimate from counted words, not a measurement of people.
"""

import re

import pytest
from sqlalchemy import text

from tests.web.open_round import radios

ALOUD = {"fi": 161, "sv": 199, "en": 228}
IN_SILENCE = 238 / 183
A_MOMENT = 3.0  # seconds to think, choose and press, for each question
A_PRESS = 2.0  # to find and press the button, for each page
GLANCED_OVER = 0.25  # of the check page, which repeats what was read and answered
ALLOWED = 6 * 60


def count(shown):
    return len(re.findall(r"\w+", shown))


def words(page, known):
    """Count the words to read in the main part, without labels that are known by now."""
    labels = [tag.text for tag in page.all("label")]
    hidden = [tag for tag in page.tags if tag["hidden"] is not None or "visually-hidden" in (tag["class"] or "")]
    hidden += page.all("noscript")
    unseen = sum(count(tag.text) for tag in hidden if tag.within("main"))
    new = set(labels) - known
    known |= new
    return count(page.one("main").text) - unseen - sum(map(count, labels)) + sum(map(count, new))


def journey(visitor, code, language):
    """Go the whole way; return the words and the questions of each page."""
    known = set()
    visitor.get(f"/{language}/")
    read = [(words(visitor.page, known), 0)]
    visitor.post(f"/{language}/code", {"code": code, "go": "next"})
    while not any(tag["value"] == "send" for tag in visitor.page.all("button")):
        read.append((words(visitor.page, known), len(radios(visitor))))
        chosen = {name: "2" if name != "group" else "0" for name in radios(visitor)}
        visitor.post(f"/{language}/answer", visitor.fields() | chosen | {"go": "next"})
    read.append((words(visitor.page, known) * GLANCED_OVER, 0))
    return read


@pytest.mark.parametrize(
    ("surveyed_before", "asked_in_all", "pages"),
    [pytest.param(False, 28, 9, id="first survey"), pytest.param(True, 29, 10, id="later survey")],
)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_first_time_respondent_is_through_in_less_than_six_minutes(
    session, visitor, code, language, surveyed_before, asked_in_all, pages
):
    session.execute(text("UPDATE round_unit SET surveyed_before = :before"), {"before": surveyed_before})
    session.commit()
    read = journey(visitor, code, language)
    questions = sum(asked for _words, asked in read)
    assert questions == asked_in_all and len(read) == pages
    reading = sum(number for number, _asked in read) / (ALOUD[language] * IN_SILENCE) * 60
    needed = reading + questions * A_MOMENT + len(read) * A_PRESS
    print(f"{language}: {needed:.0f} s, of which {reading:.0f} s reading {sum(number for number, _ in read):.0f} words")
    assert 120 < needed < ALLOWED
