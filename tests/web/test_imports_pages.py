"""Answers gathered elsewhere, counted in the browser: tried first, stored whole or not at all, and never kept."""

import base64
import io
import re
import zlib

import pytest
from sqlalchemy import inspect, text

from app.config import ROOT
from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.core.instruments import parse
from app.core.rounds import RoundState
from app.store import audit, publications, rounds
from app.store.database import database
from app.web.staff.imports.forms import InvalidPackedFiles, PackedFilesTooLarge, pack_files, unpack_files
from tests.services import limesurvey
from tests.services.test_limesurvey import structure
from tests.web.page_checks import audit as accessibility_faults
from tests.web.staff_client import signed_in

CLIMATE = (ROOT / "docs" / "examples" / "climate.toml").read_text(encoding="utf-8")
ITEMS = parse(CLIMATE, name="climate").item_ids
MARK = "4711-marked-answer"
HEAD = "community,group," + ",".join(ITEMS)
TWELVE = "\n".join([HEAD, *["pine,," + ",".join(["3"] * 14 + ["1"] * 5)] * 12])
LONG = "\n".join(["respondent,community,group,item,value", *[f"p{n},pine,,{ITEMS[0]},{n % 5 + 1}" for n in range(12)]])
INVITED = "community,municipality,invited\npine,town,15"


