"""Export the parts of a data package; import a package atomically."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.data_package import DataPart, PartImportCounts
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.services.data_package.archive import Files, pack, unpack
from app.store import audit

UPLOAD_KIND = "data package"


@dataclass(frozen=True, slots=True)
class ImportContext:
    """Who imports, and when."""

    by: AccountId | None
    now: datetime


@dataclass(frozen=True, slots=True)
class PartFormat:
    """How a part is exported and imported.

    `load` stores the files in the caller's transaction, returns how many rows it added or changed and how many were
    stored already, and raises TableImportError with every fault.
    """

    part: DataPart
    export: Callable[[Session], Files]
    load: Callable[[Session, Files, ImportContext], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class CheckedPackage:
    """What an import of a package would do, part by part; errors are raised and not listed here."""

    counts: tuple[PartImportCounts, ...]
    problems: tuple[TableError, ...] = ()


def export_package(session: Session, formats: Iterable[PartFormat], *, by: AccountId | None, now: datetime) -> bytes:
    """Return the data package of these parts and record the export."""
    chosen = tuple(formats)
    files = {name: content for one in chosen for name, content in one.export(session).items()}
    names = ",".join(one.part.value for one in chosen)
    audit.add(session, AuditEntry(now, by, AuditEvent.FILE_EXPORTED, f"data package: {names}"))
    return pack([one.part for one in chosen], files)


def import_package(
    session: Session, content: bytes, formats: Iterable[PartFormat], *, by: AccountId | None, now: datetime
) -> CheckedPackage:
    """Import a package in the caller's transaction.

    Raises TableImportError with every fault of the first part that has any; the caller rolls back then.
    """
    parts, files = unpack(content)
    known = {one.part: one for one in formats}
    _require_known(parts, files, known)
    context = ImportContext(by, now)
    counts = []
    for part in parts:
        own = {name: data for name, data in files.items() if part.contains_file(name)}
        changed, unchanged = known[part].load(session, own, context)
        counts.append(PartImportCounts(part, changed, unchanged))
    subject = "data package: " + ",".join(part.value for part in parts)
    audit.add(session, AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, subject))
    return CheckedPackage(tuple(counts))


def _require_known(parts: Sequence[DataPart], files: Files, known: Mapping[DataPart, PartFormat]) -> None:
    problems = [TableError(0, "", TableErrorCode.PART_NOT_PERMITTED, part.value) for part in parts if part not in known]
    problems += [
        TableError(0, "", TableErrorCode.PACKAGE_FILE_UNKNOWN, name)
        for name in files
        if not any(part.contains_file(name) for part in parts)
    ]
    if problems:
        raise TableImportError(problems)
