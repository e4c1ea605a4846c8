"""Files damaged at random, by kind: each is read, or refused with a place and a cause; anything else is an error.

`read_damaged` of a kind makes one damaged file and reads it; the chance is given, so that a seed names the very files.
"""

import random
import zipfile
from contextlib import suppress
from io import BytesIO
from urllib.parse import parse_qsl, urlencode

from app.core.bounces import MailboxMessageKind, parse_mailbox_message
from app.core.instruments import InvalidQuestionnaire, parse
from app.core.tables.errors import TableImportError
from app.services.imports.limesurvey_questionnaire import conversion_report, questionnaire_toml
from app.services.imports.limesurvey_structure import read_structure
from app.store.instruments import read_questionnaire_file
from app.store.tabular_reader import read_table
from app.web.respondent import answer_state, tickets
from app.web.shared.table_error_words import error_sentences
from tests import bounce_messages
from tests.services import limesurvey
from tests.web.open_round import WELLBEING
from tests.workbooks import RULE, formats, packed, row, workbook

TEXTS = f"{RULE}<sst><si><t>a</t></si><si><t>Mäki_x000D_</t></si></sst>"
WORKBOOK = workbook(
    row(1, "a", "b", '<c r="C1" t="s"><v>0</v></c>')
    + row(2, "x", 91, '<c r="C2" t="s"><v>1</v></c>')
    + row(3, '<c r="A3" s="0"><v>46418.5</v></c>', '<c r="B3" t="b"><v>1</v></c>', '<c r="C3"><f>1</f></c>'),
    styles=formats("d.m.yyyy h:mm", "000"),
    more={"xl/sharedStrings.xml": TEXTS},
)
TABLE = 'email;name;role\n"a@b.example";"Mä""ki\nx";principal\nb@b.example;Kim;\n'
ENCODINGS = ("utf-8", "utf-16", "cp1252")
STRUCTURES = (limesurvey.old(), limesurvey.new())
LETTER = b"Subject: Survey\r\nX-Voimavara: 7-1764072000.abcdefghijklmnop.ABCDEFGHIJKLMNOP\r\n\r\nWelcome.\r\n"
REPORT = bounce_messages.from_postfix(LETTER)
INSTRUMENT = read_questionnaire_file(WELLBEING)
PAGE = urlencode({"marks": "-" * len(INSTRUMENT.items), "group": "", "comment": "Mäki", "q0": "3", "q27": "n"}).encode()
PIECES = [b"\0", b"\xff", b"<", b">", b'"', b"'", b"&", b";", b"\r", b"]]>", b"<c/>", b"<row>", b"-1", b"9" * 30]
PIECES += [b"\xc3", b"<!DOCTYPE x>", b"&a;", b"_xD800_", b'r="ZZZ9999999"', b"1e999", b"\xef\xbb\xbf", b"sep=\n"]
PIECES += [b"\n\n", b"--", b"%00", b"%D8", b"&q0=1", b"Content-Type: multipart/report\n", b"=?utf-8?b?", b"charset=x"]


def damaged(content: bytes, chance: random.Random) -> bytes:
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


def read_damaged_workbook(chance: random.Random) -> None:
    """Damage one part of a workbook, or the whole file."""
    if chance.random() < 0.3:
        _read_table(damaged(WORKBOOK, chance))
        return
    with zipfile.ZipFile(BytesIO(WORKBOOK)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = chance.choice(sorted(parts))
    _read_table(packed(parts | {name: damaged(parts[name], chance)}))


def read_damaged_csv(chance: random.Random) -> None:
    """Damage a table in one of the usual encodings."""
    _read_table(damaged(TABLE.encode(chance.choice(ENCODINGS)), chance))


def read_damaged_structure(chance: random.Random) -> None:
    """Damage the structure of a LimeSurvey, of an old or a new version."""
    try:
        survey = read_structure(damaged(chance.choice(STRUCTURES), chance), name="file")
        conversion_report(survey)
        parse(questionnaire_toml(survey, name="file"), name="made")
    except TableImportError as refused:
        assert all(line.startswith("file") for line in error_sentences(refused.problems))
    except InvalidQuestionnaire as refused:
        assert refused.problems


def read_damaged_report(chance: random.Random) -> None:
    """Damage the report of a letter that came back."""
    assert parse_mailbox_message(damaged(REPORT, chance)).kind in MailboxMessageKind


def read_damaged_page(chance: random.Random) -> None:
    """Damage what a page of the questionnaire sends, and the ticket that it carries."""
    form = dict(parse_qsl(damaged(PAGE, chance).decode("latin-1"), keep_blank_values=True))
    with suppress(answer_state.InvalidAnswerState):
        answers = answer_state.read_answers(INSTRUMENT, form)
        answer_state.encode_ratings(answers)
        answer_state.chosen_staff_group(INSTRUMENT, answers)
    with suppress(tickets.InvalidTicket):
        tickets.verify(form.get("marks", ""), code=form.get("comment", ""), secret=bytes(32))


KINDS = {
    "workbooks": read_damaged_workbook,
    "CSV": read_damaged_csv,
    "LimeSurvey structures": read_damaged_structure,
    "reports of returned mail": read_damaged_report,
    "pages that respondents send": read_damaged_page,
}


def _read_table(content: bytes) -> None:
    try:
        for table_row in read_table(content, name="file").rows:
            assert all(isinstance(cell, str) for cell in table_row.cells.values())
    except TableImportError as refused:
        assert all(line.startswith("file") and len(line) < 1000 for line in error_sentences(refused.problems))
