"""Settings that stand in files, so that no password stands among the variables."""

import pytest

from app.config import load_settings, unknown_settings

VARIABLE = "VOIMAVARA_DATABASE_URL"


def test_a_variable_may_name_the_file_that_holds_its_value(tmp_path):
    (tmp_path / "url").write_text("postgresql+psycopg://one:word@database/one\n", encoding="utf-8")
    variables = {f"{VARIABLE}_FILE": str(tmp_path / "url")}
    assert load_settings(variables, instance=tmp_path).database == "postgresql+psycopg://one:word@database/one"
    assert unknown_settings(tmp_path, variables) == ()
    assert unknown_settings(tmp_path, {"VOIMAVARA_DATABSE_URL_FILE": "x"}) == ("VOIMAVARA_DATABSE_URL_FILE",)


def test_a_file_that_is_not_there_and_a_value_that_stands_twice_are_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        load_settings({f"{VARIABLE}_FILE": str(tmp_path / "none")}, instance=tmp_path)
    with pytest.raises(ValueError, match="not both"):
        load_settings({f"{VARIABLE}_FILE": "x", VARIABLE: "y"}, instance=tmp_path)
