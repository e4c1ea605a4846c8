import csv
import json
import os
import statistics
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import inspect, text

from app.core.instruments import parse
from app.store.database import database
from tests.exports import records
from tests.services import limesurvey
from tests.services.test_limesurvey import structure

ROOT = Path(__file__).parents[2]
CLIMATE = ROOT / "docs" / "examples" / "climate.toml"
ITEMS = [f"LEAD{n:02d}" for n in range(1, 12)] + [f"TSIG{n:02d}" for n in range(1, 4)]
ITEMS += [f"HOSTIL{n:02d}" for n in range(1, 6)]
HEADER = ",".join(["community", "group", *ITEMS])
DATES = ["--opened", "2026-09-01", "--closed", "2026-09-30"]


def row(community, rating="3", hostility="1", group=""):
    return ",".join([community, group, *[rating] * 14, *[hostility] * 5])


def invoke(app, *arguments):
    database.session.remove()
    return app.test_cli_runner().invoke(args=[str(one) for one in arguments])


@pytest.fixture
def bring_in(app, tmp_path):
    """Write two files and import them."""

    def run(answers, invited, *more, title="Paper round"):
        (tmp_path / "answers.csv").write_text("\n".join(answers) + "\n", encoding="utf-8")
        (tmp_path / "invited.csv").write_text("\n".join(invited) + "\n", encoding="utf-8")
        files = [tmp_path / "answers.csv", "--instrument", CLIMATE, "--invited", tmp_path / "invited.csv"]
        return invoke(app, "answers", "import", *files, "--title", title, *DATES, *more)

    return run


HEAD = "community,municipality,invited"
TWELVE = [HEADER, *[row("pine")] * 12]


def stored(session):
    tables = ("round", "publication", "community", "municipality", "instrument", "region")
    return {one: session.execute(text(f'select count(*) from "{one}"')).scalar() for one in tables}


def test_paper_answers_become_a_counted_round(app, bring_in):
    result = bring_in(TWELVE, [HEAD, "pine,town,15"], "--create-communities")
    assert result.exit_code == 0, result.output
    assert "12 answers of 15 invited in 1 communities; 1 with numbers" in result.output
    written = invoke(app, "results", "export", "Paper round", "--format", "csv").output
    pine = [one for one in records(written) if one["unit"] == "pine"]
    assert [(one["scale"], one["mean"]) for one in pine] == [("LEAD", "50"), ("TSIG", "50"), ("HOSTIL", "27")]
    assert {(one["answers_band"], one["response_band"]) for one in pine} == {("10-14", "60-99")}


def rows_by_table(session):
    names = inspect(database.engine).get_table_names()
    return {name: session.execute(text(f'select count(*) from "{name}"')).scalar() for name in names}


def test_no_answer_is_kept(app, bring_in, session):
    before = rows_by_table(session)
    assert bring_in(TWELVE, [HEAD, "pine,town,15"], "--create-communities").exit_code == 0
    after = rows_by_table(session)
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown.pop("publication_part") == 3  # of the region, the municipality and the community, not of answers
    known = {"round", "publication", "instrument", "region", "municipality", "community", "head_count"}
    assert set(grown) <= known
    assert max(grown.values()) == 1  # twelve answers have left no twelve rows of anything


def test_the_export_in_json_has_the_rows_and_the_region_s_own_figures(app, bring_in):
    bring_in(TWELVE, [HEAD, "pine,town,15"], "--create-communities")
    plain = json.loads(invoke(app, "results", "export", "1", "--format", "json").output)
    strain = records(invoke(app, "results", "export", "1", "--format", "csv", "--strain").output)
    assert len(strain) == len(plain["strain"])
    assert invoke(app, "results", "export", "1", "--strain").exit_code == 2
    assert plain["title"] == "Paper round" and plain["k"] == 10 and plain["counted"] == 12
    assert plain["quality"][0] == {"scale": "LEAD", "reliability": None, "agreement": None}  # under 100 answers
    assert {one["level"] for one in plain["figures"]} == {"region", "municipality", "community"}


def test_a_round_that_is_not_there_is_named(app):
    result = invoke(app, "results", "export", "nothing")
    assert result.exit_code == 1 and "no counted round “nothing”" in result.output


def test_an_imported_round_is_read_only_after_it_is_released(app, bring_in, session):
    bring_in(TWELVE, [HEAD, "pine,town,15"], "--create-communities")
    bring_in(TWELVE, [HEAD, "pine,town,15"], "--release", "--because", "corrected", title="Released")
    states = session.execute(text("select title, state from round order by id")).all()
    assert [tuple(one) for one in states] == [("Paper round", "counted"), ("Released", "released")]


