"""Questionnaires come from a folder and are kept by digest."""

import pytest

from app.core.instruments import InvalidQuestionnaire, parse
from app.store.instruments import (
    UnknownInstrument,
    get_questionnaire,
    load_questionnaires,
    load_questionnaires_and_errors,
    read_questionnaire_file,
    store_source,
)
from tests.core.small_questionnaire import SMALL, changed


def test_a_kept_questionnaire_comes_back_whole(session):
    instrument = parse(SMALL, name="small.toml")
    store_source(session, instrument, SMALL)
    assert get_questionnaire(session, instrument.digest) == instrument


def test_keeping_twice_is_keeping_once(session):
    instrument = parse(SMALL, name="small.toml")
    store_source(session, instrument, SMALL)
    store_source(session, instrument, "# a remark\n" + SMALL)
    assert get_questionnaire(session, instrument.digest) == instrument


def test_a_source_of_another_questionnaire_is_not_kept(session):
    with pytest.raises(ValueError, match="not that of the questionnaire"):
        store_source(session, parse(SMALL, name="small.toml"), changed(("On kiire.", "Ei ole kiire.")))


def test_an_unknown_digest_says_so(session):
    with pytest.raises(UnknownInstrument, match="no questionnaire"):
        get_questionnaire(session, "0" * 64)


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path):
    (tmp_path / "b.toml").write_text(SMALL)
    (tmp_path / "a.toml").write_text(changed(('id = "small"', 'id = "first"')))
    (tmp_path / "notes.txt").write_text("not a questionnaire")
    assert [instrument.id for instrument in load_questionnaires(tmp_path)] == ["first", "small"]


def test_a_folder_with_faulty_files_names_every_fault_of_every_file(tmp_path):
    (tmp_path / "a.toml").write_text("id = ")
    (tmp_path / "b.toml").write_text(changed(("first = 1", "first = true")))
    with pytest.raises(InvalidQuestionnaire) as caught:
        load_questionnaires(tmp_path)
    assert [problem.file for problem in caught.value.problems] == [str(tmp_path / "a.toml"), str(tmp_path / "b.toml")]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidQuestionnaire, match="there is no such file"):
        read_questionnaire_file(tmp_path / "none.toml")


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path):
    path = tmp_path / "old.toml"
    path.write_bytes(SMALL.encode("latin-1"))
    with pytest.raises(InvalidQuestionnaire, match=r"old\.toml:7: not UTF-8"):
        read_questionnaire_file(path)


def test_an_unknown_key_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(changed(('version = "1"', 'version = "1"\nkey = "rumour"')))
    with pytest.raises(InvalidQuestionnaire, match="'rumour' is not known"):
        read_questionnaire_file(path)


def test_a_file_that_departs_from_its_key_is_refused(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "small.toml").write_text(changed(('version = "1"', 'version = "1"\nkey = "small"')))
    path = tmp_path / "mine.toml"
    path.write_text(changed(('version = "1"', 'version = "1"\nkey = "small"'), ('["haste"]', "[]")))
    with pytest.raises(InvalidQuestionnaire, match="reverses –, in the instrument haste"):
        read_questionnaire_file(path)


def test_one_faulty_file_does_not_hide_the_sound_ones(tmp_path):
    (tmp_path / "a.toml").write_text("id = ")
    (tmp_path / "b.toml").write_text(SMALL)
    sound, problems = load_questionnaires_and_errors(tmp_path)
    assert [instrument.id for instrument in sound] == ["small"]
    assert [problem.file for problem in problems] == [str(tmp_path / "a.toml")]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert load_questionnaires_and_errors(tmp_path / "none") == ((), ())
