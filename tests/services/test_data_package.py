"""Data packages: what is wrong with one is told with its place, and nothing of it is stored."""

import csv
import io
import json
import random
import zipfile

import pytest
from sqlalchemy import delete, select, update

from app.core.accounts import Permission
from app.core.data_package import DataPart, NeverExported
from app.core.errors import PublicationSealMismatch
from app.core.languages import Language, PartlyTranslatedText, Translations
from app.core.tables.errors import TableErrorCode, TableImportError
from app.services import accounts, rounds
from app.services.data_package import package
from app.services.data_package.archive import MANIFEST, pack, unpack
from app.services.data_package.plain_tables import _TABLES
from app.services.data_package.round_choice import omitted_rounds
from app.store import contacts, escalations, publications, questionnaires, seats, weights
from app.store.audit import entries
from app.store.database import Base, dry_run_session
from app.store.publication_parts import PublicationPartRow
from app.web.shared.data_parts import PERMISSIONS, part_formats_in_import_order
from app.web.shared.table_error_words import error_sentences
from app.web.staff.data_package.forms import NEVER_EXPORTED
from tests.conftest import NOON
from tests.fuzzing import damaged
from tests.services.factories import opened, plan
from tests.services.filled import REASON, filled_package


def export(session, formats=None):
    return package.export_package(session, formats or part_formats_in_import_order(), by=None, now=NOON)


def import_(session, content, formats=None):
    return package.import_package(session, content, formats or part_formats_in_import_order(), by=None, now=NOON)


def changed(content, name, change):
    """The package with one file changed; a change to None takes it out."""
    parts, files = unpack(content)
    new = change(files.get(name, b""))
    files.pop(name, None)
    return pack(parts, files if new is None else files | {name: new})


