"""Round keys: created at opening, kept in a file or printed as a key sheet, destroyed after the count.

A key sheet has four lines of five words. Four words of a line encode eight bytes of the key, the fifth
is a checksum over them, the line number and the kind of sheet, so typing errors are located
to a line, and swapped lines or two copies of the same half are detected.
"""

import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nacl.public import PrivateKey

from app.core.errors import CodedError

KEY_BYTES = 32
_LINES = 4
_LINE_BYTES = KEY_BYTES // _LINES
_LINE_WORDS = 5
_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"
_PREFIX = "VOIMAVARA-KEY"


class KeySheetKind(StrEnum):
    """The kind of a key sheet: the whole key, or one of two halves that are useless alone."""

    WHOLE = "whole"
    FIRST = "first"
    SECOND = "second"


class KeyFault(StrEnum):
    """What is wrong with a key; the comment names the values of the error."""

    WORD_COUNT = "word_count"  # due, given
    NOT_A_WORD = "not_a_word"  # line
    CHECK_WORD = "check_word"  # line
    NEEDS_BOTH = "needs_both"
    NEEDS_SHEET = "needs_sheet"
    OTHER_ROUND = "other_round"
    FILE_ABSENT = "file_absent"  # file


class InvalidKey(CodedError[KeyFault]):
    """The key cannot be read, or is not the key of this round; `fault` says what to check.

    Values never contain a word of a key sheet, since errors may be logged.
    """


@dataclass(frozen=True, slots=True)
class Keypair:
    """A round's key pair as raw bytes."""

    public: bytes
    secret: bytes


@dataclass(frozen=True, slots=True)
class KeySheetContent:
    """The key material of one key sheet."""

    part: KeySheetKind
    content: bytes


@dataclass(frozen=True, slots=True)
class KeyBackup:
    """A key sheet to print: four lines of words, and the same as text for a QR code."""

    part: KeySheetKind
    lines: tuple[str, ...]
    payload: str


def draw_keypair() -> Keypair:
    """Return a new key pair for a round."""
    private = PrivateKey.generate()
    return Keypair(public=bytes(private.public_key), secret=bytes(private))


def public_key_of(secret: bytes) -> bytes:
    """Return the public key of a secret key."""
    return bytes(PrivateKey(secret).public_key)


def key_backups(secret: bytes, *, split: bool = False) -> tuple[KeyBackup, ...]:
    """Return the key sheet of a secret key, or two sheets of which each alone reveals nothing."""
    if not split:
        return (_key_backup(KeySheetContent(KeySheetKind.WHOLE, secret)),)
    first = secrets.token_bytes(KEY_BYTES)
    return _key_backup(KeySheetContent(KeySheetKind.FIRST, first)), _key_backup(
        KeySheetContent(KeySheetKind.SECOND, _xor(first, secret))
    )


def parse_key_sheet(text: str) -> KeySheetContent:
    """Read a typed or scanned key sheet; InvalidKey names the wrong line."""
    words = text.rpartition(":")[2].lower()  # text before the words ends in a colon
    result = "".join(letter if letter.isalpha() else " " for letter in words).split()
    if len(result) != _LINES * _LINE_WORDS:
        raise InvalidKey(KeyFault.WORD_COUNT, due=_LINES * _LINE_WORDS, given=len(result))
    lines = [result[start : start + _LINE_WORDS] for start in range(0, len(result), _LINE_WORDS)]
    content = [_bytes_of(line, number) for number, line in enumerate(lines, start=1)]
    wrong = {part: _wrong_lines(content, part) for part in KeySheetKind}
    part = min(KeySheetKind, key=lambda candidate: len(wrong[candidate]))
    if wrong[part]:
        raise InvalidKey(KeyFault.CHECK_WORD, line=wrong[part][0])
    return KeySheetContent(part, b"".join(line[:_LINE_BYTES] for line in content))


def key_backup_from_text(text: str) -> KeyBackup:
    """Return the key sheet for typed words or a scanned QR code; InvalidKey if they are invalid."""
    return _key_backup(parse_key_sheet(text))


def combine_key_sheets(shares: Sequence[KeySheetContent]) -> bytes:
    """Return the secret key from one whole sheet or from both halves."""
    parts = {share.part: share.content for share in shares}
    if KeySheetKind.WHOLE in parts:
        return parts[KeySheetKind.WHOLE]
    if len(parts) != 2:
        raise InvalidKey(KeyFault.NEEDS_BOTH)
    return _xor(parts[KeySheetKind.FIRST], parts[KeySheetKind.SECOND])


def secret_key_from_backups(texts: Sequence[str], *, public_key: bytes) -> bytes:
    """Return the secret key of typed sheets; InvalidKey unless it matches the public key."""
    secret = combine_key_sheets([parse_key_sheet(text) for text in texts])
    return require_matching_key(secret, public_key=public_key)


def require_matching_key(secret: bytes, *, public_key: bytes) -> bytes:
    """Return `secret` if it matches the public key, else raise InvalidKey."""
    if len(secret) != KEY_BYTES or public_key_of(secret) != public_key:
        raise InvalidKey(KeyFault.OTHER_ROUND)
    return secret


