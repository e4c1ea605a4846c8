"""Files as people and other programs really write them, handed to the commands: each gives the right outcome."""

import unicodedata

import pytest

from app.core.catalogue.table_reader import HEADER
from app.core.rounds import RoundState
from app.services import accounts, catalogue, organisations
from app.store import publications, rounds
from app.store.database import database
from tests.services import limesurvey
from tests.workbooks import formats, row, workbook

PLACES = "region;municipality_id;municipality;community_id;community;kind;teachers"
DATES = ["--title", "Other tool", "--opened", "2026-09-01", "--closed", "2026-09-14"]
NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.fixture
def run(app, tmp_path):
    """Give a verb files by name and what is in them; the other words go as they are."""

    def invoke(*words, **files):
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(raw)
        given = [str(tmp_path / word) if word in files else word for word in words]
        database.session.remove()
        return app.test_cli_runner().invoke(args=given)

    return invoke


def places(*lines):
    return "\n".join([PLACES, *lines]) + "\n"


def names():
    return [one.name for one in organisations.communities(database.session())]


def identifiers():
    listed = organisations.communities(database.session())
    return sorted({one.municipality for one in listed}), sorted(one.id for one in listed)


TWO_VILLAGES = places(
    "R;m1;Town A;a-village;Village school;school;40",
    "R;m2;Town B;b-village;Village school;school;40",
)
ITEMS = ["control_heard", "demands_time", "resources_help", "practices_kept", "leadership_acts", "wellbeing_energy"]
ITEMS += ["change_noticed", "change_helped"]


def answers(*communities, value="1", header="community"):
    return "\n".join([",".join([header, "group", *ITEMS]), *(f"{one},,{','.join([value] * 8)}" for one in communities)])


def bring(run, answered, invited, *more):
    files = {"answers.csv": answered, "invited.csv": invited}
    return run(
        "answers", "import", "answers.csv", "--instrument", "surveys/pulse.toml", "--invited", "invited.csv",
        *DATES, *more, **files,
    )  # fmt: skip


def test_answers_of_a_name_that_two_communities_bear_are_refused(run, monkeypatch):
    assert run("organisations", "import", "c.csv", **{"c.csv": TWO_VILLAGES}).exit_code == 0
    both = "community,municipality,invited\na-village,m1,40\nb-village,m2,40\n"
    result = bring(run, answers(*["Village school"] * 30), both)
    assert result.exit_code == 1
    assert (
        "Several communities are called “Village school”. Write the community_id instead. (in 30 rows)" in result.output
    )
    assert not rounds.rounds(database.session())
    only_one = "community,municipality,invited\na-village,m1,40\n"
    assert "Several communities" in bring(run, answers(*["village  SCHOOL"] * 30), only_one).output
    assert bring(run, answers(*["a-village"] * 15, *["b-village"] * 15), both).exit_code == 0


def test_an_invited_name_that_two_bear_is_told_apart_by_its_municipality(run):
    run("organisations", "import", "c.csv", **{"c.csv": TWO_VILLAGES})
    invited = "community,municipality,invited\nVillage school,Town A,40\nVillage school,Town B,40\n"
    assert bring(run, answers(*["a-village"] * 15), invited).exit_code == 0
    (round_,) = rounds.rounds(database.session())
    assert {unit.id for unit in round_.boundaries.units} == {"a-village", "b-village"}


@pytest.mark.parametrize(
    "written",
    [
        unicodedata.normalize("NFD", "Mäkelän koulu"),
        f"Mäkelän{NO_BREAK}koulu",
        "Mäkelän  koulu",
        "MÄKELÄN KOULU",
        "Mä\N{SOFT HYPHEN}kelän koulu\N{ZERO WIDTH SPACE}",
    ],
    ids=["NFD", "no-break space", "two blanks", "capitals", "invisible"],
)
def test_a_name_is_recognised_however_it_is_written(run, written):
    assert (
        run(
            "organisations", "import", "c.csv", **{"c.csv": places("R;m1;Äänekoski;c1;Mäkelän koulu;school;40")}
        ).exit_code
        == 0
    )
    invited = f"community,municipality,invited\n{written},{unicodedata.normalize('NFD', 'Äänekoski')},40\n"
    result = bring(run, answers(*[written.upper()] * 12), invited)
    assert result.exit_code == 0, result.output
    people = f"email,name,role,community\np1@town.example,Kim,principal,{written}\n"
    result = run("people", "import", "p.csv", **{"p.csv": people})
    assert result.exit_code == 0, result.output
    assert accounts.find_account_by_email(database.session(), "p1@town.example").grants[0].community == "c1"


