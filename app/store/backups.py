"""A backup is one file: a copy of the database, and a note of what it is and how it is known to be whole."""

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

NOTE = "note.json"
CONTENT = "database"
FORMAT = 1
AT_ONCE = 1024 * 1024
NAME = re.compile(r"voimavara-(\d{8}T\d{6}Z)(-before-restore)?\.backup")
_STAMP = "%Y%m%dT%H%M%SZ"
_NEW = ".unfinished"


class InvalidBackup(Exception):
    """The file is no backup, is damaged, or belongs elsewhere; the text says which."""


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup says of itself.

    `installation` tells whose secret the database goes with, without telling the secret.
    """

    made_at: str
    kind: str
    migration: str
    installation: str
    size: int = 0
    checksum: str = ""
    format: int = FORMAT


def backup_name(moment: datetime, *, before_restore: bool = False) -> str:
    """Return the name of the backup of a moment.

    >>> backup_name(datetime(2026, 11, 25, 19, 34, tzinfo=UTC))
    'voimavara-20261125T193400Z.backup'
    """
    return f"voimavara-{moment.astimezone(UTC):{_STAMP}}{'-before-restore' if before_restore else ''}.backup"


def write_backup(content: Path, manifest: BackupManifest, to: Path) -> BackupManifest:
    """Write a backup under its name, whole and on disk or not at all; return its note with size and checksum."""
    unfinished = to.with_name(to.name + _NEW)
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            found_manifest = _write(content, manifest, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, to)  # a backup that is there already stays
    except FileExistsError as error:
        raise InvalidBackup(f"{to} is there already.") from error
    finally:
        unfinished.unlink()
    return found_manifest


def read_manifest(file: Path) -> BackupManifest:
    """Return what a backup says of itself; InvalidBackup if the file is none."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sorted(archive.namelist()) != sorted((NOTE, CONTENT)):
                raise InvalidBackup(f"{file.name} is no backup of this service.")
            manifest = BackupManifest(**json.loads(archive.read(NOTE)))
    except (OSError, EOFError, zipfile.BadZipFile, ValueError, TypeError) as error:
        raise InvalidBackup(f"{file.name} is no backup of this service, or it is not whole.") from error
    if manifest.format != FORMAT:
        raise InvalidBackup(f"{file.name} was made by a newer version of this service.")
    return manifest


def extract_backup(file: Path, to: Path) -> BackupManifest:
    """Write the database of a backup into a new file; InvalidBackup if a single byte is not as it was."""
    manifest = read_manifest(file)
    digest = hashlib.sha256()
    size = 0
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as copy, zipfile.ZipFile(file) as archive, archive.open(CONTENT) as packed:
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
    """Return the backups in a folder with their moments, oldest first, as their names tell."""
    result = [(match, path) for path in folder.glob("*.backup") if (match := NAME.fullmatch(path.name))]
    moments = [(datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), path) for match, path in result]
    return tuple(sorted(moments))


def delete_old_backups(folder: Path, *, before: datetime) -> int:
    """Delete the backups that are older than a moment, and what unfinished ones left; return how many."""
    old = [path for moment, path in backups(folder) if moment < before]
    for path in (*old, *(item for item in folder.glob(f"*{_NEW}") if _changed(item) < before)):
        path.unlink()
    return len(old)


def oldest_kept(now: datetime, days: int) -> datetime:
    """Return the moment before which a backup is deleted."""
    return now - timedelta(days=days)


def _write(content: Path, manifest: BackupManifest, file: IO[bytes]) -> BackupManifest:
    digest = hashlib.sha256()
    size = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with content.open("rb") as source, archive.open(CONTENT, "w", force_zip64=True) as packed:
            for part in _parts(source):
                digest.update(part)
                size += len(part)
                packed.write(part)
        found_manifest = BackupManifest(**asdict(manifest) | {"size": size, "checksum": digest.hexdigest()})
        archive.writestr(NOTE, json.dumps(asdict(found_manifest), indent=1))
    return found_manifest


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(AT_ONCE):
        yield part


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
