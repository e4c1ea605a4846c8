"""Pages list names in Finnish and Swedish alphabetical order, on SQLite and on PostgreSQL of any locale."""

import re
import unicodedata
from dataclasses import replace
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import text

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.languages import Language, TranslatedText
from app.core.mail import InvitedAddress
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import SeatRequest
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import catalogue, mail, rounds, seats, supply
from app.store import contacts, courses, organisations
from app.store import seats as seat_store
from tests.conftest import NOON
from tests.databases import fresh_postgresql, lay_out
from tests.postgresql import run_sql
from tests.services import factories
from tests.services.factories import OPENS, SECRET
from tests.web.staff_client import add_account, signed_in

NAMES = ["aamunkoitto", "Alfa", "Émile", "Zeta", "Åbo", "Ähtäri", "Äänekoski", "Öja", "Östersundom"]
# Ids in another order than the names, and one name as macOS writes it.
SHUFFLED = [NAMES[place] for place in (3, 6, 4, 7, 0, 1, 8, 5, 2)]
WRITTEN = {name: unicodedata.normalize("NFD", name) if name == "Ähtäri" else name for name in NAMES}
LOCALES = {
    "PostgreSQL, C": "LC_COLLATE 'C' LC_CTYPE 'C'",
    "PostgreSQL, en-US": "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LC_COLLATE 'C' LC_CTYPE 'C'",
    "PostgreSQL, fi": "LOCALE_PROVIDER icu ICU_LOCALE 'fi' LC_COLLATE 'C' LC_CTYPE 'C'",
}