def test_names_of_one_table_in_two_forms_are_one_name(run):
    decomposed = unicodedata.normalize("NFD", "Äänekoski")
    table = places("R;m1;Äänekoski;c1;School A;school;40", f"R;m1;{decomposed};c2;School  B;school;40")
    assert run("organisations", "import", "c.csv", **{"c.csv": table}).exit_code == 0
    assert names() == ["School A", "School B"]


CODES = [(number, code) for number, code in enumerate(["01234", "00567", "12345"])]
AS_TEXT = places(*(f"R;091;Town;{code};School {number};school;40" for number, code in CODES))


def as_numbers(town, school):
    rows = row(1, *PLACES.split(";"))
    for number, code in CODES:
        line = number + 2
        cells = [
            "R",
            f'<c r="B{line}" s="{town}"><v>91</v></c>',
            "Town",
            f'<c r="D{line}" s="{school}"><v>{int(code)}</v></c>',
        ]
        rows += row(line, *cells, f"School {number}", "school", 40)
    return workbook(rows, styles=formats("000", "00000", "General"))


def test_identifiers_that_are_shown_with_zeros_are_the_same_identifiers(run):
    assert run("organisations", "import", "c.csv", **{"c.csv": AS_TEXT}).exit_code == 0
    result = run("organisations", "import", "c.xlsx", **{"c.xlsx": as_numbers(0, 1)})
    assert "0 new, 0 changed, 3 as before" in result.output
    assert identifiers() == (["091"], ["00567", "01234", "12345"])


@pytest.mark.parametrize("file", [as_numbers(2, 2), AS_TEXT.replace("091", "91").replace(";0", ";").replace(";0", ";")])
def test_an_identifier_that_lost_its_zeros_makes_no_second_region(run, file):
    assert run("organisations", "import", "c.csv", **{"c.csv": AS_TEXT}).exit_code == 0
    result = run("organisations", "import", "c.file", **{"c.file": file})
    assert result.exit_code == 1
    assert "Row 2, column municipality_id: “91” looks like “091”" in result.output
    assert "Row 2, column community_id: “1234” looks like “01234”" in result.output
    assert identifiers() == (["091"], ["00567", "01234", "12345"])


def test_identifiers_that_look_alike_within_one_table_are_named(run):
    table = places(
        "R;m1;Town;K1;A;school;40",
        "R;m1;Town;k1;B;school;40",
        "R;m1;Town;1E5;C;school;40",
        "R;m1;Town;100000;D;school;40",
    )
    result = run("organisations", "import", "c.csv", **{"c.csv": table})
    assert "“k1” looks like “K1”" in result.output and "“100000” looks like “1E5”" in result.output


def test_an_identifier_that_became_a_date_is_named(run):
    cells = ["R", "m1", "Town", '<c r="D2" s="0"><v>46388</v></c>', "A", "school", 40]
    file = workbook(row(1, *PLACES.split(";")) + row(2, *cells), styles=formats("mmm\\.yy"))
    result = run("organisations", "import", "c.xlsx", **{"c.xlsx": file})
    assert "Row 2, column community_id: The spreadsheet has turned this identifier into a date" in result.output


COURSE = {
    "external_id": "K1", "title_fi": "Kurssi", "area": "wellbeing", "dimensions": "demands:2", "target": "work",
    "audience": "everyone", "evidence_grade": "A", "languages": "fi", "provider": "X",
}  # fmt: skip


def courses(**cells):
    told = COURSE | cells
    columns = [column for column in HEADER if column != "updated_at"]
    quoted = ['"' + told.get(column, "").replace('"', '""') + '"' for column in columns]
    return ";".join(columns) + "\r\n" + ";".join(quoted) + "\r\n"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (f"Koulutus maksaa 100{NO_BREAK}€, klo{NO_BREAK}9–15.", f"Koulutus maksaa 100{NO_BREAK}€, klo{NO_BREAK}9–15."),
        ("Hyvinvointi\N{SOFT HYPHEN}koulutus", "Hyvinvointi\N{SOFT HYPHEN}koulutus"),
        ("https://x.example/\N{ZERO WIDTH SPACE}course", "https://x.example/\N{ZERO WIDTH SPACE}course"),
        ("Welcome 👩\N{ZERO WIDTH JOINER}🏫", "Welcome 👩\N{ZERO WIDTH JOINER}🏫"),
        ("One\N{LINE SEPARATOR}two\N{PARAGRAPH SEPARATOR}three\r\nfour\rfive", "One\ntwo\nthree\nfour\nfive"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}Pa\u0308iva\u0308", "Päivä"),
    ],
    ids=["no-break space", "soft hyphen", "zero width", "emoji", "line ends", "mark and NFD"],
)
def test_texts_are_taken_as_people_write_them(run, written, stored):
    result = run("catalogue", "import", "c.csv", **{"c.csv": courses(description_fi=written)})
    assert result.exit_code == 0, result.output
    (course,) = catalogue.courses(database.session())
    assert course.description.fi == stored


