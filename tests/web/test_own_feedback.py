"""Own feedback: for the person's eyes, in the request that carries the answers, and nowhere else."""

import io
import json

import pytest

from app.store.database import Base, database
from app.web.respondent.page_cache import EXTENSION
from app.web.respondent.questionnaire_pages import EXTENSION as BOOKLETS
from app.web.shared import fragment_cache
from tests.web.open_round import begin, to_check
from tests.web.visitor import Visitor

OFFERED = "Show me my own feedback straight away"


@pytest.fixture
def at_check(visitor, code):
    """A walk to the check page with the given sign everywhere."""

    def walk(sign="3", shared=""):
        begin(visitor, code, shared=shared)
        to_check(visitor, sign)
        return visitor

    return walk


def sent(visitor):
    visitor.press("Send my answers", profile="yes")
    return visitor.page


def test_it_is_offered_on_an_own_device_and_off_on_a_shared_one(at_check):
    assert at_check(shared="").fields()["profile"] == "yes"
    assert "profile" not in at_check(shared="yes").fields()


def test_whoever_does_not_ask_gets_none(at_check):
    visitor = at_check()
    fields = visitor.fields() | {"go": "send"}
    del fields["profile"]
    visitor.post("/en/send", fields)
    assert visitor.page.h1 == "Thank you, your answers have been sent"


def test_it_bears_no_code_and_tells_the_browser_to_forget(at_check, code):
    visitor = at_check()
    sent(visitor)
    assert visitor.page.h1 == "Your own feedback"
    assert code not in visitor.response.text
    assert '"cache"' in visitor.response.headers["Clear-Site-Data"]


def test_words_turn_where_a_high_number_is_a_burden(at_check):
    page = sent(at_check("4"))  # all agree strongly, always; the turned items pull towards the middle
    rows = {row.text for row in page.all("tr")}
    assert any(text.startswith("Control over work 80") and "strength" in text for text in rows)
    assert any(text.startswith("Manageable workload 20") and "attention" in text for text in rows)
    assert not any("Demands of work" in text for text in rows)


def test_what_deserves_attention_comes_with_things_to_do(at_check):
    page = sent(at_check("4"))
    assert "Go through your tasks with your supervisor" in page.one("main").text


def test_nothing_answered_is_said_plainly(visitor, code):
    begin(visitor, code, shared="")
    while "Check your answers" not in visitor.page.title:
        visitor.press("Continue")
    assert "too few answers" in sent(visitor).one("main").text


@pytest.mark.parametrize("language", ["Suomi", "Svenska", "English"])
def test_it_can_be_read_in_every_language(at_check, language):
    visitor = at_check("1")
    sent(visitor)
    before = numbers(visitor)
    visitor.press(language)
    assert before and numbers(visitor) == before


def numbers(visitor):
    return [tag.text for tag in visitor.page.all("td") if "number" in (tag["class"] or "")]


def kept_file(visitor):
    fields = {name: value for name, value in visitor.fields().items() if name != "file"}
    return visitor.client.post("/en/profile/file", data=fields)


def test_the_kept_file_bears_scores_and_nothing_that_names(at_check, code):
    visitor = at_check("3")
    sent(visitor)
    answer = kept_file(visitor)
    content = json.loads(answer.text)
    assert set(content) == {"kind", "questionnaire", "day", "scores"}
    assert set(content["scores"]) >= {"control", "demands", "wellbeing"}
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert code not in answer.text and "Alder" not in answer.text


def compare(visitor, content):
    fields = visitor.fields() | {"go": "compare", "file": (io.BytesIO(content), "kept.json")}
    visitor.post("/en/profile", fields)


def test_an_earlier_file_is_compared_and_survives_a_change_of_language(at_check):
    visitor = at_check("4")
    sent(visitor)
    earlier = json.loads(kept_file(visitor).text)
    earlier["scores"] |= {"control": 20.0}
    compare(visitor, json.dumps(earlier).encode())
    row = next(tag.text for tag in visitor.page.all("tr") if tag.text.startswith("Control over work"))
    assert "Higher than last time" in row and " 20 " in row
    visitor.press("Svenska")
    assert "20" in visitor.page.all("td")[1].text


def test_scales_of_another_questionnaire_are_not_compared(at_check):
    visitor = at_check("4")
    sent(visitor)
    earlier = json.loads(kept_file(visitor).text) | {"questionnaire": "0" * 64}
    compare(visitor, json.dumps(earlier).encode())
    assert "last time." not in "".join(tag.text for tag in visitor.page.all("tr"))


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"[]", b"{}", b"[" * 15_000, b'{"kind": "voimavara own profile"}', b"NaN"],
    ids=["binary", "list", "empty", "deep", "half", "number"],
)
def test_a_strange_file_is_an_error_that_keeps_the_feedback(at_check, content):
    visitor = at_check("4")
    sent(visitor)
    compare(visitor, content)
    assert visitor.page.title.startswith("Error: Your own feedback")
    assert "Control over work" in visitor.page.one("main").text


def test_nothing_of_it_is_stored(at_check):
    visitor = at_check("4")
    sent(visitor)
    before = contents()
    visitor.press("Compare")
    kept_file(visitor)
    assert contents() == before


def contents():
    with database.engine.connect() as connection:
        return {table.name: connection.execute(table.select()).all() for table in Base.metadata.sorted_tables}


def test_invented_answers_are_refused(visitor):
    visitor.post("/en/profile", {"questionnaire": "none", "marks": "1"}, status=400)
    visitor.post("/en/profile", {}, status=400)


def test_a_page_that_was_printed_for_one_person_tells_the_next_nothing(app, asked):
    own = {}
    for sign, code in zip(("4", "1", "4"), asked[1]["alder"], strict=False):
        visitor = Visitor(app, anonymous=True)
        begin(visitor, code, shared="")
        to_check(visitor, sign)
        sent(visitor)
        own.setdefault(sign, []).append(visitor.response.text)
    assert own["4"][0] == own["4"][1]
    assert own["1"][0] != own["4"][0]


def in_memory(app):
    """All that the process keeps of printed pages, parts of pages and questionnaires."""
    return {name: set(app.extensions.get(name, ())) for name in (EXTENSION, BOOKLETS)} | {
        "parts": set(fragment_cache.CACHE)
    }


def test_what_is_kept_in_memory_is_the_same_whatever_people_answered(app, asked):
    found = []
    for walk, code in zip(("nothing", "4", "1", "0", "3", "-"), asked[1]["alder"], strict=False):
        visitor = Visitor(app, anonymous=True)
        begin(visitor, code, shared="")
        while walk == "nothing" and "Check your answers" not in visitor.page.title:
            visitor.press("Continue")
        to_check(visitor, walk)
        sent(visitor)
        assert visitor.page.h1 == "Your own feedback"
        found.append(in_memory(app))
    assert any("profile" in key for key in found[0][EXTENSION]) and any("own" in str(key) for key in found[0]["parts"])
    assert found == found[:1] * len(found)


def test_two_people_with_other_answers_read_their_own_numbers(app, asked):
    found = []
    for sign, code in zip("41", asked[1]["alder"], strict=False):
        visitor = Visitor(app, anonymous=True)
        begin(visitor, code, shared="")
        to_check(visitor, sign)
        sent(visitor)
        found.append(numbers(visitor))
    assert found[0] != found[1]
    assert "80" in found[0]
    assert "80" not in found[1]
