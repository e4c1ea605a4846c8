"""Texts that pages send: one normal form, whatever a browser or a clipboard made of them."""

import unicodedata

import pytest
from werkzeug.exceptions import NotFound

from app.core.accounts import Grant, Role
from app.core.text import bad_characters_with_positions, match_key, normal_line, normal_text
from app.services import accounts, catalogue
from app.store.database import database
from tests.web.staff_client import signed_in
from tests.web.test_catalogue_pages import COURSE


@pytest.fixture
def coordinator(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def test_a_course_of_a_form_is_stored_in_normal_forms(coordinator):
    title = unicodedata.normalize("NFD", " Työ\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE} ja lepo ")
    text = "First\r\n\r\nsecond 100\N{NO-BREAK SPACE}% 👩\N{ZERO WIDTH JOINER}🏫\x07"
    answer = coordinator.post("/staff/catalogue/new", data=COURSE | {"title_fi": title, "description_fi": text})
    assert answer.status_code == 302, answer.text[-2000:]
    (course,) = catalogue.courses(database.session())
    assert course.title.fi == "Työ ja lepo"
    assert course.description.fi == "First\n\nsecond 100\N{NO-BREAK SPACE}% 👩\N{ZERO WIDTH JOINER}🏫"


@pytest.mark.parametrize("word", ["\x1b[31m", "K\n", "K\x7f"])
def test_an_address_with_a_control_character_is_no_page(app, word):
    addresses = app.url_map.bind("localhost")
    assert addresses.match("/staff/catalogue/course/Kä 1")[1] == {"external_id": "Kä 1"}
    with pytest.raises(NotFound):
        addresses.match(f"/staff/catalogue/course/{word}")


@pytest.mark.parametrize("query", ["q=%07", "q=a%1bb&area=%0a", "lang=%07", "page=%07"])
def test_a_query_with_a_control_character_breaks_no_page(coordinator, query):
    for address in ("/staff/catalogue/", "/staff/audit/", "/staff/people/"):
        assert coordinator.get(f"{address}?{query}").status_code < 500


def test_a_password_stays_as_it_was_sent(app):
    word = unicodedata.normalize("NFD", "ä quiet förest\N{NO-BREAK SPACE}path")
    with app.test_request_context("/", method="POST", data={"password": word, "name": word}) as context:
        assert context.request.form["password"] == word
        assert context.request.form["name"] == unicodedata.normalize("NFC", word)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("a\tb\nc", "a b c"),
        ("\N{EM SPACE}a\N{IDEOGRAPHIC SPACE}b", "a b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}abc\N{POP DIRECTIONAL FORMATTING}", "abc"),
        ("👩\N{ZERO WIDTH JOINER}🏫", "👩\N{ZERO WIDTH JOINER}🏫"),
        ("a\N{ZERO WIDTH JOINER}b", "ab"),
        ("A\u030a", "Å"),
    ],
)
def test_names_have_one_form(written, line):
    assert normal_line(written) == line
    assert normal_line(line) == line


@pytest.mark.parametrize(
    "pair", [("Åbo", "A\u030abo"), ("Koulu – 1", "koulu - 1"), ("L’école", "l'e\u0301cole"), ("ﬁ", "fi")]
)
def test_names_that_look_the_same_compare_equal(pair):
    assert match_key(pair[0]) == match_key(pair[1])


def test_what_cannot_be_stored_is_found():
    assert [code for _place, code in bad_characters_with_positions("\0a\x1b\ud800\ufffe")] == [
        "U+0000",
        "U+001B",
        "U+D800",
        "U+FFFE",
    ]
    assert bad_characters_with_positions(normal_text("Kaikki\r\nhyvin\u2028 – 100\xa0%\xad")) == ()


def test_a_person_of_a_form_gets_a_name_in_its_normal_form(app):
    client = signed_in(app, Grant(Role.ADMINISTRATOR))
    told = {"email": "kim@town.example", "language": "fi", "role": "coordinator", "place": "region"}
    page = client.post(
        "/staff/people/add", data=told | {"name": "Kim\N{NO-BREAK SPACE} Ma\u0308ki\N{ZERO WIDTH SPACE}"}
    )
    assert page.status_code in {200, 302}, page.text[-2000:]
    assert accounts.find_account_by_email(database.session(), "kim@town.example").name == "Kim Mäki"
