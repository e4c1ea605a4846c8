import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.catalogue import DIMENSIONS
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.publication import Cell, Level, ReleasedSurveys
from app.core.rounds import KeyMode, Round, RoundId, RoundKind, RoundState
from app.services import catalogue, matching
from app.store import course_lists, organisations, publications, rounds
from app.store.database import read_session
from tests.core.matching.synthetic_region import REGION_MEANS, publication, shown, unit
from tests.exports import records
from tests.web.page_cost import assert_cheap_again
from tests.web.staff_client import signed_in

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def region(app, session):
    """Two communities, one in need, a released publication and the demo's catalogue."""
    catalogue.import_courses(session, demo_catalogue_csv(NOW.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOW)
    organisations.upsert(
        session,
        region=("r", "Seutu"),
        municipalities=[Municipality("m", "Tyrskylä")],
        communities=[Community(one, one, "m", CommunityKind.SCHOOL, {"teachers": 20}) for one in ("a", "b")],
    )
    draft = Round(
        RoundId(0),
        "Syksy",
        RoundKind.SURVEY,
        RoundState.DRAFT,
        "wellbeing",
        "d" * 64,
        KeyMode.AUTOMATIC,
        NOW,
        NOW,
        None,
    )
    round_id = rounds.add(session, draft)
    weak = {"practices": 40.0, "demands": 70.0}
    figures = [shown(Cell(Level.COMMUNITY, "a"), scale, weak.get(scale, mean)) for scale, mean in REGION_MEANS.items()]
    strong = {"practices": 75.0}
    figures += [
        shown(Cell(Level.COMMUNITY, "b"), scale, strong.get(scale, mean)) for scale, mean in REGION_MEANS.items()
    ]
    publications.add(session, publication(figures, units=[unit("a"), unit("b")], round_id=round_id))
    publications.set_released_and_store_summary(session, round_id, now=NOW)
    session.commit()


def test_a_principal_sees_why_courses_are_recommended(app, region):
    page = signed_in(app, Grant(Role.PRINCIPAL, "m", "a")).get("/staff/matching/community/a")
    assert page.status_code == 200
    assert "40 in your community, 64 in the region" in page.text
    assert "change the work first" in page.text
    assert "You may also choose none of these" in page.text
    assert page.text.count("Start with this one") == 1
    assert "you can expect" in page.text
    assert "How the expected gain" in page.text


def test_a_principal_sees_no_other_community(app, region):
    client = signed_in(app, Grant(Role.PRINCIPAL, "m", "b"))
    assert client.get("/staff/matching/community/a").status_code == 403
    assert client.get("/staff/matching/community/none").status_code == 404
    assert client.get("/staff/matching/").status_code == 403


def test_a_community_without_need_is_told_so(app, region):
    page = signed_in(app, Grant(Role.PRINCIPAL, "m", "b")).get("/staff/matching/community/b")
    assert "In no dimension does your community have more to do than the region’s communities on average." in page.text
    assert "change the work first" not in page.text


def test_a_coordinator_sees_needs_beside_offerings(app, region):
    page = signed_in(app, Grant(Role.COORDINATOR)).get("/staff/matching/")
    with read_session() as session:
        found = matching.gap_map(session, now=NOW)
    text = page.text
    places = [text.index(f'<th scope="row">{DIMENSIONS[row.dimension].en}</th>') for row in found.rows]
    assert places == sorted(places)
    assert text.index("The whole region") < text.index("Where municipalities differ")
    for row in found.rows:
        assert f'<td class="number">{round(100 * row.need)}<br>' in text
    assert "Expert estimate" in text


def test_before_a_release_nothing_is_recommended(app):
    page = signed_in(app, Grant(Role.COORDINATOR)).get("/staff/matching/")
    assert "No round has been released yet" in page.text


def test_a_list_that_was_read_before_reads_no_publication_and_makes_nothing_anew(app, region):
    client = signed_in(app, Grant(Role.PRINCIPAL, "m", "a"))
    assert_cheap_again(app, client, "/staff/matching/community/a")


def test_the_newest_results_are_kept_until_a_release_or_another_community_changes_them(app, session, region):
    def contents(*ids, latest=None):
        latest = latest or publications.load_released_surveys(session)
        return course_lists._regional_contents(latest, tuple(("kind", name, "school", 0) for name in ids))

    both = contents("a", "b")
    assert contents("a", "b") is both
    (alone,) = contents("a").results
    assert alone.unit.id == "a" and len(both.results) == 2
    assert contents("a", latest=ReleasedSurveys(())) is None


def test_the_lists_can_be_had_from_the_command_line(app, region):
    told = json.loads(app.test_cli_runner().invoke(args=["matching", "lists"]).output)
    assert [one["community"] for one in told] == ["a", "b"]
    weak = told[0]
    assert {need["dimension"] for need in weak["needs"]} == set(REGION_MEANS)
    assert [one["place"] for one in weak["courses"]] == list(range(1, len(weak["courses"]) + 1))
    assert weak["courses"][0]["role"].startswith("begin")
    table = records(app.test_cli_runner().invoke(args=["matching", "lists", "--format", "csv"]).output)
    listed = [(row["community"], row["course"], row["expected_seats"]) for row in table if row["course"]]
    assert listed == [
        (one["community"], each["course"], str(each["expected_seats"])) for one in told for each in one["courses"]
    ]


def test_before_a_release_the_command_line_says_so(app):
    answer = app.test_cli_runner().invoke(args=["matching", "lists"])
    assert answer.exit_code == 1
    assert "no survey has been released yet" in answer.output
