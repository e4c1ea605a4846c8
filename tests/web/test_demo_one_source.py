"""Every page about needs and seats says the same of all communities of the demo: their text is read and compared.

One figure changed in one view makes the comparison find a contradiction; a test sees to that for each view.
"""

import csv
import html
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, replace

import openpyxl
import pytest

from app.config import load_settings
from app.core.accounts import Account, AccountId, Grant, Role
from app.core.catalogue import DIMENSIONS
from app.core.languages import Language
from app.core.mail import MessagePurpose
from app.factory import create_app
from app.render.mail_messages import render_message, sender_details
from app.reports.orientation import TURNED_TITLES
from app.services import organisations, seats, tokens
from app.store import course_lists
from app.store.database import database
from app.web.shared import fragment_cache
from app.web.staff.seats.letters import seat_outcome_messages
from tests.conftest import NOON
from tests.loaded_demo import copied_demo
from tests.web.staff_client import add_account, client_of

WEAKER = "worse than in the region by more than chance"
CARD = re.compile(
    r'<li class="card" id="course-(?P<course>[^"]+)">\s*<p class="caption">(?P<place>\d+) ·.*?</h3>\s*'
    r"<p>(?P<why>.*?)</p>\s*<p><strong>(?P<seats>.*?)</strong></p>",
    re.DOTALL,
)
ROW = re.compile(
    r'<details class="row"(?: open)?>\s*<summary>.*?<span class="row-told">(?P<told>.*?)</span></summary>'
    r"(?P<body>.*?)</details>",
    re.DOTALL,
)
RESULT_ROW = re.compile(
    r'<tr><th scope="row">(?P<name>[^<]*?)(?: <span.*?)?</th>\s*<td class="number">(?P<mean>[^<]*)</td>'
    r'(?:<td class="number">[^<]*</td>|\s)*<td class="number">(?P<region>[^<]*)</td>\s*<td>(?P<against>[^<]*)</td></tr>'
)
NEED = re.compile(
    r"<li>(?P<name>[^:<]+): (?P<mean>[^:]*?) in your community, (?P<region>[^:]*?) in the region\.(?P<rest>[^<]*)"
)
ANSWER = re.compile(r"<strong>(?P<title>[^<]*): You get (?P<given>\d+) of the (?P<asked>\d+) seats you requested\.")
INSTEAD = re.compile(
    r"You got no seats\.\s+The next best with free seats is “(?P<course>[^”]*)” \([^)]*\): "
    r"you can expect (?P<seats>\w+) seat"
)
LETTER_SEATS = re.compile(r"you get (?P<given>\d+) of (?P<asked>\d+) seats")
OFFERED = re.compile(r"Seats in total: (\d+)")
MAP_ROW = re.compile(
    r'<tr>\s*<th scope="row">(?P<name>[^<]*)</th>\s*<td class="number">(?P<need>\d+)(?:<br>.*?)?</td>\s*'
    r'<td class="number">(?P<seats>\d+)</td>\s*<td class="number">(?P<forecast>\d+)',
)
NUMBERS = re.compile(r"\d+")
UNBROKEN = re.compile(r'<span class="unbroken">(.*?)</span>')  # keeps a range on one line
UNMET = re.compile(
    r"<li>“(?P<title>[^”]*)” is (?:(?P<greatest>your greatest need)|worse here than in the region), "
    r"and no course on the list is about it\."
)
OWN_ORDER = re.compile(r'<h2 id="own-order">.*?<ol>(.*?)</ol>', re.DOTALL)
# A part of each advice, by its code.
ADVICE = {
    "nothing_weaker": "In no dimension does your community have more to do",
    "work_first": "Workload: change the work first.",
    "outside_facilitation": "Ask an external facilitator to lead the discussion.",
    "placement_only": "There were too few answers for numbers",
    "municipality_only": "this list is based on those of the whole municipality",
    "region_only": "this list is based on those of the whole region",
    "nothing_known": "For some dimensions no result can be shown",
}


@dataclass(frozen=True)
class Community:
    """What the pages of one community say, as they were sent."""

    municipality: str
    results: str
    courses: str
    seats: str


