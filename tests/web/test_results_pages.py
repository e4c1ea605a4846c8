import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.languages import TranslatedText
from app.core.publication import Cell, Level, Placement
from app.core.rounds import RoundState
from app.reports.sentences import HOPED_FOR_CHANGE
from app.store import courses, rounds
from tests.core.matching.synthetic_region import course
from tests.follow_ups import planned
from tests.publications import alike, made, store
from tests.web.page_cost import assert_cheap_again
from tests.web.staff_client import signed_in

PINE = Grant(Role.PRINCIPAL, "south", "pine")
SMALL = Grant(Role.PRINCIPAL, "south", "small")
TINY = Grant(Role.PRINCIPAL, "north", "tiny")


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def round_id(session, frozen):
    return store(session, frozen).round


def test_a_principal_comes_straight_to_the_own_community(app, round_id):
    page = signed_in(app, PINE).get("/staff/results/", follow_redirects=True)
    assert page.request.path == f"/staff/results/{round_id}/community/pine"
    assert "Before you read" in page.text
    assert f"A change of {HOPED_FOR_CHANGE:g} points would not be visible." in page.text
    names = re.findall(r"/([a-z]+)-wide\.svg\?lang=en\" alt", page.text)
    assert dict.fromkeys(names) == dict.fromkeys(["dimensions", "shares", "plane"])  # no earlier round to compare with
    assert "Courses that may help" in page.text


def test_where_nothing_differs_every_page_says_so_in_words(app, session, frozen):
    number = store(session, alike(frozen)).round
    page = signed_in(app, PINE).get(f"/staff/results/{number}/community/pine").text
    assert "No dimension differs clearly from the region." in page
    assert "No clear difference from the region" in page
    client = signed_in(app, Grant(Role.COORDINATOR), email="co@example.test")
    table = client.get(f"/staff/results/{number}").text
    assert "There is no evidence that communities differ in any dimension" in table
    assert "the order has no meaning" in table
    assert 'class="number heat-worse' not in table and 'class="number heat-better' not in table
    assert "No evidence that they do" in client.get(f"/staff/results/{number}/quality").text


def test_an_old_round_that_is_counted_late_does_not_become_the_newest(app, session, frozen, round_id):
    old = replace(frozen, title="Long ago", opened_at=frozen.opened_at - timedelta(days=400))
    late = store(session, replace(old, counted_at=frozen.counted_at + timedelta(days=9))).round
    client = signed_in(app, PINE)
    page = client.get("/staff/results/", follow_redirects=True)
    assert page.request.path == f"/staff/results/{round_id}/community/pine"
    assert page.text.index("Nov 2026") < page.text.index("Oct 2025")
    assert client.get(f"/staff/results/{late}/community/pine").text.count("trends-wide.svg") == 0


def test_a_small_community_reads_placements_and_no_number_of_its_own(app, round_id):
    page = signed_in(app, SMALL).get(f"/staff/results/{round_id}/community/small")
    assert "No clear difference from the region" in page.text
    assert "The wider result: Etelänkylä" in page.text


def test_a_tiny_community_reads_the_wider_result_and_is_offered_to_join(app, round_id):
    page = signed_in(app, TINY).get(f"/staff/results/{round_id}/community/tiny")
    assert "Your community has no results of its own" in page.text
    assert "can be joined with a neighbouring one" in page.text


def test_nobody_reads_another_community(app, round_id):
    client = signed_in(app, PINE)
    for path in ("community/fir", "community/fir/dimensions-wide.svg", "community/fir/figures.csv"):
        assert client.get(f"/staff/results/{round_id}/{path}").status_code == 403
    for path in ("", "/quality", "/area/region/region", "/funnel/control-wide.svg"):
        assert client.get(f"/staff/results/{round_id}{path}").status_code == 403
    assert client.get(f"/staff/results/{round_id}/figures.csv").status_code == 403


def test_a_principal_reads_nothing_before_the_release(app, session, frozen):
    number = store(session, frozen, released=False).round
    assert signed_in(app, PINE).get(f"/staff/results/{number}/community/pine").status_code == 404
    page = signed_in(app, Grant(Role.COORDINATOR), email="co@example.test").get(f"/staff/results/{number}")
    assert "have not been released" in page.text


