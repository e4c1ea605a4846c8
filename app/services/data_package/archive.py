"""ZIP file of a data package: reproducible output, and reading with limits that trusts no declared size."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from app.core.data_package import DataPart
from app.core.tables.errors import TableErrorCode, raise_table_error

FORMAT = 1
MANIFEST = "package.json"
MOST_BYTES = 60_000_000
MOST_UNPACKED = 150_000_000
MOST_FILES = 5_000
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # earliest ZIP timestamp, used for all files: none shows when it was written
_PLAIN_FILE = 0o600 << 16
_CHUNK = 1 << 18
_NAME = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9._-]+){0,2}(?:\.[a-z]+)?")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError,
    OverflowError,
)  # fmt: skip
Files = Mapping[str, bytes]


def pack(parts: Iterable[DataPart], files: Files) -> bytes:
    """Return a data package; equal files give equal bytes."""
    manifest = json.dumps({"format": FORMAT, "parts": [part.value for part in parts]}, indent=1).encode() + b"\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in ((MANIFEST, manifest), *sorted(files.items())):
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = _PLAIN_FILE
            packed.writestr(info, data)
    return content.getvalue()


def unpack(content: bytes) -> tuple[tuple[DataPart, ...], dict[str, bytes]]:
    """Return the parts of a data package and its files; raises TableImportError for anything else."""
    if len(content) > MOST_BYTES:
        raise_table_error(TableErrorCode.TOO_BIG, f"{len(content) / 1e6:.1f} MB", f"{MOST_BYTES / 1e6:g} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            files = _files(packed)
    except _BROKEN:
        raise_table_error(TableErrorCode.NO_PACKAGE)
    return _parts(files.pop(MANIFEST, b"")), files


def _files(packed: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MOST_UNPACKED
    if len(packed.infolist()) > MOST_FILES:
        raise_table_error(TableErrorCode.NO_PACKAGE)
    for info in packed.infolist():
        if info.filename in files or not _NAME.fullmatch(info.filename):
            raise_table_error(TableErrorCode.PACKAGE_FILE_UNKNOWN, info.filename[:80])
        files[info.filename] = _read(packed, info, left)
        left -= len(files[info.filename])
    return files


def _read(packed: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """Return a file of the package, unpacked no further than `most` bytes: its claimed size is not believed."""
    result = bytearray()
    with packed.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            result += chunk
            if len(result) > most:
                raise_table_error(TableErrorCode.TOO_BIG, "", f"{MOST_UNPACKED / 1e6:g} MB")
    return bytes(result)


def _parts(manifest: bytes) -> tuple[DataPart, ...]:
    try:
        plain = json.loads(manifest)
        found = plain["format"]
        names = list(plain["parts"])
    except (ValueError, LookupError, TypeError, RecursionError):
        raise_table_error(TableErrorCode.NO_PACKAGE)
    if found != FORMAT:
        raise_table_error(TableErrorCode.PACKAGE_FORMAT, str(found)[:20], str(FORMAT))
    known = {part.value: part for part in DataPart}
    unknown = [str(name)[:40] for name in names if not isinstance(name, str) or name not in known]
    if unknown:
        raise_table_error(TableErrorCode.PACKAGE_FILE_UNKNOWN, unknown[0])
    return tuple(part for part in DataPart if part.value in names)
