"""Backup files: a database copy and a manifest with its checksum, in one archive."""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

MANIFEST_FILE = "note.json"
DATABASE_FILE = "database"
FORMAT = 1
CHUNK_BYTES = 1024 * 1024
NAME = re.compile(r"voimavara-(\d{8}T\d{6}Z)(-before-restore)?\.backup")
_STAMP = "%Y%m%dT%H%M%SZ"
_NEW = ".unfinished"


class InvalidBackup(Exception):
    """The file is not a valid backup of this installation; the text says why."""


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """Metadata of a backup.

    `installation` identifies the secret key that the database belongs to, without revealing it.
    """

    made_at: str
    kind: str
    migration: str
    installation: str
    size: int = 0
    checksum: str = ""
    format: int = FORMAT


def backup_name(moment: datetime, *, before_restore: bool = False) -> str:
    """Return the file name of a backup made at `moment`.

    >>> backup_name(datetime(2026, 11, 25, 19, 34, tzinfo=UTC))
    'voimavara-20261125T193400Z.backup'
    """
    return f"voimavara-{moment.astimezone(UTC):{_STAMP}}{'-before-restore' if before_restore else ''}.backup"


def write_backup(content: Path, manifest: BackupManifest, to: Path) -> BackupManifest:
    """Write a backup atomically and durably; return its manifest with size and checksum."""
    unfinished = to.with_name(to.name + _NEW)
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            written = _write(content, manifest, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, to)  # never overwrites an existing backup
    except FileExistsError as error:
        raise InvalidBackup(f"{to} is there already.") from error
    finally:
        unfinished.unlink()
    return written


def read_manifest(file: Path) -> BackupManifest:
    """Return the manifest of a backup; InvalidBackup if the file is not one."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sorted(archive.namelist()) != sorted((MANIFEST_FILE, DATABASE_FILE)):
                raise InvalidBackup(f"{file.name} is no backup of this service.")
            manifest = BackupManifest(**json.loads(archive.read(MANIFEST_FILE)))
    except (OSError, EOFError, zipfile.BadZipFile, ValueError, TypeError) as error:
        raise InvalidBackup(f"{file.name} is no backup of this service, or it is not whole.") from error
    if manifest.format != FORMAT:
        raise InvalidBackup(f"{file.name} was made by a newer version of this service.")
    return manifest


def extract_database(file: Path, to: Path) -> BackupManifest:
    """Extract the database of a backup into a new file; InvalidBackup if its checksum differs."""
    manifest = read_manifest(file)
    digest = hashlib.sha256()
    size = 0
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as copy,
            zipfile.ZipFile(file) as archive,
            archive.open(DATABASE_FILE) as packed,
        ):
            for part in _parts(packed):
                digest.update(part)
                size += len(part)
                copy.write(part)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InvalidBackup(f"{file.name} is damaged.") from error
    if (digest.hexdigest(), size) != (manifest.checksum, manifest.size):
        raise InvalidBackup(f"{file.name} is damaged: its checksum is another.")
    return manifest


def backups(folder: Path) -> tuple[tuple[datetime, Path], ...]:
    """Return the backups in a folder with their times, oldest first, taken from the file names."""
    result = [(match, path) for path in folder.glob("*.backup") if (match := NAME.fullmatch(path.name))]
    moments = [(datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), path) for match, path in result]
    return tuple(sorted(moments))


def delete_old_backups(folder: Path, *, before: datetime) -> int:
    """Delete backups older than `before`, and remains of unfinished ones; return how many."""
    old = [path for moment, path in backups(folder) if moment < before]
    for path in (*old, *(item for item in folder.glob(f"*{_NEW}") if _changed(item) < before)):
        path.unlink()
    return len(old)


def retention_cutoff(now: datetime, days: int) -> datetime:
    """Return the time before which backups are deleted."""
    return now - timedelta(days=days)


def _write(content: Path, manifest: BackupManifest, file: IO[bytes]) -> BackupManifest:
    digest = hashlib.sha256()
    size = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with content.open("rb") as source, archive.open(DATABASE_FILE, "w", force_zip64=True) as packed:
            for part in _parts(source):
                digest.update(part)
                size += len(part)
                packed.write(part)
        complete = BackupManifest(**asdict(manifest) | {"size": size, "checksum": digest.hexdigest()})
        archive.writestr(MANIFEST_FILE, json.dumps(asdict(complete), indent=1))
    return complete


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(CHUNK_BYTES):
        yield part


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