def faults(session, content):
    with pytest.raises(TableImportError) as refused:
        import_(session, content)
    session.rollback()
    assert all(error_sentences(refused.value.problems)), "every fault has a sentence"
    return {(one.file, one.row, one.column, one.fault) for one in refused.value.problems}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A package of an installation in which every part has something to tell, and the numbers of its rounds."""
    return filled_package(tmp_path_factory.mktemp("filled"))


@pytest.fixture
def content(made):
    return made[0]


def test_every_table_of_every_part_is_filled_in_these_tests(content):
    _parts, files = unpack(content)
    empty = {name for name, data in files.items() if name.endswith(".csv") and data.count(b"\r\n") < 2}
    assert empty == {"seats/supply_plan.csv"}
    assert {part.value for part in DataPart} == {name.partition("/")[0].partition(".")[0] for name in files}


def test_an_empty_installation_takes_a_package_and_exports_it_byte_for_byte(session, made):
    content, (first, second, draft) = made
    counts = import_(session, content).counts
    session.commit()
    assert {count.part: count.unchanged for count in counts if count.unchanged} == {}
    assert export(session) == content
    assert publications.replacements_by_round(session)[first].because == REASON
    assert publications.find_not_replaced(session, second).title == "Autumn, corrected"
    assert [one.round for one in publications.list_released_not_replaced(session)] == [second]
    assert [one.address for one in contacts.contacts(session, draft)] == ["a@b.example"]
    assert contacts.sender(session, draft).name == "Ää, Öö"
    assert weights.versions(session)[-1].made_by == "'=1+1"
    assert seats.find_allocation(session, 3).overrides[0].note == "=1"
    assert "own-pulse" in questionnaires.toml_by_name(session)
    assert {account.email for account in accounts.accounts(session)} >= {"k@b.example", "none@b.example"}
    assert not any(account.has_password for account in accounts.accounts(session))


# What a package never contains, by table. Tables that are made anew from others, or belong to processes, are listed
# apart; every other table is exported.
LEFT_OUT = {
    "box": NeverExported.BALLOTS, "invitation": NeverExported.BALLOTS, "comment": NeverExported.COMMENTS,
    "letter": NeverExported.LETTERS, "mail_batch": NeverExported.LETTERS, "bounce": NeverExported.LETTERS,
    "dot_vote": NeverExported.VOTES, "dot_vote_box": NeverExported.VOTES, "dot_vote_code": NeverExported.VOTES,
    "followup_word": NeverExported.ACCESS_PHRASES, "second_factor": NeverExported.SIGN_IN,
    "recovery_word": NeverExported.SIGN_IN, "one_time_link": NeverExported.SIGN_IN, "signed_in": NeverExported.SIGN_IN,
    "provider_identity": NeverExported.SIGN_IN, "sign_in_attempt": NeverExported.SIGN_IN,
    "token": NeverExported.TOKENS, "seat_task": NeverExported.WAITING, "handed_in": NeverExported.WAITING,
    "audit_entry": NeverExported.AUDIT_LOG,
}  # fmt: skip
NOT_OF_THE_DATA = {"hallmark", "job_run", "service_process", "round_unit", "round_key_share", "clock_check"}


def exported_tables(session, content):
    """Return the tables that hold something after an import into an empty installation."""
    import_(session, content)
    session.flush()
    tables = Base.metadata.tables.values()
    return {table.name for table in tables if session.execute(select(table).limit(1)).first() is not None}


def test_every_table_is_exported_or_named_as_left_out(session, content):
    found = exported_tables(session, content) | {"supply_plan"}  # none is finished in these tests
    left_out = set(LEFT_OUT) - {"audit_entry"}  # the import itself is recorded there
    assert found & (left_out | NOT_OF_THE_DATA) == set()
    assert set(Base.metadata.tables) - found - set(LEFT_OUT) - NOT_OF_THE_DATA == set()
    # An account that is closed and a calculation that waits are rows of tables that are exported otherwise.
    assert set(LEFT_OUT.values()) | {NeverExported.CLOSED_ACCOUNTS} == set(NeverExported)
    assert "closed@b.example" not in {account.email for account in accounts.accounts(session)}
    assert set(NEVER_EXPORTED) == set(NeverExported)


def test_a_second_import_changes_nothing(session, content):
    import_(session, content)
    session.commit()
    again = import_(session, content).counts
    assert [count.changed for count in again] == [0] * len(DataPart)
    assert export(session) == content


def test_the_next_round_gets_a_number_above_the_imported_ones(session, made, tmp_path):
    import_(session, made[0])
    assert opened(session, tmp_path, alder=12) > max(made[1])


def test_an_import_is_recorded_and_so_is_an_export(session, made):
    import_(session, made[0])
    export(session)
    session.commit()
    recorded = {(entry.event.value, entry.subject) for entry in entries(session, limit=None)}
    parts = ",".join(part.value for part in DataPart)
    assert ("organisations_imported", f"data package: {parts}"[:120]) in recorded
    assert ("file_exported", f"data package: {parts}"[:120]) in recorded
    assert ("round_released", f"round:{made[1][0]} imported") in recorded
    assert ("round_planned", f"round:{made[1][2]} imported") in recorded


TITLES = ("title_fi", "title_sv", "title_en")


def without_columns(data, *names):
    """A table as an earlier version wrote it, without some of its columns."""
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    kept = [place for place, name in enumerate(lines[0]) if name not in names]
    assert len(kept) == len(lines[0]) - len(names)
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([line[at] for at in kept] for line in lines)
    return text.getvalue().encode()


def test_a_package_of_before_texts_could_be_translated_is_read(session, content):
    older = changed(content, "rounds/rounds.csv", lambda data: without_columns(data, *TITLES))
    found = {fault for *_place, fault in faults(session, older)}
    assert found == {TableErrorCode.OTHER_ROUND}, "these publications say in which language their title is"
    answers = "followup/escalation.csv"
    older = changed(content, answers, lambda data: without_columns(data, "answer_translations"))
    import_(session, older)
    session.commit()
    (issue,) = escalations.escalations(session)
    assert issue.answer.text == PartlyTranslatedText("Klart.")


def test_a_table_of_rounds_without_translations_is_the_same_as_one_with_empty_cells(session):
    plan(session, title="Spring")
    session.commit()
    older = changed(export(session), "rounds/rounds.csv", lambda data: without_columns(data, *TITLES))
    counts = {count.part: (count.changed, count.unchanged) for count in import_(session, older).counts}
    assert counts[DataPart.ROUNDS] == (0, 1)


def test_translations_come_back_from_a_package(session, content, made):
    import_(session, content)
    session.commit()
    (issue,) = escalations.escalations(session)
    assert issue.answer.text.language_for(Language.FI) is Language.SV
    (released,) = publications.list_released_not_replaced(session)
    assert released.title_translations == Translations(fi="", sv="", en="Autumn, corrected")
    assert rounds.get_round(session, made[1][1]).title_translations == released.title_translations


def test_a_title_that_is_not_among_its_translations_is_refused(session, content):
    swapped = changed(content, "rounds/rounds.csv", lambda data: data.replace(b"Next spring;survey", b"Other;survey"))
    assert (("rounds/rounds.csv", 4, "title", TableErrorCode.UNKNOWN_WORD)) in faults(session, swapped)


def test_a_trial_stores_nothing(app, session, content):
    with dry_run_session() as trial:
        assert import_(trial, content).counts
    assert rounds.rounds(session) == () and accounts.accounts(session) == () and entries(session) == ()


def test_open_rounds_and_unreleased_results_stay_where_they_are(session, tmp_path):
    number = opened(session, tmp_path, alder=12)
    assert [one.id for one in omitted_rounds(session)] == [number]
    _parts, files = unpack(export(session))
    assert [name for name in files if name.startswith("rounds/")] == ["rounds/rounds.csv"]
    assert files["rounds/rounds.csv"].count(b"\r\n") == 1


def test_rounds_go_only_into_an_installation_without_other_rounds(session, content, tmp_path):
    opened(session, tmp_path, alder=12)
    session.commit()
    assert faults(session, content) == {("rounds/rounds.csv", 0, "", TableErrorCode.HAS_OWN_ROUNDS)}


def test_a_changed_publication_is_refused_by_its_checksum(session, made):
    name = f"rounds/{made[1][1]}/publication.json"
    bad = changed(made[0], name, lambda data: data.replace(b'"counted":37', b'"counted":38'))
    assert bad != made[0]
    assert faults(session, bad) == {(name, 0, "", TableErrorCode.CHECKSUM_DIFFERS)}
    assert rounds.rounds(session) == ()


def swap(files, numbers, what):
    """Give the second round what the first one has."""
    return files | {f"rounds/{numbers[1]}/{what}.json": files[f"rounds/{numbers[0]}/{what}.json"]}


def test_results_of_another_round_are_refused(session, made):
    content, numbers = made
    parts, files = unpack(content)
    both = swap(swap(files, numbers, "publication"), numbers, "certificate")
    found = faults(session, pack(parts, both))
    assert found == {(f"rounds/{numbers[1]}/publication.json", 0, "", TableErrorCode.OTHER_ROUND)}


def test_boundaries_of_other_communities_are_refused(session, made):
    name = f"rounds/{made[1][1]}/boundaries.json"
    bad = changed(made[0], name, lambda data: data.replace(b'"id": "birch"', b'"id": "bird"'))
    assert {fault for *_place, fault in faults(session, bad)} == {TableErrorCode.OTHER_ROUND}


CELLS = [
    ("people.csv", b"principal;town;alder", b"principal;town;elder", 6, "community", TableErrorCode.NO_PLACE),
    ("people.csv", b";trustee;", b";ruler;", 4, "role", TableErrorCode.UNKNOWN_WORD),
    ("communities.csv", b";school;", b";castle;", 3, "kind", TableErrorCode.UNKNOWN_WORD),
    ("courses.csv", b";12,5;", b";dear;", 2, "price_eur", TableErrorCode.NOT_A_NUMBER),
    ("rounds/rounds.csv", b";draft;", b";open;", 4, "state", TableErrorCode.UNKNOWN_WORD),
    ("rounds/rounds.csv", b"Next spring;survey", b"Next spring;poll", 4, "kind", TableErrorCode.UNKNOWN_WORD),
    ("rounds/rounds.csv", b"Next spring", b"autumn", 4, "title", TableErrorCode.REPEATED),
    ("contacts/3.csv", b"alder;", b"elder;", 2, "community", TableErrorCode.NO_SUCH_COMMUNITY),
    ("support/support.csv", b";shop_steward;", b";king;", 2, "who", TableErrorCode.UNKNOWN_WORD),
    ("support/support.csv", b"town;", b"city;", 2, "municipality_id", TableErrorCode.UNKNOWN_WORD),
    ("support/shared_staff.csv", b";k@b.example;", b";x@b.example;", 2, "account_id", TableErrorCode.UNKNOWN_WORD),
    ("support/shared_staff.csv", b";kitchen;", b";garden;", 2, "", TableErrorCode.ROW_REFUSED),
    ("support/shared_staff.csv", b"alder;", b";", 2, "community_id", TableErrorCode.MISSING),
    ("other_surveys/other_survey.csv", b";town;", b";city;", 2, "municipality_id", TableErrorCode.UNKNOWN_WORD),
    ("other_surveys/other_survey.csv", b"2027-01-31", b"2027-01-01", 2, "", TableErrorCode.ROW_REFUSED),
    ("other_surveys/scale_match.csv", b";high;", b";up;", 2, "", TableErrorCode.ROW_REFUSED),
    ("weights/weights_version.csv", b'"numbers""', b'"numbers', 2, "content", TableErrorCode.NOT_JSON),
    ("seats/seat_wish.csv", b";2;1;", b";two;1;", 2, "seats", TableErrorCode.NOT_A_NUMBER),
    ("seats/seat_wish.csv", b";2;1;", b";;1;", 2, "seats", TableErrorCode.MISSING),
    ("seats/seat_unsuitable_day.csv", b"2027-01-31", b"2027-02-31", 2, "day", TableErrorCode.NOT_A_DATE),
    ("seats/course_participation.csv", b";yes;", b";perhaps;", 2, "took_part", TableErrorCode.UNKNOWN_WORD),
    ("seats/seat_use.csv", b"2026-", b"2o26-", 2, "at", TableErrorCode.NOT_A_MOMENT),
    ("seats/seat_use.csv", b";12;11;", b";12;13;", 2, "", TableErrorCode.ROW_REFUSED),
    ("followup/plan.csv", b"'+1", b"+\x00", 2, "note", TableErrorCode.UNPRINTABLE),
    ("followup/plan.csv", b"'+1", b"a" * 501, 2, "note", TableErrorCode.TOO_LONG),
    ("followup/plan_action.csv", b";alder;", b";birch;", 2, "", TableErrorCode.ROW_REFUSED),
]


@pytest.mark.parametrize(("name", "good", "bad", "row", "column", "fault"), CELLS)
def test_a_bad_cell_is_told_with_file_row_and_column_and_nothing_is_stored(
    session, content, name, good, bad, row, column, fault
):
    spoilt = changed(content, name, lambda data: data.replace(good, bad))
    assert spoilt != content
    assert (name, row, column, fault) in faults(session, spoilt)
    assert rounds.rounds(session) == () and accounts.accounts(session) == () and entries(session) == ()


@pytest.mark.parametrize("table", [name for tables in _TABLES.values() for name in tables if name != "supply_plan"])
def test_a_row_twice_or_stored_with_other_content_is_told(session, content, table):
    (part,) = [part for part, tables in _TABLES.items() if table in tables]
    name = f"{part}/{table}.csv"
    twice = changed(content, name, lambda data: data + data.split(b"\r\n", 1)[1])
    assert {fault for _file, _row, _column, fault in faults(session, twice)} == {TableErrorCode.REPEATED}
    without = changed(content, name, lambda data: None)
    assert {fault for *_place, fault in faults(session, without)} == {TableErrorCode.PACKAGE_FILE_MISSING}


def test_what_is_stored_with_other_content_is_not_replaced(session, content):
    import_(session, content)
    session.commit()
    other = changed(content, "support/shared_staff.csv", lambda data: data.replace(b"'-Kim", b"Alex"))
    place = ("support/shared_staff.csv", 2, "community_id", TableErrorCode.STORED_DIFFERENTLY)
    assert faults(session, other) == {place}
    assert export(session) == content


READABLE_JSON = [
    ("weights", "weights_version", b'""numbers""', b'""figures""'),
    ("seats", "allocation", b'""shares""', b'""parts""'),
]


@pytest.mark.parametrize(("part", "table", "good", "bad"), READABLE_JSON)
def test_json_of_another_shape_is_refused_before_a_page_meets_it(session, content, part, table, good, bad):
    spoilt = changed(content, f"{part}/{table}.csv", lambda data: data.replace(good, bad))
    assert spoilt != content
    assert faults(session, spoilt) == {("", 0, "", TableErrorCode.CONTENT_UNREADABLE)}


def test_a_questionnaire_that_was_changed_is_refused(session, content):
    _parts, files = unpack(content)
    name = next(name for name in files if name.startswith("questionnaires/used/"))
    bad = changed(content, name, lambda data: data.replace(b"Question 1.", b"Question one."))
    assert faults(session, bad) == {(name, 0, "", TableErrorCode.CHECKSUM_DIFFERS)}
    broken = changed(content, name, lambda data: data[: len(data) // 2] + b"\n[[[")
    assert {fault for *_place, fault in faults(session, broken)} == {TableErrorCode.QUESTIONNAIRE_INVALID}
    latin = changed(content, name, lambda data: data.replace("ö".encode(), "ö".encode("latin-1")))
    assert {fault for *_place, fault in faults(session, latin)} == {TableErrorCode.QUESTIONNAIRE_INVALID}
    own = changed(content, "questionnaires/completed/own-pulse.toml", lambda data: b'key = "karasek"\n' + data)
    assert {fault for *_place, fault in faults(session, own)} == {TableErrorCode.QUESTIONNAIRE_INVALID}


@pytest.mark.parametrize("change", [update(PublicationPartRow).values(content="{}"), delete(PublicationPartRow)])
def test_results_that_do_not_match_their_seal_are_not_exported(session, made, change):
    content, (first, *_others) = made
    import_(session, content)
    session.execute(change.where(PublicationPartRow.round_id == first))
    with pytest.raises(PublicationSealMismatch, match=f"round {first} does not match its seal"):
        export(session)


def test_parts_that_a_role_may_not_import_are_refused_and_named(session, content):
    allowed = [
        one for one in part_formats_in_import_order() if PERMISSIONS.get(one.part) is Permission.EDIT_ORGANISATIONS
    ]
    with pytest.raises(TableImportError) as refused:
        import_(session, content, allowed)
    named = {(one.fault, one.value) for one in refused.value.problems}
    others = set(DataPart) - {one.part for one in allowed}
    assert named == {(TableErrorCode.PART_NOT_PERMITTED, part.value) for part in others}
    parts, _files = unpack(export(session, allowed))
    assert parts == (DataPart.COMMUNITIES, DataPart.SUPPORT, DataPart.OTHER_SURVEYS)


def zipped(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, data in files.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), data)
    return content.getvalue()


NO_PACKAGES = {
    "nothing": b"",
    "text": b"email;name\r\n",
    "another ZIP": zipped(a_txt="x"),
    "no JSON": zipped(package_json="x"),
    "a list": zipped(package_json="[]"),
    "no parts": zipped(package_json='{"format": 1}'),
    "parts as a number": zipped(package_json='{"format": 1, "parts": 3}'),
    "deep JSON": zipped(package_json="[" * 100_000),
}


@pytest.mark.parametrize("bad", NO_PACKAGES.values(), ids=NO_PACKAGES.keys())
def test_what_is_no_package_is_told(session, bad):
    assert {fault for *_place, fault in faults(session, bad)} == {TableErrorCode.NO_PACKAGE}


def test_a_later_format_an_unknown_part_and_stray_files_are_told(session, content):
    later = zipped(package_json='{"format": 2, "parts": []}')
    assert {fault for *_place, fault in faults(session, later)} == {TableErrorCode.PACKAGE_FORMAT}
    unknown = zipped(package_json='{"format": 1, "parts": ["ballots"]}')
    assert {fault for *_place, fault in faults(session, unknown)} == {TableErrorCode.PACKAGE_FILE_UNKNOWN}
    for name in ("people.csv.exe", "rounds/9/publication.json", "contacts/99.csv", "questionnaires/used/x.toml"):
        stray = changed(content, name, lambda _data: b"x")
        assert faults(session, stray), name
    for name in ("../people.csv", "/people.csv", "people.csv\\..\\x"):
        _parts, files = unpack(content)
        assert {fault for *_place, fault in faults(session, pack(DataPart, files | {name: b""}))} == {
            TableErrorCode.PACKAGE_FILE_UNKNOWN
        }


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_early(session):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(MANIFEST, json.dumps({"format": 1, "parts": ["people"]}))
        with target.open("people.csv", "w", force_zip64=True) as stream:
            for _ in range(200):
                stream.write(bytes(1_000_000))
    assert len(packed.getvalue()) < 300_000
    assert {fault for *_place, fault in faults(session, packed.getvalue())} == {TableErrorCode.TOO_BIG}


def test_a_package_damaged_at_random_is_read_or_refused(session, content):
    chance = random.Random(18)
    parts, files = unpack(content)
    for _ in range(120):
        name = chance.choice(sorted(files))
        damage = pack(parts, files | {name: damaged(files[name], chance)})
        try:
            import_(session, damage)
        except TableImportError as refused:
            assert all(len(line) < 1500 for line in error_sentences(refused.problems))
        session.rollback()