def test_a_name_loses_what_nobody_sees(run):
    run(
        "catalogue",
        "import",
        "c.csv",
        **{"c.csv": courses(title_fi="Työ\N{SOFT HYPHEN}\N{NARROW NO-BREAK SPACE} ja\tlepo ")},
    )
    (course,) = catalogue.courses(database.session())
    assert course.title.fi == "Työ ja lepo"


def test_a_character_that_cannot_be_shown_is_named_with_its_place(run):
    result = run("catalogue", "import", "c.csv", **{"c.csv": courses(description_fi="Hyvä\x07 kurssi")})
    assert "Row 2, column description_fi: Character 5 of the text (U+0007) cannot be shown" in result.output


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonld"])
@pytest.mark.parametrize(
    "text", ["First\r\n\r\nsecond", "_x000D_ as written", "a\rb", "=1+1", "'quoted", "tab\tinside"]
)
def test_an_export_of_several_paragraphs_changes_nothing(run, tmp_path, kind, text):
    assert run("catalogue", "import", "c.csv", **{"c.csv": courses(description_fi=text)}).exit_code == 0
    before = catalogue.courses(database.session())
    file = tmp_path / f"export.{kind}"
    assert run("catalogue", "export", "--format", kind, "--output", str(file)).exit_code == 0
    result = run("catalogue", "import", str(file))
    assert "0 new, 0 changed, 1 as before" in result.output
    assert catalogue.courses(database.session()) == before


def test_people_with_control_characters_and_long_names_are_refused_with_their_place(run):
    table = 'email,name,role\np1@town.example,"Kim\nKoski",coordinator\np2@town.example,Ma\0ija,coordinator\n'
    table += f"p3@town.example,{'M' * 400},coordinator\n"
    result = run("people", "import", "p.csv", **{"p.csv": table})
    assert result.exit_code == 1
    assert "p.csv, row 3, column name: Character 3 of the text (U+0000) cannot be shown" in result.output
    assert "p.csv, row 4, column name: The text is too long. Shorten it to 120 characters" in result.output
    assert not accounts.accounts(database.session())
    assert (
        run(
            "people",
            "import",
            "p.csv",
            **{"p.csv": table.splitlines()[0] + '\np1@town.example,"Kim\nKoski",coordinator\n'},
        ).exit_code
        == 0
    )
    assert run("people", "list").output.count("\n") == 1  # the line end within the name has become a blank


@pytest.mark.parametrize("name", ["Ma\x07ija", "M" * 121, " \N{ZERO WIDTH SPACE}"])
def test_one_person_is_checked_like_a_table_of_them(run, name):
    result = run("people", "add", "p1@town.example", "--name", name, "--role", "coordinator")
    assert result.exit_code == 2 and not accounts.accounts(database.session())
    assert (
        run("round", "plan", name, "--instrument", "pulse", "--opens", "2026-12-01", "--closes", "2026-12-09").exit_code
        == 2
    )


@pytest.mark.parametrize(
    "invited",
    ["Sch\0ool,Town,20", f"{'S' * 41},Town,20", "School/hall,Town,20"],
)
def test_communities_that_an_import_registers_are_checked_too(run, invited):
    result = bring(run, answers("x"), f"community,municipality,invited\n{invited}\n", "--create-communities")
    assert result.exit_code == 1 and "invited.csv, row 2, column community" in result.output
    assert names() == []


def test_the_alphabet_is_finnish_and_swedish_whatever_the_database(run):
    listed = [
        "Zeta",
        "Äänekoski",
        "Åbo",
        "Öja",
        "aamunkoitto",
        "Alfa",
        unicodedata.normalize("NFD", "Ähtäri"),
        "Östersundom",
    ]
    table = places(*(f"R;m1;Town;c{number};{name};school;20" for number, name in enumerate(listed)))
    assert run("organisations", "import", "c.csv", **{"c.csv": table}).exit_code == 0
    right = ["aamunkoitto", "Alfa", "Zeta", "Åbo", "Ähtäri", "Äänekoski", "Öja", "Östersundom"]
    assert names() == right
    assert [line.split("\t")[2] for line in run("organisations", "list").output.splitlines()] == right


