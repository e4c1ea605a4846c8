"""Files that were damaged at random: each is read, or refused with a place and a cause; nothing else happens.

The seeds are fixed, so that every run tries the same files; `FUZZED_FILES=20000` tries more of them.
"""

import os
import random
import zipfile
from io import BytesIO

import pytest

from app.core.instruments import InvalidQuestionnaire, parse
from app.core.tables.errors import TableImportError
from app.services.imports.limesurvey_questionnaire import account_of, write_questionnaire
from app.services.imports.limesurvey_structure import read_structure
from app.store.tabular_reader import read_table
from app.web.shared.table_error_words import sentences
from tests.services import limesurvey
from tests.workbooks import RULE, formats, packed, row, workbook

EACH = int(os.environ.get("FUZZED_FILES", "400"))
TEXTS = f"{RULE}<sst><si><t>a</t></si><si><t>Mäki_x000D_</t></si></sst>"
WORKBOOK = workbook(
    row(1, "a", "b", '<c r="C1" t="s"><v>0</v></c>')
    + row(2, "x", 91, '<c r="C2" t="s"><v>1</v></c>')
    + row(3, '<c r="A3" s="0"><v>46418.5</v></c>', '<c r="B3" t="b"><v>1</v></c>', '<c r="C3"><f>1</f></c>'),
    styles=formats("d.m.yyyy h:mm", "000"),
    more={"xl/sharedStrings.xml": TEXTS},
)
TABLE = 'email;name;role\n"a@b.example";"Mä""ki\nx";principal\nb@b.example;Kim;\n'.encode()
PIECES = [b"\0", b"\xff", b"<", b">", b'"', b"'", b"&", b";", b"\r", b"]]>", b"<c/>", b"<row>", b"-1", b"9" * 30]
PIECES += [b"\xc3", b"<!DOCTYPE x>", b"&a;", b"_xD800_", b'r="ZZZ9999999"', b"1e999", b"\xef\xbb\xbf", b"sep=\n"]


def damaged(content, chance):
    """Return content with a few bytes taken out, doubled, moved or put in."""
    result = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(result) + 1)
        end = min(len(result), place + chance.randint(0, 40))
        kind = chance.randrange(4)
        if kind == 0:
            del result[place:end]
        elif kind == 1:
            result[place:place] = chance.choice(PIECES)
        elif kind == 2:
            result[place:place] = result[place:end] * chance.randint(1, 3)
        elif result:
            result[chance.randrange(len(result))] = chance.randrange(256)
    return bytes(result)


def damaged_workbook(chance):
    """Return a workbook with one part damaged, or the whole file."""
    if chance.random() < 0.3:
        return damaged(WORKBOOK, chance)
    with zipfile.ZipFile(BytesIO(WORKBOOK)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = chance.choice(sorted(parts))
    return packed(parts | {name: damaged(parts[name], chance)})


def read_or_refuse(content):
    try:
        for table_row in read_table(content, name="file").rows:
            assert all(isinstance(cell, str) for cell in table_row.cells.values())
    except TableImportError as refused:
        assert all(line.startswith("file") and len(line) < 1000 for line in sentences(refused.problems))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_workbooks_are_read_or_refused(app, seed):
    chance = random.Random(seed)
    with app.test_request_context("/"):
        for _ in range(EACH // 4):
            read_or_refuse(damaged_workbook(chance))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_damaged_csv_is_read_or_refused(app, encoding):
    chance = random.Random(encoding)
    content = TABLE.decode().encode(encoding)
    with app.test_request_context("/"):
        for _ in range(EACH):
            read_or_refuse(damaged(content, chance))


@pytest.mark.parametrize("content", [limesurvey.old(), limesurvey.new()], ids=["version 3", "version 6"])
def test_damaged_structures_are_read_or_refused(app, content):
    chance = random.Random(len(content))
    with app.test_request_context("/"):
        for _ in range(EACH):
            try:
                survey = read_structure(damaged(content, chance), name="file")
                account_of(survey)
                parse(write_questionnaire(survey, name="file"), name="made")
            except TableImportError as refused:
                assert all(line.startswith("file") for line in sentences(refused.problems))
            except InvalidQuestionnaire as refused:
                assert refused.problems
