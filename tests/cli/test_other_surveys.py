"""Days of other surveys and the crosswalk from the command line; planning a round there warns too."""

import pytest

from app.core.organisations import Community, CommunityKind, Municipality
from app.services import other_surveys
from app.store import organisations
from app.store.database import database

TABLE = "survey;dimension;scale_fi;scale_sv;scale_en;good_end\nKunta10;control;Hallinta;;;high\n"


@pytest.fixture
def run(app, session):
    community = Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12})
    organisations.upsert(
        session, municipalities=[Municipality("m1", "Järvelä")], communities=[community], region=("r", "Lakeland")
    )
    session.commit()
    return lambda *args: app.test_cli_runner().invoke(args=list(args))


def stored():
    database.session.commit()
    return [(one.title, str(one.first), str(one.last)) for one in other_surveys.other_surveys(database.session())]


def test_days_are_added_listed_changed_and_deleted(run):
    added = run("other-surveys", "add", "m1", "Kunta10", "--first", "2027-01-11", "--last", "2027-01-31")
    assert (added.exit_code, added.output) == (0, "Survey 1 entered.\n")
    assert run("other-surveys", "list").output == "1\tm1\t2027-01-11–2027-01-31\tKunta10\n"
    assert run("other-surveys", "change", "1", "--last", "2027-02-05").exit_code == 0
    assert stored() == [("Kunta10", "2027-01-11", "2027-02-05")]
    refused = run("other-surveys", "change", "1", "--last", "2027-01-01")
    assert refused.exit_code == 1 and "the last day is before the first" in refused.output
    assert run("other-surveys", "delete", "1").exit_code == 0
    assert stored() == []
    for verb in ("change", "delete"):
        gone = run("other-surveys", verb, "1")
        assert gone.exit_code == 1 and "there is no survey 1" in gone.output


def test_an_unknown_municipality_is_told(run):
    refused = run("other-surveys", "add", "m9", "Kunta10", "--first", "2027-01-11", "--last", "2027-01-31")
    assert refused.exit_code == 1 and "there is no municipality m9" in refused.output


def test_a_crosswalk_is_imported_and_exported_and_a_fault_is_told_with_its_place(run, tmp_path):
    file = tmp_path / "crosswalk.csv"
    file.write_text(TABLE, encoding="utf-8")
    assert "1 new" in run("other-surveys", "import", str(file), "--dry-run").output
    assert other_surveys.load_crosswalk(database.session()) == ()
    assert run("other-surveys", "import", str(file)).exit_code == 0
    exported = tmp_path / "again.xlsx"
    run("other-surveys", "export", "--format", "xlsx", "--output", str(exported))
    again = run("other-surveys", "import", str(exported))
    assert "0 new, 0 changed, 1 as before, 0 removed" in again.output
    file.write_text(TABLE.replace("control", "hurry"), encoding="utf-8")
    refused = run("other-surveys", "import", str(file))
    assert refused.exit_code == 1 and "Row 2, column dimension" in refused.output
    assert run("other-surveys", "template").output.lstrip("\ufeff").startswith("survey;dimension;")


def test_planning_a_round_warns_and_names_the_nearest_days(run):
    run("other-surveys", "add", "m1", "Kunta10", "--first", "2027-01-11", "--last", "2027-01-31")
    plan = ("round", "plan", "Winter", "--instrument", "wellbeing", "--opens")
    near = run(*plan, "2027-02-22", "--closes", "2027-03-05T18:00")
    assert near.exit_code == 0
    assert "asked again within eight weeks (Kunta10 (Järvelä), 2027-01-11–2027-01-31)" in near.output
    assert "The nearest days that keep eight weeks: 2027-03-30–2027-04-10." in near.output
    assert "eight weeks" in run("round", "open", "1").output
    far = run(*plan, "2027-09-20", "--closes", "2027-10-01T18:00")
    assert far.exit_code == 0 and "eight weeks" not in far.output
