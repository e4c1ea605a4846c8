"""Small rows stand for released surveys, so that no request of a respondent reads a publication."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from threading import Barrier
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy import delete

from app.core.publication import ReleasedSurveys
from app.core.publication.parts import part_lookup, read_header
from app.core.publication.survey_summary import SurveyExtent, newest_regional_round_id, summarize
from app.core.rounds import RoundId, RoundKind
from app.services import feedback, followup
from app.store import publication_parts, publications, released_surveys
from app.store.database import database, read_session, write_session
from app.store.feedback_versions import newest_regional_survey_and_courses_version
from app.store.publications import Replacement
from app.store.released_surveys import ReleasedSurveyRow, ReleasedSurveyUnitRow
from tests.databases import both_databases
from tests.follow_ups import planned
from tests.publications import NOON, WELLBEING, made, store
from tests.web.open_round import begin, to_check
from tests.web.page_cost import statements
from tests.web.visitor import Visitor


@pytest.fixture(scope="module")
def surveys():
    """Return three surveys: two of the whole region, the second the newest, and one of a part of it before them."""
    first = made(1, title="First")
    part = made(2, title="Part", days=100)
    part = replace(part, region=replace(part.region, units=part.region.units[:1]))
    return first, part, made(3, title="Third", lift=0.5, days=200)


def newest_regional_survey(session):
    return newest_regional_survey_and_courses_version(session)[0]


def means_of(publication):
    return {name: mean for name, mean in summarize(publication).means}


@both_databases
def test_the_rows_say_what_the_publications_say(app, surveys):
    with write_session() as session:
        stored = [store(session, survey) for survey in surveys]
    with read_session() as session:
        latest = publications.load_released_surveys(session)
        row = newest_regional_survey(session)
        assert row.round == latest.newest_of_whole_region.round == stored[2].round
        assert released_surveys.region_means(session, row.round) == means_of(surveys[2]) != means_of(surveys[0])
        newest = {unit.id: survey.round for survey in latest.surveys for unit in survey.region.units}
        assert released_surveys.newest_round_by_unit(session) == newest
        unit = surveys[1].region.units[0].id
        before = released_surveys.find_newest_survey_of_unit(session, unit, other_than=stored[2].round)
        assert (before.round, before.title.main) == (stored[1].round, "Part")
        other = surveys[0].region.units[1].id
        assert (
            released_surveys.find_newest_survey_of_unit(session, other, other_than=stored[2].round).round
            == stored[0].round
        )
        assert released_surveys.find_newest_survey_of_unit(session, "nobody") is None


@both_databases
def test_only_released_surveys_that_stand_have_rows(app, surveys):
    with write_session() as session:
        first = store(session, surveys[0])
        store(session, replace(surveys[1], kind=RoundKind.PULSE))
        unreleased = store(session, surveys[2], released=False)
    with write_session() as session:
        assert released_surveys.rounds_with_summary(session) == {first.round}
        publications.set_released_and_store_summary(session, unreleased.round, now=NOON)
        publications.set_released_and_store_summary(session, unreleased.round, now=NOON)
        assert newest_regional_survey(session).round == unreleased.round
        publications.mark_publication_replaced(
            session, Replacement(unreleased.round, first.round, NOON, "counted twice")
        )
        assert released_surveys.rounds_with_summary(session) == {first.round}
        assert newest_regional_survey(session).round == first.round
        assert set(released_surveys.newest_round_by_unit(session).values()) == {first.round}


@both_databases
def test_surveys_released_by_an_earlier_version_get_their_rows(app, surveys):
    with write_session() as session:
        numbers = [store(session, survey).round for survey in surveys]
        expected = released_surveys.newest_round_by_unit(session), newest_regional_survey(session)
        session.execute(delete(ReleasedSurveyUnitRow))
        session.execute(delete(ReleasedSurveyRow))
        assert newest_regional_survey(session) is None
        publications.add_missing_survey_summaries(session.connection())
        assert released_surveys.rounds_with_summary(session) == set(numbers)
        assert (
            released_surveys.newest_round_by_unit(session),
            newest_regional_survey(session),
        ) == expected


def test_before_the_migration_nothing_is_known_and_nobody_is_stopped(app, asked, monkeypatch):
    with database.engine.begin() as connection:
        ReleasedSurveyUnitRow.__table__.drop(connection)
        ReleasedSurveyRow.__table__.drop(connection)
    monkeypatch.setattr("app.store.database._TABLES_SEEN", WeakKeyDictionary())
    visitor = Visitor(app, anonymous=True)
    begin(visitor, asked[1]["alder"][0], shared="")
    to_check(visitor, "4")
    visitor.press("Send my answers", profile="yes")
    assert "no earlier result of the region" in visitor.page.one("main").text
    with read_session() as session:
        assert released_surveys.newest_round_by_unit(session) == {}


def test_the_rule_for_the_newest_regional_survey_is_that_of_the_publications(surveys):
    whole = surveys[0]
    silent = replace(whole, figures=())
    part = surveys[1]
    kinds = {"whole": whole, "silent": silent, "part": part}
    for names in product(kinds, repeat=3):
        chosen = [replace(kinds[name], round=RoundId(number)) for number, name in enumerate(names, start=1)]
        extents = [SurveyExtent(one.round, len(summarize(one).units), summarize(one).is_shown) for one in chosen]
        assert newest_regional_round_id(extents) == ReleasedSurveys(tuple(chosen)).newest_of_whole_region.round, names


def test_a_journey_asks_the_database_eight_things(app, asked, session, surveys):
    """Each statement is a message to the server and back; what stands on a page is read together."""
    earlier = store(session, surveys[0])
    unit = surveys[0].region.units[0].id
    planned(session, earlier.round, unit, outcome="It is left out.")
    session.commit()

    def journey(code):
        visitor = Visitor(app, anonymous=True)
        begin(visitor, code, shared="")
        to_check(visitor, "4")
        visitor.press("Send my answers", profile="yes")
        assert "in the region" in visitor.page.one("main").text

    journey(asked[1]["alder"][0])
    with statements(app) as executed:
        journey(asked[1]["alder"][1])
    of_journey = [one for one in executed if not one.startswith(("BEGIN", "SELECT clock_timestamp"))]
    assert len(of_journey) == 8, "\n\n".join(of_journey)


def test_no_request_of_a_respondent_reads_a_publication(app, asked, session, surveys, monkeypatch):
    earlier = store(session, surveys[0])
    unit = surveys[0].region.units[0].id
    planned(session, earlier.round, unit, outcome="It is left out.")
    session.commit()
    read = []
    parse = publications._read

    def watched(session, row, **options):
        read.append(row.round_id)
        return parse(session, row, **options)

    monkeypatch.setattr("app.store.publications._read", watched)
    assert followup.earlier_promises(session, unit).survey.main == "First"
    assert feedback.region_means(session, newest_regional_survey(session), WELLBEING) == pytest.approx(
        means_of(surveys[0])
    )
    visitor = Visitor(app, anonymous=True)
    begin(visitor, asked[1]["alder"][0], shared="")
    to_check(visitor, "4")
    visitor.press("Send my answers", profile="yes")
    assert "in the region" in visitor.page.one("main").text
    app.test_client().post("/en/community", data={"word": "no such word at all"})
    assert read == []
    publications.load_released_surveys(session)
    assert read, "the guard would not notice a publication that is read"


def test_threads_that_need_the_same_publication_parse_it_once(app, surveys, monkeypatch):
    with write_session() as session:
        number = store(session, surveys[0]).round
    for cache in (publications._LAZY, publication_parts._HEADERS, publication_parts._LOOKUPS):
        cache.clear()
    parsed = []

    def watched(name, parse):
        monkeypatch.setattr(f"app.store.publication_parts.{name}", lambda text: parsed.append(name) or parse(text))

    watched("read_header", read_header)
    watched("part_lookup", part_lookup)
    start = Barrier(4)

    def read(_number):
        with app.app_context(), read_session() as session:
            start.wait()
            publication = publications.find_including_replaced(session, number)
            return publication.scale_figures_in(publication.region_cell)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(read, range(4)))
    assert sorted(parsed) == ["part_lookup", "read_header"]
    assert all(one is found[0] for one in found)