@pytest.fixture
def coordinator(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def try_files(client, *, address="/staff/imports/", **changed):
    fields = {
        "title_en": "Paper round",
        "opened": "2026-09-01",
        "closed": "2026-09-30",
        "instrument": "",
        "questionnaire": CLIMATE,
        "answers": TWELVE,
        "invited": INVITED,
        "create": "y",
    }
    sent = {name: value for name, value in (fields | changed).items() if value is not None}
    for name in ("questionnaire", "answers", "invited", "structure"):
        if isinstance(sent.get(name), str):
            sent[name] = sent[name].encode()
        if name in sent:
            sent[name] = (io.BytesIO(sent[name]), f"{name}.file")
    return client.post(address, data=sent)


def stored():
    tables = ("round", "publication", "community", "municipality", "instrument", "handed_in")
    found = {one: database.session().execute(text(f'select count(*) from "{one}"')).scalar() for one in tables}
    database.session().rollback()
    return found


def carried_by(page):
    return re.search(r'name="files" value="([^"]+)"', page.text)[1]


@pytest.mark.parametrize("answers", [TWELVE, LONG], ids=["one row per respondent", "one row per answer"])
def test_files_are_tried_then_counted_and_wait_for_their_release(coordinator, answers):
    before = stored()
    page = try_files(coordinator, answers=answers)
    assert page.status_code == 200, page.text
    assert "Nothing has been stored yet" in page.text and "pine" in page.text
    assert stored() == before
    done = coordinator.post("/staff/imports/count", data={"files": carried_by(page)})
    assert done.status_code == 302
    (made,) = rounds.rounds(database.session())
    assert (made.title, made.state) == ("Paper round", RoundState.COUNTED)
    assert publications.find_including_replaced(database.session(), made.id).counted == 12
    assert AuditEvent.ROUND_COUNTED in {one.event for one in audit.entries(database.session())}


def test_the_result_is_the_one_that_the_shell_would_give(coordinator):
    page = try_files(coordinator)
    coordinator.post("/staff/imports/count", data={"files": carried_by(page)})
    publication = publications.find_including_replaced(database.session(), rounds.rounds(database.session())[0].id)
    means = {one.measure: one.mean for one in publication.figures if one.cell.unit == "pine"}
    assert means == {"LEAD": 50, "TSIG": 50, "HOSTIL": 27}  # at most 27, of twelve answers


def test_no_answer_is_kept_anywhere_by_trying_or_counting(coordinator):
    marked = TWELVE.replace("pine,,", f"pine,{MARK},", 1)
    refused = try_files(coordinator, answers=marked)
    assert refused.status_code == 422 and MARK in refused.text
    page = try_files(coordinator)
    coordinator.post("/staff/imports/count", data={"files": carried_by(page)})
    session = database.session()
    row = ",".join(["3"] * 14 + ["1"] * 5)
    for table in inspect(session.get_bind()).get_table_names():
        everything = repr(session.execute(text(f'select * from "{table}"')).all())
        assert MARK not in everything and row not in everything, table
    assert stored()["handed_in"] == 0


def test_every_bad_row_of_both_files_is_named_and_nothing_is_stored(coordinator):
    before = stored()
    page = try_files(
        coordinator,
        answers=TWELVE + "\nfir" + "," * 20 + ",5",
        invited="community,municipality,invited\npine,town,none",
    )
    assert page.status_code == 422 and "Nothing was stored" in page.text
    assert "answers.file, row 14: 22 cells, but only 21 fit" in page.text
    page = try_files(
        coordinator, answers=TWELVE.replace("pine,,3", "pine,,9", 1), invited=INVITED.replace("15", "none")
    )
    assert "answers.file, row 2, column LEAD01: “9” is not an option" in page.text
    assert "invited.file, row 2, column invited: “none” is not a whole number" in page.text
    assert stored() == before


def test_faults_are_told_in_the_readers_language(app):
    client = signed_in(app, Grant(Role.COORDINATOR), language="fi")
    page = try_files(client, invited=INVITED.replace("15", "none"))
    assert "invited.file, rivi 2, sarake invited: ”none” ei ole kokonaisluku" in page.text


def test_unknown_communities_are_refused_unless_they_may_be_registered(coordinator):
    assert "is not registered" in try_files(coordinator, create=None).text


def test_a_questionnaire_that_departs_from_its_published_key_is_refused(coordinator):
    wrong = (ROOT / "surveys" / "keys" / "who_5.toml").read_text(encoding="utf-8").replace("first = 0", "first = 1")
    page = try_files(coordinator, questionnaire=wrong)
    assert page.status_code == 422 and "numbered 1, 2, 3, 4, 5, 6" in page.text


def test_a_published_key_can_count_answers_without_its_sentences(coordinator):
    answers = "\n".join(["community,q1,q2,q3,q4,q5", *["pine,3,2,3,2,2"] * 24])
    page = try_files(
        coordinator, instrument="who_5", questionnaire=None, answers=answers, invited=INVITED.replace("15", "30")
    )
    coordinator.post("/staff/imports/count", data={"files": carried_by(page)})
    publication = publications.find_including_replaced(database.session(), rounds.rounds(database.session())[0].id)
    assert {one.mean for one in publication.figures if one.cell.unit == "pine"} == {50}  # 48, to the nearest nine


def test_without_a_questionnaire_or_with_days_in_the_wrong_order_the_form_says_so(coordinator):
    page = try_files(coordinator, questionnaire=None, opened="2026-10-01")
    assert page.status_code == 422
    assert "Choose a questionnaire from the list or upload its file." in page.text
    assert "The last day is before the first." in page.text


def test_what_no_page_carried_is_refused(coordinator):
    for files in (
        "",
        "nonsense",
        pack_files({"title_en": "No files"}),
        pack_files({"instrument": "who_5", "opened": "never"}),
    ):
        assert coordinator.post("/staff/imports/count", data={"files": files}).status_code == 400
    with pytest.raises(InvalidPackedFiles):
        unpack_files("bm90IHBhY2tlZA==")
    with pytest.raises(InvalidPackedFiles):
        unpack_files(base64.b64encode(zlib.compress(b"[" * 5000)).decode())


def test_a_page_carries_what_it_was_given_and_no_more_than_it_can():
    assert unpack_files(pack_files({"answers": "åäö\x00"})) == {"answers": "åäö\x00"}
    with pytest.raises(PackedFilesTooLarge):
        pack_files({"answers": "".join(chr(33 + n * n % 90) + str(n) for n in range(400_000))})


@pytest.mark.parametrize("grant", [Grant(Role.PRINCIPAL, "south", "pine"), Grant(Role.COORDINATOR, "north")])
def test_only_who_answers_for_the_whole_region_may_count_answers_from_elsewhere(app, grant):
    client = signed_in(app, grant)
    assert try_files(client).status_code == 403
    for address in ("/staff/imports/count", "/staff/imports/structure/questionnaire.toml"):
        assert client.post(address, data={"files": ""}).status_code == 403


def test_a_limesurvey_structure_becomes_a_questionnaire_with_its_directions(coordinator):
    page = try_files(coordinator, address="/staff/imports/structure/", structure=limesurvey.new())
    assert page.status_code == 200 and "I have a say" in page.text
    made = coordinator.post(
        "/staff/imports/structure/questionnaire.toml",
        data={"files": carried_by(page), "bad": ["scale_mood"], "reversed": ["control_SQ002"]},
    )
    instrument = parse(made.text, name="made")
    assert "check" not in made.text
    assert {scale.id: scale.polarity.value for scale in instrument.scales} == {
        "scale_control": "high_is_good",
        "scale_mood": "high_is_bad",
    }
    assert instrument.scale("scale_control").reversed == {"control_SQ002"}


OPTIONS = ("Disagree", "No opinion at all", "Agree", "Cannot say")


def ask_about(coordinator, *options):
    content = structure(("W", "F", "I can plan my day", options))
    return try_files(coordinator, address="/staff/imports/structure/", structure=content)


def ticked(page):
    return re.findall(r'name="no_answer_scale_W" value="(\w+)" checked', page.text)


def write_questionnaire(coordinator, page, **fields):
    sent = {"files": carried_by(page), "asked_no_answers": "1", **fields}
    return coordinator.post("/staff/imports/structure/questionnaire.toml", data=sent)


def test_answers_that_are_no_step_are_shown_and_confirmed(coordinator):
    page = ask_about(coordinator, *OPTIONS)
    assert ticked(page) == ["A4"]
    assert "“Cannot say” counts as not answered" in page.text
    labels = {
        chosen: [option.label.en for option in parse(made.text, name="made").item("W_1").options]
        for chosen in ((), ("A4",), ("A2", "A4"))
        for made in [write_questionnaire(coordinator, page, no_answer_scale_W=list(chosen))]
    }
    assert labels == {(): [*OPTIONS], ("A4",): [*OPTIONS[:3]], ("A2", "A4"): ["Disagree", "Agree"]}


def test_a_page_of_an_earlier_version_leaves_it_to_the_words(coordinator):
    page = ask_about(coordinator, *OPTIONS)
    made = coordinator.post("/staff/imports/structure/questionnaire.toml", data={"files": carried_by(page)})
    assert len(parse(made.text, name="made").item("W_1").options) == 3


def test_ticks_that_leave_no_scale_are_named_and_kept(coordinator):
    page = ask_about(coordinator, *OPTIONS)
    again = write_questionnaire(coordinator, page, no_answer_scale_W=["A1", "A2", "A4"], bad="scale_W")
    assert again.status_code == 422 and "W: a scale has 2 to 11 steps." in again.text
    assert ticked(again) == ["A1", "A2", "A4"] and 'value="scale_W" checked' in again.text
    assert not accessibility_faults(again)
    many = ask_about(coordinator, *(f"Step {number}" for number in range(11)), "Cannot say")
    assert "W: a scale has 2 to 11 steps." in write_questionnaire(coordinator, many).text


def test_the_check_before_counting_names_answers_that_count_as_not_answered(coordinator):
    content = structure(("W", "F", "I can plan my day", OPTIONS))
    made = write_questionnaire(coordinator, ask_about(coordinator, *OPTIONS), no_answer_scale_W=["A2", "A4"])
    rows = ["id,submitdate,W[1],where", *[f"{n},1980-01-01 00:00:00,A{n % 4 + 1},pine" for n in range(24)]]
    page = try_files(
        coordinator, questionnaire=made.text, structure=content, answers="\n".join(rows),
        invited="community,municipality,invited\npine,town,30", community_question="where",
    )  # fmt: skip
    assert page.status_code == 200, page.text
    listed = page.text[page.text.index("Answers that count as not answered") :]
    assert "W: No opinion at all" in listed and "W: Cannot say" in listed and "W: Agree" not in listed
    coordinator.post("/staff/imports/count", data={"files": carried_by(page)})
    publication = publications.find_including_replaced(database.session(), rounds.rounds(database.session())[0].id)
    assert (
        publication.scale_figures_in(publication.region_cell)[0].mean == 50
    )  # six each of the lowest and of the highest


def test_limesurvey_responses_are_counted_with_it(coordinator):
    page = try_files(coordinator, address="/staff/imports/structure/", structure=limesurvey.new())
    made = coordinator.post("/staff/imports/structure/questionnaire.toml", data={"files": carried_by(page)}).text
    rows = ["id,submitdate,control[SQ001],control[SQ002],mood,where"]
    rows += [f"{n},1980-01-01 00:00:00,A1,Agree,5,pine" for n in range(12)] + ["99,,A1,A1,1,fir"]
    page = try_files(
        coordinator,
        questionnaire=made,
        structure=limesurvey.new(),
        answers="\n".join(rows),
        invited="community,municipality,invited\nMännikön koulu,town,14",
        community_question="where",
    )
    assert page.status_code == 200, page.text
    coordinator.post("/staff/imports/count", data={"files": carried_by(page)})
    publication = publications.find_including_replaced(database.session(), rounds.rounds(database.session())[0].id)
    assert publication.counted == 12
    assert publication.scale_figures_in(publication.region_cell)[0].mean == 50


def test_a_structure_that_cannot_be_read_is_refused(coordinator):
    page = try_files(coordinator, address="/staff/imports/structure/", structure=b"<html/>")
    assert page.status_code == 422 and "not a LimeSurvey survey structure" in page.text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_pages_exist_in_every_language(app, language):
    client = signed_in(app, Grant(Role.COORDINATOR), language=language)
    for address in ("/staff/imports/", "/staff/imports/structure/", "/staff/questionnaires/"):
        page = client.get(address)
        assert page.status_code == 200 and f'<html lang="{language}">' in page.text