@dataclass(frozen=True)
class Views:
    """Everything that speaks of needs and seats."""

    communities: dict
    gap_map: str
    allocation: str
    dossier_needs: list
    dossier_supply: list
    dossier_equity: list
    command: dict
    interface: dict
    letters: dict


@pytest.fixture(scope="module")
def demo(tmp_path_factory, loaded_demo):
    """The whole demo, a copy of its own for the tests of this file."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    copied_demo(loaded_demo, folder)
    settings = load_settings({}, instance=folder, default_language="en")
    app = create_app(settings, clock=lambda: NOON)
    app.config["TESTING"] = True
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()
    fragment_cache.CACHE.clear()
    course_lists._CACHE._made.clear()


@pytest.fixture(scope="module")
def views(demo):
    coordinator = add_account(Grant(Role.COORDINATOR), email="reader@example.test")
    word = tokens.create_token(database.session(), coordinator.id, "report", lasts=tokens.LONGEST, now=NOON)
    database.session().commit()
    command = json.loads(demo.test_cli_runner().invoke(args=["matching", "lists"]).stdout)
    homes = {each["community"]: each["municipality"] for each in command}
    # A grant for a whole municipality: lists follow the languages of those who lead one community only.
    asking = add_account(
        *(Grant(Role.PRINCIPAL, town) for town in sorted(set(homes.values()))), email="asking@example.test"
    )
    desk = client_of(demo, coordinator)
    asks = client_of(demo, asking)
    read = demo.test_client().get("/api/v1/matching/lists?page_size=1000", headers={"Authorization": f"Bearer {word}"})
    newest = desk.get("/staff/results/").location.rsplit("/", 1)[1]
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/staff/dossier/en.xlsx").data))
    sheets = [list(sheet.iter_rows(values_only=True))[1:] for sheet in book.worksheets]

    def page(client, address):
        answer = client.get(address)
        assert answer.status_code == 200, address
        return UNBROKEN.sub(r"\1", html.unescape(answer.text))

    return Views(
        communities={
            name: Community(
                town,
                page(desk, f"/staff/results/{newest}/community/{name}"),
                page(desk, f"/staff/matching/community/{name}"),
                page(asks, f"/staff/seats/community/{name}"),
            )
            for name, town in homes.items()
        },
        gap_map=page(desk, "/staff/matching/"),
        allocation=page(desk, "/staff/seats/allocation/"),
        dossier_needs=sheets[1],
        dossier_supply=sheets[2],
        dossier_equity=sheets[3],
        command={each["community"]: each for each in command},
        interface={each["community"]: each for each in read.json["lists"]},
        letters=_letters(demo),
    )


def _letters(demo):
    """Return the letter about seats of each community that asked, as plain text, in English."""
    session = database.session()
    allocation = seats.find_published_allocation(session)
    units = organisations.region(session).units
    grants = tuple(Grant(Role.PRINCIPAL, town) for town in sorted({unit.municipality for unit in units}))
    reader = Account(AccountId(1), "reader@example.test", "Reader", "en", grants)
    unmet = seats.unmet_requests_by_community(session, allocation, now=NOON)
    head = sender_details(demo.extensions["voimavara"].settings)
    texts = {}
    for letter in seat_outcome_messages(allocation, units, [reader], unmet):
        named = {"about": letter.about, "what": letter.what, "detail": letter.detail, "path": letter.path}
        rendered = render_message(MessagePurpose.FOLLOW_UP, Language.EN, named, head=head)
        texts[letter.path.rsplit("/", 1)[1]] = " ".join(rendered.text.split())
    return texts


def cards(page):
    """Return what each card says, by course: place, why, seats."""
    return {found["course"]: (int(found["place"]), found["why"], found["seats"]) for found in CARD.finditer(page)}


def rows(page):
    """Return what the seats page says of each course, in its order: place on the list and seats."""
    result = {}
    for found in ROW.finditer(page):
        place = re.search(r"Number (\d+) on your list", found["told"])
        seats = re.search(r"^\s*<p>([^<]*)</p>", found["body"])
        course = re.search(r'/courses/([^"?]+)', found["body"])
        result[course[1]] = (int(place[1]) if place else None, seats[1] if seats else None)
    return result


def numbers(text):
    return [int(number) for number in NUMBERS.findall(text.replace("one", "1"))]


def expected_in(sentence):
    """Return the seats that a sentence lets a community expect."""
    return 0 if "can still request seats" in sentence else numbers(sentence)[-1]


def contradictions(views):
    """Return every place where two views say different things of one thing."""
    return [*_of_communities(views), *_of_letters(views), *_of_the_region(views), *_of_municipalities(views)]


def _of_communities(views):
    assert views.command.keys() == views.interface.keys() == views.communities.keys()
    for name, pages in views.communities.items():
        told = views.command[name]
        if told != views.interface[name]:
            yield f"{name}: command and interface differ"
        yield from _of_lists(name, pages, told)
        yield from _of_fields(name, pages, told)
        yield from _of_needs(name, pages, told)
        yield from _of_answers(name, pages)


def _of_lists(name, pages, told):
    listed = cards(pages.courses)
    said = {each["course"]: (each["place"], each["expected_seats"]) for each in told["courses"]}
    on_offer = rows(pages.seats)
    wrong = {
        "the cards beside the results differ from the list": listed != cards(pages.results),
        "two courses are first": sum("Start with this" in why for _place, why, _seats in listed.values()) > 1,
        "list and command differ": {
            course: (place, expected_in(seats)) for course, (place, _why, seats) in listed.items()
        }
        != said,
        "list and seats page differ": {course: (place, seats) for course, (place, _why, seats) in listed.items()}
        != {course: on_offer.get(course) for course in listed},
        "the seats page numbers courses that are not on the list": {
            course for course, (place, _seats) in on_offer.items() if place is not None
        }
        != listed.keys(),
        "list and command differ in the seats given": {
            course: numbers(seats)[-1] for course, (_place, _why, seats) in listed.items() if "yours" in seats
        }
        != {each["course"]: each["given_seats"] for each in told["courses"] if each["given_seats"]},
    }
    for what, is_wrong in wrong.items():
        if is_wrong:
            yield f"{name}: {what}"


def _of_fields(name, pages, told):
    """Compare every field of the command that the page of the list shows too."""
    listed = cards(pages.courses)
    for each in told["courses"]:
        _place, why, seats = listed[each["course"]]
        begins = "start with this" in why.lower()
        wrong = {
            "dimension": f"“{DIMENSIONS[each['dimension']].en}”" not in why,
            "role": begins != each["role"].startswith("begin"),
            "equal_to_the_one_above": ("as much as the course above" in why) != each["equal_to_the_one_above"],
            "seats": numbers(seats)[:-1] not in _seats_in_words(each),
        }
        for field, is_wrong in wrong.items():
            if is_wrong:
                yield f"{name}: {each['course']}: {field} is another on the page: {why} {seats}"
    yield from _of_reasons(name, pages, told)


def _of_reasons(name, pages, told):
    for code, words in ADVICE.items():
        if (code in told["advice"]) != (words in pages.courses):
            yield f"{name}: the advice {code} stands in one place only"
    said = [(found["title"], bool(found["greatest"])) for found in UNMET.finditer(pages.courses)]
    if said != [(DIMENSIONS[each["dimension"]].en, each["greatest"]) for each in told["unmet"]]:
        yield f"{name}: the page names other needs without a course: {said}"
    own = OWN_ORDER.search(pages.courses)
    if own is not None and re.findall(r'/courses/([^"?]+)', own[1]) != told["own_order"]:
        yield f"{name}: the order without seats is another"
    if own is None and told["own_order"] != [each["course"] for each in told["courses"]]:
        yield f"{name}: the order without seats is missing on the page"


def _seats_in_words(each):
    """Return the numbers that the sentence about seats may begin with: all seats, or free ones and all."""
    if each["given_seats"] or each["free_seats"] == each["seats"]:
        return [[each["seats"]], []]
    return [[each["free_seats"], each["seats"]], [each["seats"]], []]


def _of_needs(name, pages, told):
    printed = {found["name"]: found for found in RESULT_ROW.finditer(pages.results)}
    needs = {found["name"]: found for found in NEED.finditer(pages.courses)}
    weaker = {each["dimension"] for each in told["needs"] if each["weaker_than_region"]}
    titles = {DIMENSIONS[dimension].en: dimension for dimension in DIMENSIONS}
    titles |= {title.en: dimension for dimension, title in TURNED_TITLES.items()}
    if {titles[found["name"]] for found in needs.values() if WEAKER in found["rest"]} != weaker:
        yield f"{name}: the list calls other dimensions weaker than the command"
    for title, found in needs.items():
        row = printed.get(title) or printed.get(f"{title} now")
        if row is None:
            yield f"{name}: {title} stands on the list only"
            continue
        if (found["mean"], found["region"]) != (row["mean"], row["region"]):
            yield f"{name}: {title} is {found['mean']} on the list, {row['mean']} in the results"
        if row["against"].startswith("Worse") != (WEAKER in found["rest"]):
            yield f"{name}: {title} is weaker in one place only"
    for dimension in weaker:
        title = f"“{DIMENSIONS[dimension].en}”"
        answered = title in " ".join(why for _place, why, _seats in cards(pages.courses).values())
        explained = f"{title} is" in pages.courses
        closely = any(dimension == each["dimension"] for each in told["courses"])
        if not (answered or explained or closely or _is_covered(pages.courses, dimension)):
            yield f"{name}: {dimension} is weaker, and no course or sentence is about it"


def _is_covered(page, dimension):
    """Tell whether the factors of a listed course hold a dimension at a relevance of two of three or more."""
    number = r'\s*<td class="number">'
    name = re.escape(DIMENSIONS[dimension].en)
    row = re.compile(rf'<th scope="row">{name}</th>{number}[^<]*</td>{number}(0\.67|1\.00)')
    return bool(row.search(page))


def _of_answers(name, pages):
    answers = {found["title"].strip(): found for found in ANSWER.finditer(pages.seats)}
    given = Counter()
    for title, found in answers.items():
        given[title] += int(found["given"])
    refused = [title for title, found in answers.items() if found["given"] == "0"]
    for title in refused:
        if f"<strong>{title}.</strong> You got no seats." not in " ".join(pages.seats.split()):
            yield f"{name}: nothing is offered in place of {title}"
    yours = {
        course: numbers(seats)[-1]
        for course, (_place, seats) in rows(pages.seats).items()
        if seats and "yours" in seats
    }
    if sum(yours.values()) > sum(given.values()):
        yield f"{name}: more seats are called theirs than were given"
    for offered in INSTEAD.finditer(pages.seats):
        if numbers(offered["seats"])[0] < 1:
            yield f"{name}: an alternative without seats"


def _of_letters(views):
    """Compare each letter with the seats page that it leads to: seats, and what can be requested instead."""
    asking = {name for name, pages in views.communities.items() if ANSWER.search(pages.seats)}
    if asking != views.letters.keys():
        yield f"letters and answers are of other communities: {asking ^ views.letters.keys()}"
    for name, text in views.letters.items():
        page = views.communities[name].seats
        answers = list(ANSWER.finditer(page))
        sums = (sum(int(each["given"]) for each in answers), sum(int(each["asked"]) for each in answers))
        told = LETTER_SEATS.search(text)
        if (int(told["given"]), int(told["asked"])) != sums:
            yield f"{name}: the letter says {told[0]}, the page {sums}"
        instead = [(each["course"], numbers(each["seats"])[0]) for each in INSTEAD.finditer(page)]
        in_letter = [(course, int(number)) for course, number in re.findall(r"”([^”]*)” \((\d+)\)", text)]
        if in_letter != instead:
            yield f"{name}: the letter offers {in_letter} instead, the page {instead}"


def _of_the_region(views):
    mapped = {found["name"]: found for found in MAP_ROW.finditer(views.gap_map)}
    staff = sum(each["staff"] for each in views.command.values())
    supply = {row[0]: row for row in views.dossier_supply}
    for row in views.dossier_needs:
        title = row[0]
        dimension = next(word for word in DIMENSIONS if DIMENSIONS[word].en == title)
        mean = (
            sum(
                each["staff"] * need["need"]
                for each in views.command.values()
                for need in each["needs"]
                if need["dimension"] == dimension
            )
            / staff
        )
        if not int(mapped[title]["need"]) == row[5] == pytest.approx(100 * mean, abs=1):
            yield f"{title}: the map says {mapped[title]['need']}, the dossier {row[5]}, the lists {100 * mean}"
        if (int(mapped[title]["seats"]), int(mapped[title]["forecast"])) != (supply[title][3], supply[title][1]):
            yield f"{title}: map and dossier differ in seats"
    offered = {sum(map(int, OFFERED.findall(pages.seats))) for pages in views.communities.values()}
    if offered != {sum(int(found["seats"]) for found in mapped.values())}:
        yield f"the seats pages offer {offered} seats, the map another number"


def _of_municipalities(views):
    told = re.findall(
        r"You get (\d+) of the (\d+) seats you requested\.(?: <span class=\"badge|</span>)", views.allocation
    )
    whole = [sum(int(pair[place]) for pair in told) for place in (0, 1)]
    of_pages = [0, 0]
    towns = {}
    for name, pages in views.communities.items():
        town = towns.setdefault(pages.municipality, Counter())
        for found in ANSWER.finditer(pages.seats):
            town["given"] += int(found["given"])
            town["wished"] += int(found["asked"])
        listed = {each["course"]: each["expected_seats"] for each in views.command[name]["courses"]}
        yours = {
            course: numbers(text)[-1] for course, (_p, text) in rows(pages.seats).items() if text and "yours" in text
        }
        town["expected"] += sum((yours | listed).values())
    for town in towns.values():
        of_pages[0] += town["given"]
        of_pages[1] += town["wished"]
    if whole != of_pages:
        yield f"the allocation gives {whole}, the pages say {of_pages}"
    of_dossier = sorted((row[7], row[6], row[9]) for row in views.dossier_equity)
    if of_dossier != sorted((town["given"], town["wished"], town["expected"]) for town in towns.values()):
        yield "the dossier gives a municipality other seats than the pages of its communities"


def test_no_two_views_contradict_each_other(views):
    assert len(views.communities) == 58
    assert sum(len(cards(pages.courses)) for pages in views.communities.values()) > 150
    assert sum(len(list(NEED.finditer(pages.courses))) for pages in views.communities.values()) > 150
    assert sum(WEAKER in pages.courses for pages in views.communities.values()) > 10
    assert sum("You got no seats." in pages.seats for pages in views.communities.values()) > 10
    assert list(contradictions(views)) == []


def in_page(view, pattern, *, group=1):
    """Return a change of one number in one page of the first community whose page holds it."""

    def change(views):
        for name, pages in views.communities.items():
            found = pattern.search(getattr(pages, view))
            if found is not None:
                changed = replace(pages, **{view: _raised(getattr(pages, view), found, group)})
                return replace(views, communities={**views.communities, name: changed})
        raise AssertionError(pattern)

    return change


def in_letter(pattern):
    """Return a change of one number in the first letter that holds it."""

    def change(views):
        name, text = next((name, text) for name, text in views.letters.items() if pattern.search(text))
        return replace(views, letters={**views.letters, name: _raised(text, pattern.search(text), 1)})

    return change


def in_whole(view, pattern, *, group=1):
    """Return a change of one number in a page about the region."""

    def change(views):
        text = getattr(views, view)
        return replace(views, **{view: _raised(text, pattern.search(text), group)})

    return change


def in_sheet(view, column):
    """Return a change of one number in a table of the dossier."""

    def change(views):
        first, *rest = getattr(views, view)
        return replace(views, **{view: [(*first[:column], first[column] + 7, *first[column + 1 :]), *rest]})

    return change


def in_data(view, field):
    """Return a change of one number of the command or the interface."""

    def change(views):
        data = json.loads(json.dumps(getattr(views, view)))
        course = next(each for told in data.values() for each in told["courses"])
        course[field] += 1
        return replace(views, **{view: data})

    return change


def _raised(text, found, group):
    """Return a text with seven more in the place that was found."""
    return text[: found.start(group)] + str(int(found[group]) + 7) + text[found.end(group) :]


EXPECTED = re.compile(r"you can expect (\d+)\.")
YOURS = re.compile(r"seats; (\d+) are yours\.")
MEAN = re.compile(r": (\d+) in your community")
CHANGES = {
    "seats beside the results": in_page("results", EXPECTED),
    "seats given beside the results": in_page("results", YOURS),
    "a mean of the results": in_page(
        "results", re.compile(r'<tr><th scope="row">[^<]*</th>\s*<td class="number">(\d+)<')
    ),
    "seats of the list": in_page("courses", EXPECTED),
    "seats given on the list": in_page("courses", YOURS),
    "a mean on the list": in_page("courses", MEAN),
    "seats on the seats page": in_page("seats", YOURS),
    "a place on the seats page": in_page("seats", re.compile(r"Number (1) on your list")),
    "an answer on the seats page": in_page("seats", re.compile(r"You get (\d+) of")),
    "a request on the seats page": in_page("seats", re.compile(r"You get \d+ of the (\d+)")),
    "seats on offer on the seats page": in_page("seats", OFFERED),
    "a need on the map": in_whole("gap_map", MAP_ROW, group="need"),
    "seats on the map": in_whole("gap_map", MAP_ROW, group="seats"),
    "the allocation": in_whole(
        "allocation", re.compile(r"You get (\d+) of the \d+ seats you requested\.(?= <span|</span>)")
    ),
    "a need in the dossier": in_sheet("dossier_needs", 5),
    "seats offered in the dossier": in_sheet("dossier_supply", 3),
    "seats wished for in the dossier": in_sheet("dossier_equity", 6),
    "seats given in the dossier": in_sheet("dossier_equity", 7),
    "seats expected in the dossier": in_sheet("dossier_equity", 9),
    "seats of a letter": in_letter(re.compile(r"you get (\d+) of")),
    "seats asked for in a letter": in_letter(re.compile(r"of (\d+) seats")),
    "seats of an alternative in a letter": in_letter(re.compile(r"” \((\d+)\)")),
    "seats of the command": in_data("command", "expected_seats"),
    "all seats of the command": in_data("command", "seats"),
    "a place of the interface": in_data("interface", "place"),
}


@pytest.mark.parametrize("changed", CHANGES)
def test_one_figure_that_differs_in_one_view_is_found(views, changed):
    assert list(contradictions(CHANGES[changed](views)))


def _number(text):
    return float(text.replace(",", ".")) if text else None


def test_the_table_of_the_command_says_what_its_json_says(demo, views):
    written = demo.test_cli_runner().invoke(args=["matching", "lists", "--format", "csv"]).stdout_bytes
    table = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig")), delimiter=";"))
    told = []
    for each in views.command.values():
        needs = {need["dimension"]: need for need in each["needs"]}
        for course in each["courses"]:
            told.append((each, course, needs[course["dimension"]], ""))
        for unmet in each["unmet"]:
            told.append((each, {}, needs[unmet["dimension"]], unmet["why"]))
    assert len(table) == len(told) > 150
    for row, (each, course, need, why) in zip(table, told, strict=True):
        assert (row["community"], row["municipality"], int(row["staff"])) == (
            each["community"],
            each["municipality"],
            each["staff"],
        )
        assert (row["course"], row["role"], row["why"]) == (course.get("course", ""), course.get("role", ""), why)
        assert row["dimension"] == need["dimension"]
        assert _number(row["need"]) == pytest.approx(need["need"])
        assert _number(row["need_own"]) == pytest.approx(need["own"])
        for column in ("place", "gain", "seats", "free_seats", "given_seats", "expected_seats"):
            assert _number(row[column]) == course.get(column), column


def test_the_lists_of_the_demo_are_as_varied_as_promised(views):
    first_three = Counter(
        each["course"] for told in views.command.values() for each in told["courses"] if each["place"] <= 3
    )
    assert max(first_three.values()) <= 0.4 * len(views.command)
    whole = sum(first_three.values())
    assert 1 / sum((number / whole) ** 2 for number in first_three.values()) >= 16
    for told in views.command.values():
        roles = [each["role"] for each in told["courses"]]
        assert [role.startswith("begin") for role in roles] == [True, *[False] * (len(roles) - 1)]
        assert [each["place"] for each in told["courses"]] == list(range(1, len(roles) + 1))
        dimensions = Counter(each["dimension"] for each in told["courses"])
        assert max(dimensions.values()) <= 2