@pytest.fixture(params=["SQLite", *(pytest.param(name, marks=pytest.mark.postgresql) for name in LOCALES)])
def database_url(request, tmp_path):
    """A database of each kind and locale, with every table in it."""
    if request.param == "SQLite":
        url = f"sqlite:///{tmp_path / 'instance' / 'voimavara.db'}"
        (tmp_path / "instance").mkdir()
        lay_out(url)
        yield url
        return
    server = request.getfixturevalue("postgresql_server")
    with fresh_postgresql(server, None) as url:
        name = url.rsplit("/", 1)[1]
        run_sql(server, f"DROP DATABASE {name}")
        try:
            run_sql(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {LOCALES[request.param]}")
        except psycopg.errors.FeatureNotSupported:
            run_sql(server, f"CREATE DATABASE {name}")
            pytest.skip("this PostgreSQL was built without ICU")
        lay_out(url)
        yield url


@pytest.fixture
def place(app, session):
    """A municipality of every name, with a community of the same name; all ids are in another order."""
    organisations.upsert(
        session,
        region=("r", "Seutu"),
        municipalities=[Municipality(f"m{number}", WRITTEN[name]) for number, name in enumerate(SHUFFLED)],
        communities=[
            Community(f"c{number}", WRITTEN[name], f"m{number}", CommunityKind.SCHOOL, {"teachers": 20})
            for number, name in enumerate(SHUFFLED)
        ]
        + [
            Community(f"z{number}", f"{WRITTEN[name]} skola", "m0", CommunityKind.SCHOOL, {"teachers": 20})
            for number, name in enumerate(SHUFFLED)
        ],
    )
    session.commit()


def normal(words):
    return unicodedata.normalize("NFC", words)


def order_on(page, suffix=""):
    """Return the names in the order in which a page first lists them."""
    words = normal(page.text)
    main = words[words.index("<main") :]
    found = {name: re.search(rf"[>\s,]{name}{suffix}\b", main) for name in NAMES}
    assert None not in found.values(), [name for name, match in found.items() if match is None]
    return sorted(NAMES, key=lambda name: found[name].start())


def test_the_databases_of_this_test_do_sort_otherwise(session, request):
    """What is left to the database has another order, except in a Finnish locale."""
    for name in SHUFFLED:
        session.execute(text("INSERT INTO municipality (id, name, member) VALUES (:name, :name, true)"), {"name": name})
    by_database = list(session.scalars(text("SELECT name FROM municipality ORDER BY name")))
    assert (by_database == NAMES) is ("fi]" in request.node.name)


def test_communities_people_and_municipalities(app, place):
    coordinator = signed_in(app, Grant(Role.COORDINATOR), Grant(Role.ADMINISTRATOR), name="Zz Tester")
    for name in SHUFFLED:
        add_account(
            Grant(Role.COORDINATOR), email=f"{SHUFFLED.index(name)}@example.test", name=f"{WRITTEN[name]} Testi"
        )
    assert order_on(coordinator.get("/staff/organisations/")) == NAMES
    assert order_on(coordinator.get("/staff/organisations/"), " skola") == NAMES
    assert order_on(coordinator.get("/staff/people/"), " Testi") == NAMES
    assert order_on(coordinator.get("/staff/people/?sort=-name"), " Testi") == NAMES[::-1]
    assert order_on(coordinator.get("/staff/municipality/")) == NAMES


def test_the_page_of_a_municipality(app, place):
    director = signed_in(app, Grant(Role.COORDINATOR))
    assert order_on(director.get("/staff/municipality/m0"), " skola") == NAMES


@pytest.fixture
def named_courses(app, session):
    """A course for each name; the Swedish and English titles run the other way."""
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    known = [course for course, _offering in seats.requestable_offerings(session, now=NOON)]
    model, offering = next((course, course.offerings[0]) for course in known)
    for course in courses.courses(session):
        courses.remove(session, course.external_id)
    courses.upsert_courses_and_replace_offerings(
        session,
        [
            replace(
                model,
                external_id=f"k{number}",
                title=TranslatedText(f"{name} kurssi", f"{other} kurs", f"{other} course"),
                offerings=(replace(offering, external_id=f"o{number}", place=WRITTEN[name]),),
            )
            for number, name in enumerate(SHUFFLED)
            for other in [NAMES[-1 - NAMES.index(name)]]
        ],
    )
    session.commit()


@pytest.mark.parametrize(("language", "word"), [("fi", " kurssi"), ("sv", " kurs"), ("en", " course")])
def test_courses_by_their_title_in_the_language_of_the_reader(app, place, named_courses, language, word):
    principal = signed_in(app, Grant(Role.PRINCIPAL, "m0", "c0"), language=language)
    assert order_on(principal.get("/staff/seats/community/c0"), word) == NAMES
    assert order_on(principal.get("/staff/catalogue/"), word) == NAMES


def test_places_of_a_supply_plan(session, named_courses):
    assert [normal(name) for name in supply.on_site_places(session, now=NOON)] == NAMES


def test_requests_answers_and_letters_of_an_allocation(app, session, place, named_courses):
    for number in range(len(SHUFFLED)):
        wished = [SeatRequest(f"c{number}", "o0", 2, 1)]
        seat_store.set_seat_requests(session, f"c{number}", wished, by=None, now=NOON)
    session.commit()
    seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    session.commit()
    coordinator = signed_in(app, Grant(Role.COORDINATOR))
    page = coordinator.get("/staff/seats/allocation/")
    assert re.findall(r'<span class="row-name">(.*?)</span>', normal(page.text)) == NAMES
    choices = re.findall(r'<option value="c\d+\|o0">(.*?):', normal(page.text))
    assert choices == NAMES
    number = seats.find_allocation(session).id
    letters = coordinator.get(f"/staff/seats/allocation/{number}/letters").text
    assert re.findall(r'<h2 id="letter-\d+">(.*?)</h2>', normal(letters)) == NAMES


@pytest.mark.parametrize("is_open", [True, False])
def test_addresses_that_wait_for_an_invitation(session, place, tmp_path, is_open):
    round_id = factories.plan(session)
    if is_open:
        region = organisations.load_region(session)
        rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=tmp_path, region=region)
    people = [
        InvitedAddress(f"{number}{kind}@example.test", f"c{number}", Language.FI, undeliverable=kind == "x")
        for number in range(len(SHUFFLED))
        for kind in "ax"
    ]
    contacts.upsert(session, round_id, people)
    session.execute(text("UPDATE contact SET undeliverable = true WHERE address LIKE '%x@%'"))
    for found in (
        mail.uninvited_addresses_by_unit(session, round_id),
        mail.undeliverable_addresses_by_unit(session, round_id),
    ):
        assert [SHUFFLED[int(unit[1:])] for unit in found] == NAMES
