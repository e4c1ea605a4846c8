"""Rounds of a data package: drafts, and released results exactly as they were published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.core.audit import AuditEntry, AuditEvent
from app.core.data_package import DataPart
from app.core.errors import PublicationSealMismatch
from app.core.languages import Language, partly_translated_text
from app.core.mail import SenderIdentity
from app.core.publication import InvalidPublication, Publication, from_json, matches_publication_digest
from app.core.rounds import Certificate, KeyMode, Round, RoundId, RoundKind, RoundState
from app.core.tables.cells import InputTable, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.row_reader import RowReader, escape_formula
from app.core.text import match_key
from app.render.tabular_files import Value, csv_bytes
from app.services.data_package.archive import Files
from app.services.data_package.package import ImportContext, PartFormat
from app.services.data_package.round_choice import exported_round_ids
from app.store import audit, contacts, instruments, publications, rounds, table_rows
from app.store.publications import Replacement
from app.store.rounds import TransferredRound
from app.store.tabular_reader import read_table, require_columns

TABLE = f"{DataPart.ROUNDS}/rounds.csv"
COLUMNS = (
    "round", "title", "kind", "state", "questionnaire", "questionnaire_digest", "key_mode", "opens_at", "closes_at",
    "comments", "by_group", "k", "codes_drawn", "released_at", "replaced_by", "replaced_at", "replaced_because",
    "sender", "reply_to",
)  # fmt: skip
# Packages of earlier versions lack these; an empty cell says that the title was not written in that language.
TITLE_COLUMNS = {language: f"title_{language.value}" for language in Language}
MOST_ROUNDS = 1_000_000
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


class _YesNo(StrEnum):
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class _ReleasedTexts:
    """What was frozen of a released round, as stored: publication, boundaries and certificate."""

    publication: str
    boundaries: str
    certificate: str

    def files(self, number: int) -> Files:
        """Return the files of a round."""
        texts = {"publication": self.publication, "boundaries": self.boundaries, "certificate": self.certificate}
        return {_file(number, what): text.encode() for what, text in texts.items()}


@dataclass(frozen=True, slots=True)
class _ReadRound:
    """One row of the table of rounds, checked; `texts` is None for a draft."""

    stored: TransferredRound
    released_at: datetime | None
    replacement: Replacement | None
    sender: SenderIdentity
    texts: _ReleasedTexts | None


@dataclass(slots=True)
class _RoundsImport:
    """What the rows are checked against."""

    files: Files
    digests: Mapping[str, str]
    problems: list[TableError] = field(default_factory=list)
    read: dict[int, _ReadRound] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)


def rounds_part_format() -> PartFormat:
    """Return how rounds are exported and imported."""
    return PartFormat(DataPart.ROUNDS, _export, _load)


def _export(session: Session) -> Files:
    files: dict[str, bytes] = {}
    columns = (*COLUMNS, *TITLE_COLUMNS.values())
    lines: list[list[Value]] = [list(columns)]
    for number in exported_round_ids(session):
        cells, own = _exported(session, number)
        lines.append([cells[column] for column in columns])
        files |= own
    return {TABLE: csv_bytes(lines), **files}


def _exported(session: Session, number: RoundId) -> tuple[dict[str, Value], Files]:
    round_ = rounds.find_round(session, number)
    assert round_ is not None, "it was listed in this transaction"
    sender = contacts.sender(session, number)
    released_at = publications.release_time(session, number)
    replacement = publications.find_replacement(session, number)
    cells: dict[str, Value] = {
        "round": number,
        "title": escape_formula(round_.title),
        "kind": round_.kind.value,
        "state": round_.state.value,
        "questionnaire": round_.instrument,
        "questionnaire_digest": round_.instrument_digest,
        "key_mode": round_.key_mode.value,
        "opens_at": round_.opens_at.isoformat(),
        "closes_at": round_.closes_at.isoformat(),
        "comments": _flag(round_.comments),
        "by_group": _flag(round_.by_group),
        "k": round_.k,
        "codes_drawn": rounds.drawn_code_count(session, number),
        "released_at": _moment(released_at),
        "replaced_by": replacement.by if replacement else "",
        "replaced_at": _moment(replacement.at if replacement else None),
        "replaced_because": escape_formula(replacement.because) if replacement else "",
        "sender": escape_formula(sender.name),
        "reply_to": escape_formula(sender.reply_to),
        **_title_cells(round_),
    }
    texts = _stored_texts(session, round_)
    return cells, texts.files(number) if texts else {}


def _title_cells(round_: Round) -> dict[str, Value]:
    translations = round_.title_translations
    return {
        column: "" if translations is None else escape_formula(translations.in_language(language))
        for language, column in TITLE_COLUMNS.items()
    }


def _stored_texts(session: Session, round_: Round) -> _ReleasedTexts | None:
    if round_.state is RoundState.DRAFT:
        return None
    boundaries, certificate = rounds.boundaries_and_certificate_json(session, round_.id)
    try:
        text = publications.publication_json(session, round_.id)
    except InvalidPublication as error:
        raise PublicationSealMismatch(round_.id, "a part", "is missing or wrong") from error
    # Any import would reject it; the administrator must know while the old installation still exists.
    if not matches_publication_digest(text, rounds.certificate_from_json(certificate).publication_digest):
        raise PublicationSealMismatch(round_.id, "the header or a part", "was changed")
    return _ReleasedTexts(text, boundaries, certificate)


def _flag(value: bool) -> str:
    return "yes" if value else "no"


def _moment(value: datetime | None) -> str:
    return "" if value is None else value.isoformat()


def _file(number: int, what: str) -> str:
    return f"{DataPart.ROUNDS}/{number}/{what}.json"


def _load(session: Session, files: Files, context: ImportContext) -> tuple[int, int]:
    if TABLE not in files:
        raise TableImportError([TableError(0, "", TableErrorCode.PACKAGE_FILE_MISSING, TABLE)])
    table = read_table(files[TABLE], name=TABLE)
    require_columns(table, COLUMNS, allowed=TITLE_COLUMNS.values())
    read = _checked(session, table, files)
    if rounds.rounds(session):
        return 0, _require_same(session, table, files)
    for each in read:
        _store(session, each, context)
    for each in read:
        if each.replacement is not None:
            publications.mark_publication_replaced(session, each.replacement)
    table_rows.advance_id_sequence(session, "round")
    return len(read), 0


def _checked(session: Session, table: InputTable, files: Files) -> tuple[_ReadRound, ...]:
    """Return the rounds of a package; raises TableImportError with everything that is wrong with them."""
    run = _RoundsImport(files, instruments.questionnaire_ids_by_digest(session))
    for row in table.rows:
        _read_row(run, row)
    if not run.problems:  # otherwise each row error would cause further errors
        _check_replacements(run)
        _check_files(run)
    if run.problems:
        raise TableImportError(problem.with_file_name(TABLE) for problem in run.problems)
    return tuple(run.read.values())


def _require_same(session: Session, table: InputTable, files: Files) -> int:
    """Accept a package whose rounds are those of this installation; it cannot take rounds beside its own.

    Two sets of results of the same people may reveal small groups together, and a package holds no ballots with
    which that could be checked.
    """
    stored = _export(session)
    same = {name: content for name, content in stored.items() if name != TABLE}
    rows = list(map(_all_cells, read_table(stored[TABLE]).rows))
    if rows != list(map(_all_cells, table.rows)) or same != {n: c for n, c in files.items() if n != TABLE}:
        raise TableImportError([TableError(0, "", TableErrorCode.HAS_OWN_ROUNDS, file=TABLE)])
    return len(rows)


def _all_cells(row: TableRow) -> Mapping[str, str]:
    return dict.fromkeys(TITLE_COLUMNS.values(), "") | dict(row.cells)


def _store(session: Session, read: _ReadRound, context: ImportContext) -> None:
    rounds.add_transferred(session, read.stored)
    event = AuditEvent.ROUND_RELEASED if read.texts else AuditEvent.ROUND_PLANNED
    audit.add(session, AuditEntry(context.now, context.by, event, f"round:{read.stored.round.id} imported"))
    if read.sender != SenderIdentity():
        contacts.set_sender(session, read.stored.round.id, read.sender)
    if read.texts is None or read.released_at is None:
        return
    seal = rounds.certificate_from_json(read.texts.certificate).publication_digest
    publications.add_from_json(session, read.stored.round.id, read.texts.publication, seal=seal)
    publications.set_released_and_store_summary(session, read.stored.round.id, now=read.released_at)


def _read_row(run: _RoundsImport, row: TableRow) -> None:
    before = len(run.problems)
    reader = RowReader(row, zone=UTC, problems=run.problems)
    number = reader.read_whole_number("round", most=MOST_ROUNDS, required=True) or 0
    round_ = _read_round(reader, run, number)
    released_at = reader.read_datetime("released_at")
    sender = SenderIdentity(
        reader.read_one_line_text("sender", longest=100), reader.read_one_line_text("reply_to", longest=254)
    )
    drawn = reader.read_whole_number("codes_drawn", most=10_000_000, required=True) or 0
    replacement = _read_replacement(reader, number)
    if len(run.problems) > before or round_ is None:
        return
    texts = None
    if round_.state is RoundState.RELEASED:
        texts = _read_texts(run, reader, round_, released_at)
    if len(run.problems) > before:
        return
    stored = TransferredRound(
        round_, drawn, texts.boundaries if texts else None, texts.certificate if texts else None
    )  # fmt: skip
    run.read[number] = _ReadRound(stored, released_at, replacement, sender, texts)


def _read_round(reader: RowReader, run: _RoundsImport, number: int) -> Round | None:
    before = len(run.problems)
    title = reader.read_one_line_text("title", longest=200, required=True)
    written = partly_translated_text(
        {language: reader.read_one_line_text(column, longest=200) for language, column in TITLE_COLUMNS.items()}
    )
    if written and written.main != title:
        reader.add_error("title", TableErrorCode.UNKNOWN_WORD, title, written.main)
    digest = reader.read_one_line_text("questionnaire_digest", longest=64, required=True)
    instrument = reader.read_one_line_text("questionnaire", longest=100, required=True)
    kind = reader.read_choice("kind", RoundKind)
    state = reader.read_choice("state", RoundState)
    key_mode = reader.read_choice("key_mode", KeyMode)
    opens_at = _required_moment(reader, "opens_at")
    closes_at = _required_moment(reader, "closes_at")
    comments = reader.read_choice("comments", _YesNo) is _YesNo.YES
    by_group = reader.read_choice("by_group", _YesNo) is _YesNo.YES
    k = reader.read_whole_number("k", most=1000, required=True)
    if number in run.read:
        reader.add_error("round", TableErrorCode.REPEATED, str(number))
    if match_key(title) in run.titles:
        reader.add_error("title", TableErrorCode.REPEATED, title)
    run.titles.add(match_key(title))
    if state not in (RoundState.DRAFT, RoundState.RELEASED):
        reader.add_error("state", TableErrorCode.UNKNOWN_WORD, str(state), "draft, released")
    if digest and run.digests.get(digest) != instrument:
        reader.add_error("questionnaire_digest", TableErrorCode.UNKNOWN_WORD, digest)
    if opens_at and closes_at and closes_at <= opens_at:
        reader.add_error(
            "closes_at", TableErrorCode.ENDS_FIRST, reader.stripped_cell("closes_at"), reader.stripped_cell("opens_at")
        )
    if len(run.problems) > before or opens_at is None or closes_at is None or k is None:
        return None
    return Round(
        id=RoundId(number), title=title, title_translations=written.translations, kind=kind, state=state,
        instrument=instrument, instrument_digest=digest,
        key_mode=key_mode, opens_at=opens_at, closes_at=closes_at, boundaries=None, comments=comments,
        by_group=by_group, k=k,
    )  # fmt: skip


def _required_moment(reader: RowReader, column: str) -> datetime | None:
    if not reader.stripped_cell(column):
        reader.add_error(column, TableErrorCode.MISSING)
    return reader.read_datetime(column)


def _read_replacement(reader: RowReader, number: int) -> Replacement | None:
    by = reader.read_whole_number("replaced_by", most=MOST_ROUNDS)
    if by is None:
        return None
    at = _required_moment(reader, "replaced_at")
    because = reader.read_text("replaced_because", longest=publications.MOST_REASON)
    if by == number:
        reader.add_error("replaced_by", TableErrorCode.UNKNOWN_WORD, str(by))
    return None if at is None else Replacement(RoundId(number), RoundId(by), at, because)


def _check_replacements(run: _RoundsImport) -> None:
    released = {number for number, read in run.read.items() if read.texts is not None}
    for read in run.read.values():
        replacement = read.replacement
        if replacement is not None and not {replacement.by, replacement.round} <= released:
            run.problems.append(TableError(0, "replaced_by", TableErrorCode.UNKNOWN_WORD, str(replacement.by)))


def _check_files(run: _RoundsImport) -> None:
    known = {TABLE} | {name for number, read in run.read.items() if read.texts for name in read.texts.files(number)}
    for name in sorted(run.files.keys() - known):
        run.problems.append(TableError(0, "", TableErrorCode.PACKAGE_FILE_UNKNOWN, name))


def _read_texts(
    run: _RoundsImport, reader: RowReader, round_: Round, released_at: datetime | None
) -> _ReleasedTexts | None:
    """Read what was frozen of a released round and check that it belongs together."""
    if released_at is None:
        reader.add_error("released_at", TableErrorCode.MISSING)
    texts = {}
    for what in ("publication", "boundaries", "certificate"):
        name = _file(round_.id, what)
        if name not in run.files:
            run.problems.append(TableError(0, "", TableErrorCode.PACKAGE_FILE_MISSING, name))
            return None
        try:
            texts[what] = run.files[name].decode()
        except UnicodeDecodeError:
            run.problems.append(TableError(0, "", TableErrorCode.NOT_JSON, file=name))
            return None
    result = _ReleasedTexts(texts["publication"], texts["boundaries"], texts["certificate"])
    run.problems += _text_errors(result, round_)
    return result


def _text_errors(texts: _ReleasedTexts, round_: Round) -> list[TableError]:
    """Return why a publication, its boundaries and its certificate do not belong to each other or to the round."""
    name = _file(round_.id, "publication")
    try:
        publication = from_json(texts.publication)
        certificate = rounds.certificate_from_json(texts.certificate)
        region = rounds.region_from_json(texts.boundaries)
    except InvalidPublication as error:
        return [TableError(0, "", TableErrorCode.CONTENT_UNREADABLE, name, str(error)[:200])]
    except _UNREADABLE as error:
        return [
            TableError(0, "", TableErrorCode.CONTENT_UNREADABLE, f"{DataPart.ROUNDS}/{round_.id}", repr(error)[:120])
        ]
    if not matches_publication_digest(texts.publication, certificate.publication_digest):
        return [TableError(0, "", TableErrorCode.CHECKSUM_DIFFERS, file=name)]
    units = [unit.id for unit in region.units]
    if not _belong_together(publication, certificate, round_) or units != [
        unit.id for unit in publication.region.units
    ]:
        return [TableError(0, "", TableErrorCode.OTHER_ROUND, str(round_.id), file=name)]
    return []


def _belong_together(publication: Publication, certificate: Certificate, round_: Round) -> bool:
    named = (publication.round, publication.instrument_digest, publication.kind, certificate.round)
    is_titled_alike = publication.title_translations == round_.title_translations
    return is_titled_alike and named == (round_.id, round_.instrument_digest, round_.kind, round_.id)
