"""Settings that stand in files, so that no password stands among the variables."""

import subprocess
import sys

import pytest

from app.config import ROOT, InvalidSetting, load_settings, unknown_settings

VARIABLE = "VOIMAVARA_DATABASE_URL"


def test_a_variable_may_name_the_file_that_holds_its_value(tmp_path):
    (tmp_path / "url").write_text("postgresql+psycopg://one:word@database/one\n", encoding="utf-8")
    variables = {f"{VARIABLE}_FILE": str(tmp_path / "url")}
    assert (
        load_settings(variables, instance=tmp_path).effective_database_url
        == "postgresql+psycopg://one:word@database/one"
    )
    assert unknown_settings(tmp_path, variables) == ()
    assert unknown_settings(tmp_path, {"VOIMAVARA_DATABSE_URL_FILE": "x"}) == ("VOIMAVARA_DATABSE_URL_FILE",)


def test_a_file_that_is_not_there_and_a_value_that_stands_twice_are_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        load_settings({f"{VARIABLE}_FILE": str(tmp_path / "none")}, instance=tmp_path)
    with pytest.raises(ValueError, match="not both"):
        load_settings({f"{VARIABLE}_FILE": "x", VARIABLE: "y"}, instance=tmp_path)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("JOBS = 'perhaps'", "JOBS must be true or false"),
        ("PROXIES = 'one'", "PROXIES must be a whole number"),
        ("BASE_URL = https://survey.example", "config.py, line 1 cannot be read"),
        ("BASE_URL = survey", "config.py cannot be read: name 'survey' is not defined"),
        ("DATABASE_URL = 'postgres://one:word@database/one'", "DATABASE_URL must begin with postgresql[+]psycopg://"),
    ],
)
def test_what_cannot_be_is_named_with_what_it_may_be(written, told, tmp_path):
    (tmp_path / "config.py").write_text(f"{written}\n", encoding="utf-8")
    with pytest.raises(InvalidSetting, match=told) as refused:
        load_settings({}, instance=tmp_path)
    assert "word" not in str(refused.value)


@pytest.mark.parametrize("words", [("doctor",), ("db", "upgrade"), ("--help",)])
def test_the_command_line_ends_with_one_sentence_where_a_setting_cannot_be(words, tmp_path):
    (tmp_path / "config.py").write_text("JOBS = 'perhaps'\n", encoding="utf-8")
    variables = {"VOIMAVARA_INSTANCE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: JOBS must be true or false, not 'perhaps'.\n"


@pytest.mark.parametrize(
    ("variables", "chosen"),
    [
        ({}, {"base_url": "https://town.example/survey"}),
        ({}, {"base_url": "https://town.example/survey/"}),
        ({}, {"base_url": "https://town.example/?page=survey"}),
        ({"VOIMAVARA_BASE_URL": "https://town.example/survey"}, {}),
        ({"SCRIPT_NAME": "/survey"}, {"base_url": "https://town.example"}),
    ],
)
def test_an_address_below_a_path_is_refused_at_the_start(variables, chosen, tmp_path):
    with pytest.raises(InvalidSetting, match=r"(BASE_URL|SCRIPT_NAME).* /?.*root of a host alone"):
        load_settings(variables, instance=tmp_path, **chosen)


@pytest.mark.parametrize("address", ["https://town.example", "https://town.example/", "http://127.0.0.1:5000"])
def test_an_address_at_the_root_is_taken(address, tmp_path):
    assert load_settings({"SCRIPT_NAME": ""}, instance=tmp_path, base_url=address).base_url == address
