import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.demo.answer_generator import AnswerGenerator
from app.cli.demo.calendar import is_school_day, round_opening_and_closing_times
from app.config import ROOT, load_settings
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Level
from app.core.rounds import RoundId, RoundState
from app.services import comments, followup, rounds
from app.store import publications
from app.store.instruments import read_questionnaire_file
from tests.databases import both_databases

INSTRUMENT = read_questionnaire_file(ROOT / "surveys" / "wellbeing.toml")
SCHOOL = "kuusiranta-tahtikallion-koulu"
UNIT = ReportingUnit("u", "U", "m", ("u",), {"teachers": 30, "assistants": 8})


def assert_plans_differ_and_follow_the_results(session):
    """Require other focus areas and actions in different communities, and days on which schools work."""
    follow_ups = followup.newest_follow_up_of_each_unit(session)
    plans = [item.plan for item in follow_ups if item.plan.actions]
    assert len({plan.focus for plan in plans}) >= 4
    assert len({action.what for plan in plans for action in plan.actions}) >= 12
    assert len({(action.owner, action.first_by) for plan in plans for action in plan.actions}) >= 6
    days = [day for plan in plans for action in plan.actions for day in (action.first_by, action.due)]
    days += [plan.meeting.discussed_on for plan in plans]
    assert all(is_school_day(day) for day in days)
    worked = next(item for item in followup.follow_ups_after_survey(session, RoundId(2)) if item.unit.id == SCHOOL)
    assert worked.plan.focus == ("practices",)  # its weakest area, which has improved since
    region = worked.publication.figure(worked.publication.region_cell, "practices")
    own = worked.publication.figure(Cell(Level.COMMUNITY, SCHOOL), "practices")
    assert own.mean < region.mean


@pytest.mark.parametrize("days", range(0, 366, 3))
def test_the_newest_round_is_open_on_any_day_of_the_year_and_opens_and_closes_on_a_school_day(days):
    now = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=days)
    opens, closes = round_opening_and_closing_times(now)
    assert opens <= now < closes
    assert is_school_day(opens.date()) and is_school_day(closes.date())
    earlier, ended = round_opening_and_closing_times(now, half_years_ago=1)
    assert earlier < ended < opens


def run(app, *words):
    return app.test_cli_runner().invoke(args=["demo", *words])


@pytest.mark.slow
@both_databases
def test_the_demo_loads_three_counted_rounds_and_an_open_one(app, session, tmp_path):
    said = run(app, "load")
    assert said.exit_code == 0, said.output
    found = rounds.rounds(session)
    assert [one.state for one in found] == [RoundState.RELEASED] * 3 + [RoundState.OPEN]
    assert len({one.title for one in found}) == 4
    for one in found:
        assert is_school_day(one.opens_at.date()) and is_school_day(one.closes_at.date())
    assert [one.instrument for one in found] == ["wellbeing"] * 3 + ["wellbeing_2026_2"]
    assert_plans_differ_and_follow_the_results(session)
    newest = found[2]
    assert newest.by_group and newest.comments
    assert comments.released_comments(session, newest.id, SCHOOL)
    assert load_settings({}, instance=tmp_path / "instance").controller
    for publication in publications.list_released_not_replaced(session):
        assert publication.invited == 1674
        assert publication.counted > publication.invited / 2
    assert len({unit.municipality for unit in found[-1].boundaries.units}) == 8
    assert [path.name.split("-")[1] for path in (tmp_path / "instance" / "keys").iterdir()] == ["4"]

    shown = run(app, "show").output
    code = next(word for word in shown.split() if word.count("-") == 3)
    assert "koordinaattori@demo.example" in shown
    assert json.loads((tmp_path / "instance" / "demo.json").read_text())["password"] in shown
    assert f"#{code}" in shown

    again = run(app, "load")
    assert again.exit_code == 1
    assert "There is data here already" in again.output
    assert len(rounds.rounds(session)) == 4


def test_the_demo_never_goes_into_an_installation_with_data(app, session):
    app.test_cli_runner().invoke(args=["people", "add", "a@example.org", "--name", "A", "--role", "administrator"])
    refused = run(app, "load")
    assert refused.exit_code == 1
    assert rounds.rounds(session) == ()
    assert "no demo here" in run(app, "show").output


def test_the_story_is_the_same_each_time_and_another_with_another_seed():
    first = AnswerGenerator(INSTRUMENT).generate_for_unit(UNIT, 0)
    assert first == AnswerGenerator(INSTRUMENT).generate_for_unit(UNIT, 0)
    assert first != AnswerGenerator(INSTRUMENT, seed=1).generate_for_unit(UNIT, 0)
    assert first != AnswerGenerator(INSTRUMENT).generate_for_unit(UNIT, 1)


def test_a_story_answers_with_numbers_that_the_questionnaire_has():
    for sheet in AnswerGenerator(INSTRUMENT).generate_for_unit(UNIT, 2):
        assert sheet.group in {None, *UNIT.invited}
        for item in INSTRUMENT.items:
            assert sheet.ratings[item.id] in {None, *(option.value for option in item.options)}


def test_a_school_that_did_something_improves():
    unit = ReportingUnit("t", "T", "m", ("kuusiranta-tahtikallion-koulu",), {"teachers": 3000})

    def mean(number):
        found = [
            sheet.ratings["practices_kept"] for sheet in AnswerGenerator(INSTRUMENT).generate_for_unit(unit, number)
        ]
        given = [rating for rating in found if rating is not None]
        return sum(given) / len(given)

    assert mean(2) - mean(0) > 0.4


def test_the_demo_names_no_community_that_exists():
    text = (Path(ROOT) / "app" / "cli" / "demo" / "communities.csv").read_text(encoding="utf-8").casefold()
    for name in ("tampere", "nokia", "ylöjärvi", "kangasala", "lempäälä", "pirkkala", "orivesi", "vesilahti"):
        assert name not in text
