"""A page reads the parts of publications that it shows, and no page of results reads a whole publication."""

from threading import Thread

import pytest

from app.core.accounts import Grant, Role
from app.core.publication import Cell, Level
from app.reports import region_report
from app.services import matching
from app.store import course_lists, publication_parts, publications
from app.store.database import read_session, write_session
from app.web.shared import fragment_cache
from tests.publications import NOON, made, store
from tests.web.staff_client import signed_in
from tests.web.test_votes import PINE

DESK = Grant(Role.COORDINATOR)
OWN = {(Level.REGION, "region"), (Level.MUNICIPALITY, "south"), (Level.COMMUNITY, "pine")}


@pytest.fixture(scope="module")
def surveys():
    first = made(1)
    return first, made(2, title="Spring 2027", lift=0.2, earlier=(first,), days=150)


@pytest.fixture
def numbers(app, surveys):
    with write_session() as session:
        return [store(session, survey).round for survey in surveys]


@pytest.fixture
def parts_read(monkeypatch):
    """The parts that are parsed, by level and unit; reading a whole publication fails."""
    parsed = []
    parse = publication_parts.part_lookup

    def watched(text):
        lookup = parse(text)
        parsed.extend({(cell.level, cell.unit) for cell in lookup.participation})
        return lookup

    def refused(_self, _header):
        raise AssertionError("a whole publication is read")

    monkeypatch.setattr(publication_parts, "part_lookup", watched)
    monkeypatch.setattr(publication_parts.PublicationPartLoader, "load_whole_publication", refused)
    return parsed


def forget_parts():
    """Forget what was read and rendered, but not the lists of courses, which read every community once."""
    publication_parts._LOOKUPS.clear()
    publication_parts._HEADERS.clear()
    fragment_cache.CACHE.clear()


PAGES = (
    "/staff/",
    "/staff/results/{}/community/pine/questions/",
    "/staff/results/{}/community/pine/figures.csv",
    "/staff/matching/community/pine",
    "/staff/followup/{}/pine",
    "/staff/results/{}/community/pine",  # draws demands against control of all communities, from the header
    "/staff/meetings/{}/pine",
)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_one_community_reads_its_own_parts_in_every_round(app, numbers, parts_read, address):
    assert {(cell.level, cell.unit) for cell in made_cells()} >= OWN
    reader = signed_in(app, PINE)
    page = address.format(numbers[1])
    assert reader.get(page, follow_redirects=True).status_code == 200
    forget_parts()
    parts_read.clear()
    assert reader.get(page, follow_redirects=True).status_code == 200
    others = [place for place in parts_read if place not in OWN]
    assert len(parts_read) - len(others) <= len(OWN) * len(numbers)
    assert others == []


def made_cells():
    with read_session() as session:
        return publications.load_released_surveys(session).surveys[-1].cells


def test_the_region_s_table_reads_the_communities_of_one_page(app, numbers, parts_read, monkeypatch):
    monkeypatch.setattr(region_report, "ROWS_ON_A_PAGE", 4)
    desk = signed_in(app, DESK)
    first = f"/staff/results/{numbers[1]}?by=control"
    assert desk.get(first).status_code == 200  # draws the funnel, which shows every community
    seen = []
    for number in range(1, 6):
        publication_parts._LOOKUPS.clear()
        parts_read.clear()
        page = desk.get(f"{first}&page={number}").text
        communities = {unit for level, unit in parts_read if level is Level.COMMUNITY}
        assert 0 < len(communities) <= 4
        assert all(f"/community/{unit}" in page for unit in communities)
        seen.extend(sorted(communities))
    assert sorted(seen) == sorted(unit.id for unit in made(1).region.units)
    assert "Page 5 of 5" in page


@pytest.mark.parametrize("place", ["quality", "area/region/region", "area/municipality/south", "figures.csv"])
def test_no_page_of_the_coordinator_reads_a_whole_publication(app, numbers, parts_read, place):
    forget_parts()
    assert signed_in(app, DESK).get(f"/staff/results/{numbers[1]}/{place}").status_code == 200
    assert parts_read


def test_a_list_of_rounds_reads_no_header(app, numbers, monkeypatch):
    publication_parts._HEADERS.clear()
    publications._LAZY.clear()
    monkeypatch.setattr(publication_parts, "read_header", None)
    with read_session() as session:
        released = publications.list_released_not_replaced(session)
        assert [(one.round, one.title, one.kind.value) for one in released] == [
            (numbers[0], "Autumn 2026", "survey"),
            (numbers[1], "Spring 2027", "survey"),
        ]
        assert publications.load_released_surveys(session).surveys == released


def test_lists_of_a_large_region_are_made_in_a_thread_that_reads_the_parts(app, session, numbers, monkeypatch):
    work = []
    monkeypatch.setattr(course_lists, "AT_ONCE", -1)
    monkeypatch.setattr(course_lists, "start_daemon_thread", work.append)
    assert course_lists.find_or_build_region_lists(session, now=NOON) is None
    session.rollback()
    publication_parts._LOOKUPS.clear()
    in_a_thread(work[0])
    lists = course_lists.find_or_build_region_lists(session, now=NOON)
    assert lists is not None
    assert set(lists.units) == {unit.id for unit in made(1).region.units}


def in_a_thread(work):
    """Do some work without the application's context, as the service's own threads do."""
    thread = Thread(target=work)
    thread.start()
    thread.join()


def test_needs_of_the_region_are_worked_out_once(app, session, numbers, parts_read):
    first = matching.gap_map(session, now=NOON)
    publication_parts._LOOKUPS.clear()
    parts_read.clear()
    assert matching.gap_map(session, now=NOON).rows == first.rows
    assert [place for place in parts_read if place[0] is Level.COMMUNITY] == []
    assert Cell(Level.COMMUNITY, "pine") in made_cells()