def test_small_communities_get_what_the_gate_gives_them(app, bring_in):
    answers = [HEADER, *[row("pine")] * 40, *[row("small")] * 6, *[row("tiny")] * 3]
    invited = [HEAD, "pine,town,45", "small,town,8", "tiny,town,4"]
    result = bring_in(answers, invited, "--create-communities")
    assert "1 with numbers, 1 with a placement, 1 with nothing" in result.output
    written = records(invoke(app, "results", "export", "1", "--format", "csv").output)
    states = {one["unit"]: (one["state"], one["mean"]) for one in written if one["level"] == "community"}
    assert states["small"] == ("placement", "") and states["tiny"] == ("withheld", "")


BAD = [
    ([row("pine", rating="6")], "answers.csv, row 2, column LEAD01: “6” is not an option; use 1, 2, 3, 4, 5"),
    ([row("pine", hostility="x")], "row 2, column HOSTIL05: “x” is not an option; use 0, 1, 2, 3, 4"),
    ([row("nowhere")], "row 2, column community: “nowhere” is not on the invitation list"),
    ([row("pine", group="cooks")], "row 2, column group: “cooks” is not a staff group"),
    ([row("pine") + ",5"], "row 2: 22 cells, but only 21 fit"),
    ([row("pine")] * 16, "Pine: 16 answered but 15 were invited"),
    ([], "the file contains no answers"),
]


@pytest.mark.parametrize(("rows", "reason"), BAD)
def test_a_bad_row_is_named_and_nothing_is_stored(app, bring_in, session, rows, reason):
    before = stored(session)
    result = bring_in([HEADER, *rows], [HEAD, "pine,town,15"], "--create-communities")
    assert result.exit_code == 1
    assert reason.lower() in result.output.lower()
    assert stored(session) == before