def save_key_file(folder: Path, round_id: int, keypair: Keypair) -> None:
    """Write the key durably into a new file that only this user can read."""
    write_key_file(folder, _file(folder, round_id, keypair.public), keypair.secret)


def write_key_file(folder: Path, path: Path, content: bytes) -> None:
    """Write a new file of the keys folder durably; FileExistsError if it exists."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)
    except OSError:  # full disk: a partial key file must not remain
        path.unlink(missing_ok=True)
        raise


def load_key_file(folder: Path, round_id: int, *, public_key: bytes) -> bytes:
    """Return the key of a round from its file; InvalidKey if it is missing or does not match."""
    path = _file(folder, round_id, public_key)
    try:
        secret = path.read_bytes()
    except FileNotFoundError as absent:
        raise InvalidKey(KeyFault.FILE_ABSENT, file=path.name) from absent
    return require_matching_key(secret, public_key=public_key)


def has_valid_key_file(folder: Path, round_id: int, *, public_key: bytes) -> bool:
    """Tell whether a valid key file of a round is in the folder."""
    try:
        load_key_file(folder, round_id, public_key=public_key)
    except InvalidKey:
        return False
    return True


def rounds_with_key_files(folder: Path) -> frozenset[int]:
    """Return the numbers of the rounds with key files, valid or overwritten, in the folder."""
    return frozenset(int(path.name.split("-")[1]) for path in folder.glob("round-*.key"))


def has_secret_key_file_in_any_state(folder: Path, round_id: int) -> bool:
    """Tell whether a file of a round's secret key itself, valid, damaged or overwritten, is in the folder."""
    return any(path.name.count(".") == 1 for path in _files(folder, round_id))


def destroy_key_files(folder: Path, round_id: int) -> int:
    """Overwrite and delete all key files of a round; return how many."""
    count = overwrite_key_files(folder, round_id)
    remove_key_files(folder, round_id)
    return count


def overwrite_key_files(folder: Path, round_id: int) -> int:
    """Overwrite all key files of a round with random bytes and leave the files; return how many.

    An overwritten file shows after a crash that the key was here and is destroyed.
    """
    paths = _files(folder, round_id)
    for path in paths:
        _overwrite(path)
    return len(paths)


def destroy_secret_key_file(folder: Path, round_id: int, *, public_key: bytes) -> None:
    """Overwrite and delete the file of a round's secret key, and leave the keys of hosts."""
    path = _file(folder, round_id, public_key)
    _overwrite(path)
    path.unlink(missing_ok=True)
    sync_folder(folder)


def remove_key_files(folder: Path, round_id: int) -> None:
    """Delete the files that `overwrite_key_files` left."""
    paths = _files(folder, round_id)
    for path in paths:
        path.unlink(missing_ok=True)
    if paths:
        sync_folder(folder)


def _files(folder: Path, round_id: int) -> list[Path]:
    return sorted(folder.glob(f"round-{round_id}-*.key")) if folder.exists() else []


def _file(folder: Path, round_id: int, public_key: bytes) -> Path:
    return folder / f"round-{round_id}-{key_id(public_key)}.key"


def _overwrite(path: Path) -> None:
    # Another process of this host may destroy the same file at this moment.
    with suppress(FileNotFoundError), path.open("r+b") as file:
        file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())


def key_id(public_key: bytes) -> str:
    """Return the start of a public key, which names its file: 16 hexadecimal digits."""
    return public_key.hex()[:16]


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that new and removed file names are durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _key_backup(share: KeySheetContent) -> KeyBackup:
    lines = []
    for number in range(1, _LINES + 1):
        content = share.content[(number - 1) * _LINE_BYTES : number * _LINE_BYTES]
        lines.append(_words(content + _check_bytes(content, number, share.part)))
    return KeyBackup(share.part, tuple(lines), f"{_PREFIX}:{' '.join(lines)}".upper())


def _check_bytes(content: bytes, number: int, part: KeySheetKind) -> bytes:
    return hashlib.sha256(b"key sheet" + part.encode() + bytes((number,)) + content).digest()[:2]


def _wrong_lines(content: Sequence[bytes], part: KeySheetKind) -> list[int]:
    numbered = enumerate(content, start=1)
    return [n for n, line in numbered if _check_bytes(line[:_LINE_BYTES], n, part) != line[_LINE_BYTES:]]


def _words(content: bytes) -> str:
    pairs = [int.from_bytes(content[start : start + 2]) for start in range(0, len(content), 2)]
    return " ".join(_word(pair) for pair in pairs)


def _word(number: int) -> str:
    letters = ""
    for alphabet in (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS):
        number, position = divmod(number, len(alphabet))
        letters = alphabet[position] + letters
    return letters


def _bytes_of(words: Sequence[str], line: int) -> bytes:
    return b"".join(_number(word, line).to_bytes(2) for word in words)


def _number(word: str, line: int) -> int:
    number = 0
    for letter, alphabet in zip(word, (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS), strict=False):
        if letter not in alphabet or len(word) != 5:
            break
        number = number * len(alphabet) + alphabet.index(letter)
    else:
        if len(word) == 5:
            return number
    raise InvalidKey(KeyFault.NOT_A_WORD, line=line)


def _xor(item: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(item, other, strict=True))