def test_a_coordinator_reads_table_quality_and_every_level(app, round_id):
    client = signed_in(app, Grant(Role.COORDINATOR))
    assert "Dimensions by communities" in client.get("/staff/results/", follow_redirects=True).text
    for path in ("/quality", "/area/region/region", "/area/municipality/north", "?by=demands", "/community/tiny"):
        assert client.get(f"/staff/results/{round_id}{path}").status_code == 200, path
    for path in ("/area/municipality/none", "/area/region/none", "/community/none", "/funnel/none-wide.svg"):
        assert client.get(f"/staff/results/{round_id}{path}").status_code == 404, path


def test_a_coordinator_of_one_municipality_reads_no_other(app, round_id):
    client = signed_in(app, Grant(Role.COORDINATOR, "north"))
    page = client.get(f"/staff/results/{round_id}")
    assert "Pohjanlahti" in page.text and "Mäntykallion koulu" not in page.text
    assert client.get(f"/staff/results/{round_id}/area/municipality/south").status_code == 403
    assert "pine" not in client.get(f"/staff/results/{round_id}/figures.csv").text


@pytest.mark.parametrize("name", ["dimensions", "shares", "plane"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_picture_is_sent_as_svg_and_not_sent_twice(app, round_id, name, width):
    client = signed_in(app, PINE)
    address = f"/staff/results/{round_id}/community/pine/{name}-{width}.svg"
    answer = client.get(address)
    assert answer.mimetype == "image/svg+xml" and answer.text.startswith("<svg")
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_file_holds_the_own_community_and_what_is_above_it(app, round_id):
    answer = signed_in(app, PINE).get(f"/staff/results/{round_id}/community/pine/figures.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    units = {line.split(";")[1] for line in answer.text.splitlines()[1:]}
    assert units == {"pine", "south", "region"}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_page_can_be_read_in_every_language(app, round_id, language):
    client = signed_in(app, Grant(Role.COORDINATOR), language=language)
    for path in ("", "/quality", "/community/pine", "/community/small", "/community/tiny"):
        page = client.get(f"/staff/results/{round_id}{path}")
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text


def test_a_new_course_stands_on_the_page_at_once_although_the_list_is_kept(app, session, round_id):
    client = signed_in(app, PINE)
    address = f"/staff/results/{round_id}/community/pine"
    assert "A course of tomorrow" not in client.get(address).text
    words = TranslatedText("Huomisen kurssi", "Morgondagens kurs", "A course of tomorrow")
    courses.upsert_courses_and_replace_offerings(session, [course("tomorrow", title=words)])
    session.commit()
    assert "A course of tomorrow" in client.get(address).text


def test_a_page_that_was_read_before_reads_no_publication_and_makes_nothing_anew(app, round_id):
    # Five of the statements are for the next step of the follow-up, which changes from day to day.
    assert_cheap_again(app, signed_in(app, PINE), f"/staff/results/{round_id}/community/pine", most=17)


TAGS = re.compile(r"<[^>]+>")


def visible_words(page):
    """The words of a page's content before anything is unfolded; a summary is visible, what it folds is not."""
    main = page[page.index("<main") : page.index("</main>")]
    main = re.sub(r"<details[^>]*>\s*(<summary>.*?</summary>).*?</details>", r"\1", main, flags=re.DOTALL)
    assert "<details" not in main
    return TAGS.sub(" ", main).split()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(("grant", "unit"), [(PINE, "pine"), (SMALL, "small"), (TINY, "tiny")])
def test_a_page_of_results_has_less_than_700_words_before_anything_is_unfolded(app, round_id, grant, unit, language):
    page = signed_in(app, grant, language=language).get(f"/staff/results/{round_id}/community/{unit}").text
    assert 60 < len(visible_words(page)) < 700


def test_the_answer_to_what_now_comes_before_every_chart_and_every_caveat(app, round_id):
    page = signed_in(app, PINE).get(f"/staff/results/{round_id}/community/pine").text
    order = ["Prepare the meeting", 'id="in-short"', "Strengths", "Areas to improve", 'id="what-now"',
             "Before you read", 'id="dimensions"', 'id="dimension-control"', "Courses that may help"]  # fmt: skip
    places = [page.index(text) for text in order]
    assert places == sorted(places)


def test_from_signing_in_to_the_pdf_it_takes_three_presses(app, session, round_id):
    rounds.try_change_state(session, round_id, before=RoundState.DRAFT, after=RoundState.RELEASED)
    session.commit()
    client = signed_in(app, PINE)  # the first press
    home = client.get("/staff/").text
    second = re.search(r'href="(/staff/results/[^"]*)"', home[home.index("<main") :])[1]
    page = client.get(second, follow_redirects=True).text
    third = re.search(r'href="([^"]+)"[^>]*>PDF<', page)[1].replace("&amp;", "&")
    paper = client.get(third)
    assert paper.mimetype == "application/pdf" and paper.data.startswith(b"%PDF")


def test_every_file_is_in_the_bar_above_the_results(app, round_id):
    page = signed_in(app, PINE).get(f"/staff/results/{round_id}/community/pine").text
    bar = page[page.index("result-actions") : page.index("</nav>", page.index("result-actions"))]
    for file in ("handout.pdf", "slides.pptx", "figures.xlsx", "figures.csv"):
        assert file in bar


def test_the_suggested_areas_are_the_areas_to_improve_and_their_sections_are_open(app, round_id):
    page = signed_in(app, PINE).get(f"/staff/results/{round_id}/community/pine").text
    suggested = re.findall(r'<h3><a href="#(dimension-\w+)">', page)
    assert 1 <= len(suggested) <= 2
    opened = re.findall(r'<details class="fold wide dimension" id="(dimension-\w+)" open>', page)
    assert opened == suggested
    assert "The staff choose" in page


def test_what_now_tells_the_next_step_with_its_day_and_its_link(app, round_id):
    page = signed_in(app, PINE).get(f"/staff/results/{round_id}/community/pine").text
    card = page[page.index('id="what-now"') : page.index("Before you read")]
    assert "Next: Results read and opened to the staff" in card and "By " in card
    assert f"/staff/followup/{round_id}/pine" in card


def main_buttons(page):
    bar = page.split('class="result-actions')[1].split("</nav>")[0]
    return re.findall(r'<a class="button" href="[^"]*">([^<]*)', bar)


def test_the_first_screen_says_what_comes_next_and_its_button_is_the_main_one(app, session, round_id):
    client = signed_in(app, PINE)
    page = client.get(f"/staff/results/{round_id}/community/pine").text
    assert main_buttons(page) == ["Prepare the meeting"]
    assert page.index('class="next-line"') < page.index('class="result-actions')
    assert "Next: Read the results of your community." in page
    planned(session, round_id, "pine")
    page = client.get(f"/staff/results/{round_id}/community/pine").text
    assert main_buttons(page) == ["Go to the follow-up"] and "Prepare the meeting" in page


def test_a_small_community_has_its_own_summary_with_colour_and_words(app, session, frozen):
    number = store(session, placed_apart(frozen)).round
    page = signed_in(app, SMALL).get(f"/staff/results/{number}/community/small").text
    assert page.index('id="in-short"') < page.index('id="what-now"') < page.index('id="placements"')
    assert 'class="heat-probably-better">' in page and 'class="heat-probably-worse">' in page
    assert "probably better than the region" in page.lower() and "clearly" not in page[: page.index("wider result")]


def placed_apart(publication):
    """The same round, in which the small community lies above the region in control and below it in resources."""
    sides = {"control": Placement.ABOVE, "resources": Placement.BELOW}
    figures = tuple(
        replace(figure, placement=sides.get(figure.measure, Placement.SAME))
        if figure.cell == Cell(Level.COMMUNITY, "small")
        else figure
        for figure in publication.figures
    )
    return replace(publication, figures=figures)


@pytest.mark.parametrize("path", ["/area/region/region", "/area/municipality/north", ""])
def test_the_pages_of_the_region_have_the_same_order(app, round_id, path):
    page = signed_in(app, Grant(Role.COORDINATOR)).get(f"/staff/results/{round_id}{path}").text
    main = page[page.index("<main") :]
    assert main.index("figures.xlsx") < main.index('id="in-short"') < main.index("<picture>")
    if path == "":
        assert main.index('id="in-short"') < main.index('id="what-now"') < main.index('id="heat"')


def test_a_chart_of_one_dimension_is_sent_and_one_that_is_not_there_is_not(app, round_id):
    client = signed_in(app, PINE)
    root = f"/staff/results/{round_id}/community/pine/dimension"
    assert client.get(f"{root}/control/shares-narrow.svg").mimetype == "image/svg+xml"
    assert client.get(f"{root}/none/shares-narrow.svg").status_code == 404
    assert client.get(f"{root}/control/trends-narrow.svg").status_code == 404  # there is no earlier round
    assert client.get(f"/staff/results/{round_id}/community/fir/dimension/control/shares-narrow.svg").status_code == 403
    other = f"/staff/results/{round_id}/area/municipality/north/dimension/control/shares-narrow.svg"
    assert client.get(other).status_code == 403
    assert signed_in(app, Grant(Role.COORDINATOR), email="co@example.test").get(other).status_code == 200
