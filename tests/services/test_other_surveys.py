"""Surveys of others are stored with an entry in the audit log; a round is compared with those of the same people."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.core.audit import AuditEvent
from app.core.languages import Language
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.other_surveys import OtherSurvey
from app.core.rounds import RoundKind
from app.core.tables.errors import TableImportError
from app.services import other_surveys, rounds, survey_calendar
from app.store import audit, organisations
from app.store import followup as pulse_store
from app.store.tabular_reader import read_table
from tests.conftest import NOON
from tests.databases import both_databases
from tests.services.factories import OPENS, plan

ZONE = ZoneInfo("Europe/Helsinki")
DAYS = OtherSurvey(0, "town", "Kunta10", date(2027, 1, 11), date(2027, 1, 31))
TABLE = """survey;dimension;scale_fi;scale_sv;scale_en;good_end;source
Kunta10;demands;Työn kuormittavuus;;;low;Manual
=Barometer;control;'Hallinta;Kontroll;Control;high;
""".encode()


@pytest.fixture
def region(session):
    communities = [
        Community("alder", "Alder", "town", CommunityKind.SCHOOL, {"teachers": 12}),
        Community("oak", "Oak", "village", CommunityKind.SCHOOL, {"teachers": 9}),
    ]
    towns = [Municipality("town", "Town"), Municipality("village", "Village"), Municipality("empty", "Empty")]
    organisations.upsert(session, municipalities=towns, communities=communities, region=("region", "Region"))
    session.commit()


def conflict(session, number):
    return survey_calendar.check_round_for_survey_conflict(
        session, rounds.get_round(session, number), today=NOON.date(), zone=ZONE, language=Language.EN
    )


@both_databases
def test_days_are_entered_changed_and_deleted_and_each_is_recorded(session, region):
    number = other_surveys.add_other_survey(session, DAYS, by=None, now=NOON)
    stored = other_surveys.find_other_survey(session, number)
    assert stored == replace(DAYS, id=number)
    other_surveys.update_other_survey(session, stored, replace(stored, title="Kunta10  2027"), by=None, now=NOON)
    changed = other_surveys.find_other_survey(session, number)
    assert changed.title == "Kunta10 2027"
    with pytest.raises(other_surveys.ChangedMeanwhile):
        other_surveys.update_other_survey(session, stored, stored, by=None, now=NOON)
    with pytest.raises(other_surveys.ChangedMeanwhile):
        other_surveys.delete_other_survey(session, stored, by=None, now=NOON)
    other_surveys.delete_other_survey(session, changed, by=None, now=NOON)
    assert other_surveys.other_surveys(session) == ()
    entered = f"other survey:{number} town 2027-01-11–2027-01-31"
    entries = [(entry.event, entry.subject) for entry in audit.entries(session, limit=3)]
    assert entries[::-1] == [
        (AuditEvent.ORGANISATIONS_IMPORTED, subject) for subject in (entered, entered, f"other survey:{number} deleted")
    ]


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"title": "x" * 121}, {"title": "a\x07"}, {"last": date(2027, 1, 10)}]
)
def test_what_cannot_be_stored_is_refused(session, region, wrong):
    with pytest.raises(ValueError, match=r"title|last day"):
        other_surveys.add_other_survey(session, replace(DAYS, **wrong), by=None, now=NOON)
    assert other_surveys.other_surveys(session) == ()


def test_an_unknown_municipality_is_refused(session, region):
    with pytest.raises(other_surveys.UnknownMunicipality):
        other_surveys.add_other_survey(session, replace(DAYS, municipality="elsewhere"), by=None, now=NOON)


@both_databases
def test_export_and_import_of_the_crosswalk_change_nothing(session):
    first = other_surveys.import_crosswalk(session, TABLE, by=None, now=NOON)
    assert len(first.added) == 2
    for kind in ("csv", "xlsx"):
        again = other_surveys.check_crosswalk(session, other_surveys.export_crosswalk(session, kind=kind))
        assert again.problems == () and len(again.unchanged) == 2
        assert again.added == again.changed == again.removed == ()
    assert b"'=Barometer" in other_surveys.export_crosswalk(session, kind="csv")


@both_databases
def test_an_import_changes_and_removes_only_rows_of_the_surveys_that_it_names(session):
    other_surveys.import_crosswalk(session, TABLE, by=None, now=NOON)
    changed = TABLE.decode().replace(";low;", ";high;").splitlines()[:2]
    other_surveys.import_crosswalk(session, "\n".join(changed).encode(), by=None, now=NOON)
    stored = {match.survey: match.good_end.value for match in other_surveys.load_crosswalk(session)}
    assert stored == {"Kunta10": "high", "=Barometer": "high"}
    renamed = changed[0] + "\nKUNTA10;control;Hallinta;;;high;"
    other_surveys.import_crosswalk(session, renamed.encode(), by=None, now=NOON)
    assert {(match.survey, match.dimension) for match in other_surveys.load_crosswalk(session)} == {
        ("KUNTA10", "control"),
        ("=Barometer", "control"),
    }


def test_a_table_with_a_fault_stores_nothing(session):
    with pytest.raises(TableImportError):
        other_surveys.import_crosswalk(session, TABLE.replace(b";low;", b";up;"), by=None, now=NOON)
    with pytest.raises(TableImportError):
        other_surveys.check_crosswalk(session, b"survey;scale\nKunta10;x\n")
    assert other_surveys.load_crosswalk(session) == ()


def test_the_template_has_the_header_of_the_export(session):
    for kind in ("csv", "xlsx"):
        empty = read_table(other_surveys.empty_crosswalk_file(kind=kind)).columns
        assert empty == read_table(other_surveys.export_crosswalk(session, kind=kind)).columns


def test_only_surveys_in_which_a_municipality_takes_part_are_matched(session, region):
    other_surveys.import_crosswalk(session, TABLE, by=None, now=NOON)
    assert other_surveys.crosswalk_of_municipalities(session, ["town"]) == ()
    other_surveys.add_other_survey(session, replace(DAYS, title="kunta10 2027"), by=None, now=NOON)
    assert [match.survey for match in other_surveys.crosswalk_of_municipalities(session, ["town"])] == ["Kunta10"]
    assert other_surveys.crosswalk_of_municipalities(session, ["village"]) == ()


@both_databases
def test_a_planned_round_is_compared_with_other_surveys_of_the_municipalities_that_it_asks(session, region):
    number = plan(session)
    assert conflict(session, number).nearby == ()
    for place in ("town", "village"):
        other_surveys.add_other_survey(session, replace(DAYS, municipality=place), by=None, now=NOON)
    found = conflict(session, number)
    assert [days.title for days in found.nearby] == ["Kunta10 (Town, Village)"]
    assert [days.first for days in found.suggestions] == [date(2027, 3, 30)]  # the 29th is Easter Monday


def test_a_pulse_of_some_communities_is_compared_with_what_these_are_asked(session, region):
    number = plan(session, kind=RoundKind.PULSE)
    elsewhere = plan(session, kind=RoundKind.PULSE, title="Elsewhere")
    survey = plan(session, title="Survey", opens_at=OPENS - timedelta(days=300), closes_at=OPENS - timedelta(days=290))
    pulse_store.add_pulse_units(session, number, ["alder"], survey=survey)
    pulse_store.add_pulse_units(session, elsewhere, ["oak"], survey=survey)
    other_surveys.add_other_survey(session, replace(DAYS, municipality="village"), by=None, now=NOON)
    assert conflict(session, number).nearby == ()
    pulse_store.add_pulse_units(session, elsewhere, ["alder"], survey=survey)
    other_surveys.add_other_survey(session, DAYS, by=None, now=NOON)
    assert {days.title for days in conflict(session, number).nearby} == {"Elsewhere", "Kunta10 (Town)"}
