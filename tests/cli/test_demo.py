import json
from pathlib import Path

import pytest

from app.cli.demo.answer_generator import AnswerGenerator
from app.config import ROOT
from app.core.organisations import ReportingUnit
from app.core.rounds import RoundState
from app.services import rounds
from app.store import publications
from app.store.instruments import read_file
from tests.databases import both_databases

INSTRUMENT = read_file(ROOT / "surveys" / "wellbeing.toml")
UNIT = ReportingUnit("u", "U", "m", ("u",), {"teachers": 30, "assistants": 8})


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
    for publication in publications.all_released(session):
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
    first = AnswerGenerator(INSTRUMENT).generate(UNIT, 0)
    assert first == AnswerGenerator(INSTRUMENT).generate(UNIT, 0)
    assert first != AnswerGenerator(INSTRUMENT, seed=1).generate(UNIT, 0)
    assert first != AnswerGenerator(INSTRUMENT).generate(UNIT, 1)


def test_a_story_answers_with_numbers_that_the_questionnaire_has():
    for sheet in AnswerGenerator(INSTRUMENT).generate(UNIT, 2):
        assert sheet.group in {None, *UNIT.invited}
        for item in INSTRUMENT.items:
            assert sheet.ratings[item.id] in {None, *(option.value for option in item.options)}


def test_a_school_that_did_something_improves():
    unit = ReportingUnit("t", "T", "m", ("kuusiranta-tahtikallion-koulu",), {"teachers": 3000})

    def mean(number):
        found = [sheet.ratings["practices_kept"] for sheet in AnswerGenerator(INSTRUMENT).generate(unit, number)]
        given = [rating for rating in found if rating is not None]
        return sum(given) / len(given)

    assert mean(2) - mean(0) > 0.4


def test_the_demo_names_no_community_that_exists():
    text = (Path(ROOT) / "app" / "cli" / "demo" / "communities.csv").read_text(encoding="utf-8").casefold()
    for name in ("tampere", "nokia", "ylöjärvi", "kangasala", "lempäälä", "pirkkala", "orivesi", "vesilahti"):
        assert name not in text