BAD_INVITED = [
    ("pine,town,0", "row 2, column invited: “0” is not a whole number of 1 or more"),
    ("pine,town,ten", "row 2, column invited: “ten”"),
    ("pine,,15", "row 2, column municipality"),
    ("pine/hill,town,15", "row 2, column community"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_INVITED)
def test_a_bad_row_of_the_invited_is_named_too(app, bring_in, session, line, reason):
    result = bring_in(TWELVE, [HEAD, line], "--create-communities")
    assert result.exit_code == 1 and reason in result.output
    assert stored(session)["round"] == 0


def test_faults_of_both_files_are_told_together(app, bring_in):
    result = bring_in([HEADER, row("pine", rating="9")], [HEAD, "pine,town,none"], "--create-communities")
    assert "invited.csv, row 2" in result.output and "answers.csv, row 2" in result.output


def test_unknown_communities_are_registered_only_when_asked(app, bring_in, session):
    result = bring_in(TWELVE, [HEAD, "pine,town,15"])
    assert "“pine” is not registered" in result.output and "--create-communities" in result.output
    assert stored(session)["community"] == 0


def test_a_column_that_is_missing_or_unknown_is_named(app, bring_in):
    result = bring_in([HEADER.replace("LEAD11", "LEAD12"), row("pine")], [HEAD, "pine,town,15"], "--create-communities")
    assert "row 1, column LEAD11: This column is missing" in result.output
    assert "row 1, column LEAD12: “LEAD12” is not a column" in result.output


def test_a_title_is_used_once(app, bring_in):
    bring_in(TWELVE, [HEAD, "pine,town,15"], "--create-communities")
    assert "; choose another title" in bring_in(TWELVE, [HEAD, "pine,town,15"]).output


def test_an_empty_cell_was_not_answered(app, bring_in):
    half = row("pine").split(",")
    half[2:8] = [""] * 6  # six of eleven items of LEAD: too few for a score
    bring_in([HEADER, *[row("pine")] * 11, ",".join(half)], [HEAD, "pine,town,15"], "--create-communities")
    written = records(invoke(app, "results", "export", "1", "--format", "csv").output)
    assert [one["mean"] for one in written if one["unit"] == "pine"] == ["50", "50", "27"]


def own_means(path):
    """The scale means of every community, straight from the file."""
    found = {}
    for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        for scale, low in (("LEAD", 1), ("TSIG", 1), ("HOSTIL", 0)):
            given = [int(value) for name, value in line.items() if name.startswith(scale) and value]
            found.setdefault((line["community"], scale), []).append((statistics.fmean(given) - low) * 25)
    return {key: statistics.fmean(scores) for key, scores in found.items()}


@pytest.fixture
def made_up_answers(tmp_path):
    """Answers of 25 communities of 12 to 60 people who think alike in their own way, and who was invited."""
    chance = np.random.default_rng(25)
    rows = [HEADER]
    invited = [HEAD]
    for number, people in enumerate(chance.integers(12, 61, 25)):
        usual = chance.uniform(0.2, 0.8)
        for _ in range(people):
            ratings = 1 + chance.binomial(4, np.clip(usual + chance.normal(0, 0.15), 0, 1), 14)
            hostility = chance.binomial(4, 1 - usual, 5)
            rows.append(",".join([f"unit-{number}", "", *map(str, ratings), *map(str, hostility)]))
        invited.append(f"unit-{number},town-{number % 3},{round(people / 0.7)}")
    (tmp_path / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "invited.csv").write_text("\n".join(invited) + "\n", encoding="utf-8")
    return tmp_path


def test_the_means_are_those_of_the_file(app, made_up_answers):
    compare_means(app, made_up_answers)


@pytest.mark.real_answers
def test_the_means_of_real_answers_are_those_of_the_file(app):
    compare_means(app, Path(os.environ["REAL_ANSWERS"]))


def compare_means(app, folder):
    files = [folder / "answers.csv", "--instrument", CLIMATE, "--invited", folder / "invited.csv"]
    result = invoke(app, "answers", "import", *files, "--title", "Real", *DATES, "--create-communities")
    assert result.exit_code == 0, result.output
    written = records(invoke(app, "results", "export", "Real", "--format", "csv").output)
    printed = {(one["unit"], one["scale"]): one for one in written if one["level"] == "community"}
    expected = own_means(folder / "answers.csv")
    assert set(printed) == set(expected) and len(printed) == 75
    for key, mean in expected.items():
        told = float(printed[key]["mean"])
        slack = float(printed[key]["rounded_to"] or 1) / 2 + 1e-9
        if printed[key]["capped"]:
            assert mean <= told + 0.5 if printed[key]["capped"] == "low" else mean >= told - 0.5, key
        else:
            assert abs(told - mean) <= slack, key


def test_options_that_count_as_not_answered_are_chosen_on_the_command_line_too(app, tmp_path):
    content = structure(("W", "F", "I can plan my day", ("Low", "Depends", "High", "Cannot say")))
    (tmp_path / "survey.lss").write_bytes(content)
    labels = {}
    for word in ("W:", "W:A2,A4"):
        words = ["answers", "questionnaire", tmp_path / "survey.lss", "--no-answer", word]
        made = parse(invoke(app, *words).stdout, name="made")
        labels[word] = [option.label.en for option in made.item("W_1").options]
    assert labels == {"W:": ["Low", "Depends", "High", "Cannot say"], "W:A2,A4": ["Low", "High"]}
    for unknown in ("X:A1", "W:A9"):
        refused = invoke(app, "answers", "questionnaire", tmp_path / "survey.lss", "--no-answer", unknown)
        assert refused.exit_code == 1 and "no such question or option" in refused.output


def test_a_limesurvey_survey_is_brought_in_from_its_two_files(app, tmp_path):
    (tmp_path / "survey.lss").write_bytes(limesurvey.new())
    written = invoke(app, "answers", "questionnaire", tmp_path / "survey.lss")
    (tmp_path / "survey.toml").write_text(written.output, encoding="utf-8")
    answers = ["id,submitdate,control[SQ001],control[SQ002],mood,where", *["1,1980-01-01,A3,A2,5,pine"] * 12]
    (tmp_path / "responses.csv").write_text("\n".join(answers), encoding="utf-8")
    (tmp_path / "invited.csv").write_text(f"{HEAD}\nMännikön koulu,town,15\n", encoding="utf-8")
    files = [tmp_path / "responses.csv", "--limesurvey", tmp_path / "survey.lss", "--community-question", "where"]
    files += ["--instrument", tmp_path / "survey.toml", "--invited", tmp_path / "invited.csv", "--create-communities"]
    result = invoke(app, "answers", "import", *files, "--title", "Lime", *DATES)
    assert result.exit_code == 0, result.output
    exported = records(invoke(app, "results", "export", "Lime", "--format", "csv").output)
    means = {one["scale"]: one["mean"] for one in exported if one["level"] == "community"}
    # Of twelve answers both 75 and 100 are printed as "at least 73".
    assert means == {"scale_control": "73", "scale_mood": "73"}


def test_answers_in_the_long_form_are_counted_too(app, bring_in):
    rows = [f"{person},pine,,{item},3" for person in range(12) for item in ITEMS[:14]]
    result = bring_in(["respondent,community,group,item,value", *rows], [HEAD, "pine,town,15"], "--create-communities")
    assert "12 answers of 15 invited" in result.output