@pytest.mark.parametrize(
    "file",
    [
        "region\tmunicipality_id\tmunicipality\tcommunity_id\tcommunity\tkind\tteachers\nR\tm1\tTown\tc1\tMäkelä\tschool\t20\n",
        "\ufeff" + places("R;m1;Town;c1;Mäkelä;school;20"),
        places("R;m1;Town;c1;Mäkelä;School;20;;").replace("teachers", "teachers;;"),
        places("R;m1;Town;c1;Mäkelä;Koulu;20").replace("teachers", "Koulun opettajat"),
        "sep=;\n" + places("R;m1;Town;c1;Mäkelä;school;20"),
        "Alue;Kuntakoodi;Kunta;Koulukoodi;Koulu;Laji;Lärare i skolan\nR;m1;Town;c1;Mäkelä;peruskoulu;20\n",
    ],
    ids=["tabs", "mark", "trailing columns", "group by its name", "sep", "Finnish and Swedish"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_communities_come_in_from_any_program(run, file, encoding):
    if encoding != "utf-8":
        file = file.removeprefix("\ufeff")
    result = run("organisations", "import", "c.csv", **{"c.csv": file.encode(encoding)})
    assert result.exit_code == 0, result.output
    (one,) = organisations.communities(database.session())
    assert (one.id, one.name, one.staff_count) == ("c1", "Mäkelä", 20)


@pytest.mark.parametrize(
    "file",
    [
        "email,name,role,community,,\np1@town.example,Kim,principal,c1,,\n",
        "email,name,role,community\np1@town.example,Kim,Principal,c1\n",
        "email,name,role,community\np1@town.example,Kim,coordinator\n",
        "E-post;Namn;Roll;Skola\np1@town.example;Kim;rektor;School\n",
        workbook(
            row(1, "Sähköposti", "Nimi", "Rooli", "Koulu") + row(2, "p1@town.example", "Kim", "rehtori", "School")
        ),
    ],
    ids=["trailing columns", "capital", "short row", "Swedish", "workbook in Finnish"],
)
def test_people_come_in_from_any_program(run, file):
    run("organisations", "import", "c.csv", **{"c.csv": places("R;m1;Town;c1;School;school;20")})
    result = run("people", "import", "p.file", **{"p.file": file})
    assert result.exit_code == 0, result.output
    assert accounts.find_account_by_email(database.session(), "p1@town.example").name == "Kim"


def test_a_person_of_a_name_that_two_places_bear_is_refused(run):
    run("organisations", "import", "c.csv", **{"c.csv": TWO_VILLAGES})
    table = "email,name,role,community\np1@town.example,Kim,principal,Village school\n"
    assert (
        "Several communities or municipalities are called “Village school”"
        in run("people", "import", "p.csv", **{"p.csv": table}).output
    )


def responses(run, tmp_path, lines):
    (tmp_path / "survey.lss").write_bytes(limesurvey.new())
    (tmp_path / "survey.toml").write_text(run("answers", "questionnaire", str(tmp_path / "survey.lss")).output, "utf-8")
    return run(
        "answers", "import", "r.csv", "--instrument", str(tmp_path / "survey.toml"), "--invited", "i.csv",
        "--limesurvey", str(tmp_path / "survey.lss"), "--community-question", "where", "--create-communities", *DATES,
        **{"r.csv": "\n".join(lines), "i.csv": "community,municipality,invited\nMännikön koulu,town,99\n"},
    )  # fmt: skip


def test_a_fault_of_many_rows_is_told_once_with_what_was_expected(run, tmp_path):
    lines = ["id,submitdate,control[SQ001],control[SQ002],mood,where"]
    lines += ["1,1980-01-01,Agree,Disagre,5,pine"] * 40 + ["1,1980-01-01,Agree,Agree,5,pine"] * 20
    result = responses(run, tmp_path, lines)
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if "Disagre" in line]
    assert len(told) == 1 and "(in 40 rows)" in told[0] and "row 2, column control[SQ002]" in told[0]
    assert "its answers are Disagree" in told[0] or "its answers are Eri mieltä" in told[0]


def test_commands_speak_english_where_the_pages_are_finnish(app, run):
    result = run("organisations", "import", "c.csv", **{"c.csv": places("R;m1;Town;c1;School;factory;20")})
    assert "“factory” is not known. Choose from: early_childhood" in result.output


def test_an_imported_round_is_counted_as_before(run):
    run("organisations", "import", "c.csv", **{"c.csv": places("R;m1;Town;c1;School;school;40")})
    result = bring(run, answers(*["c1"] * 12, value="3.0"), "community,municipality,invited\nc1,m1,40\n")
    assert result.exit_code == 0, result.output
    (round_,) = rounds.rounds(database.session())
    assert round_.state is RoundState.COUNTED
    assert publications.find_including_replaced(database.session(), round_.id).counted == 12
