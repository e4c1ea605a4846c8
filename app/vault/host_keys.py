"""Host keys: encrypt the secret key of an automatic round to every host that may count it.

A host that shares a round keeps three kinds of files in its keys folder:

- `round-7-<round>.key`: the round's secret key itself, only while no other host can open the round;
- `round-7-<host>.host.key`: the host's own secret key for this round;
- `round-7-<host>.copy.key`: what was sealed to another host, which opens nothing here.

The sealed copy for the host itself is in the database, and in the folders of the other hosts. So neither the disk
of one host nor a copy of the database opens a ballot. The middle of a name is the start of the public key, which is
still readable after the content was overwritten. All names match `round-*.key`, so they are destroyed together.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from nacl import bindings
from nacl.exceptions import CryptoError

from app.vault.round_keys import KEY_BYTES, Keypair, draw_keypair, key_id, public_key_of, sync_folder, write_key_file

_HOST_KEY = ".host.key"
_COPY = ".copy.key"
SHARE_BYTES = KEY_BYTES + bindings.crypto_box_SEALBYTES


def own_host_keys(folder: Path, round_id: int) -> tuple[Keypair, ...]:
    """Return this host's keys for a round: one, or several if a folder of another host was copied into this one.

    Files whose content does not match their name (overwritten, damaged) are left out.
    """
    found = []
    for path in sorted(folder.glob(f"round-{round_id}-*{_HOST_KEY}")):
        secret = _content(path) or b""
        if len(secret) == KEY_BYTES and key_id(public_key_of(secret)) == _id_of(path):
            found.append(Keypair(public=public_key_of(secret), secret=secret))
    return tuple(found)


def create_host_key(folder: Path, round_id: int) -> Keypair:
    """Draw this host's key for a round and write it durably into a new file that only this user can read."""
    pair = draw_keypair()
    write_key_file(folder, folder / f"round-{round_id}-{key_id(pair.public)}{_HOST_KEY}", pair.secret)
    return pair


def host_ids_of_key_files(folder: Path, round_id: int) -> frozenset[str]:
    """Return the ids of the host keys in the folder, of overwritten files too."""
    return frozenset(_id_of(path) for path in folder.glob(f"round-{round_id}-*{_HOST_KEY}"))


def seal_secret_key_to_host(round_secret: bytes, host_public: bytes) -> bytes:
    """Seal the secret key of a round to a host's public key."""
    return bindings.crypto_box_seal(round_secret, host_public)


def secret_key_from_sealed_copy(sealed: bytes | None, pair: Keypair, *, round_public: bytes) -> bytes | None:
    """Return the round's secret key; None if this host key does not open it, or another round's key is in it."""
    if sealed is None or len(sealed) != SHARE_BYTES:
        return None
    try:
        secret = bindings.crypto_box_seal_open(sealed, pair.public, pair.secret)
    except CryptoError:
        return None
    return secret if hmac.compare_digest(public_key_of(secret), round_public) else None


def save_sealed_copy(folder: Path, round_id: int, host_id: str, sealed: bytes) -> None:
    """Store the round key sealed to another host in a file, to restore it into a database from a backup."""
    path = folder / f"round-{round_id}-{host_id}{_COPY}"
    if _content(path) == sealed:
        return
    # A name that is destroyed with the others, if this process is killed before it is renamed.
    unfinished = folder / f"round-{round_id}-{host_id}.{secrets.token_hex(4)}{_COPY}"
    write_key_file(folder, unfinished, sealed)
    unfinished.replace(path)
    sync_folder(folder)


def load_sealed_copy(folder: Path, round_id: int, host_id: str) -> bytes | None:
    """Return the stored round key sealed to another host, or None."""
    return _content(folder / f"round-{round_id}-{host_id}{_COPY}")


def host_public_key_mac(secret: bytes, round_id: int, *, round_public: bytes, host_public: bytes) -> bytes:
    """Return the MAC which proves that a host's public key comes from a host with the installation's secret key.

    Without it, whoever can write to the database could have a round's key sealed to a key of their own.
    """
    key = hmac.digest(secret, b"host key of a round", hashlib.sha256)
    return hmac.digest(key, b"%d/" % round_id + round_public + host_public, hashlib.sha256)


def is_host_public_key_mac_valid(
    proof: bytes, secret: bytes, round_id: int, *, round_public: bytes, host_public: bytes
) -> bool:
    """Tell whether `proof` belongs to a host's public key for this round."""
    return hmac.compare_digest(
        proof, host_public_key_mac(secret, round_id, round_public=round_public, host_public=host_public)
    )


def secret_key_from_any_share(shares: Iterable[tuple[bytes | None, Keypair]], *, round_public: bytes) -> bytes | None:
    """Return the round's secret key from the first share that opens, or None."""
    opened = (secret_key_from_sealed_copy(sealed, pair, round_public=round_public) for sealed, pair in shares)
    return next((secret for secret in opened if secret is not None), None)


def _id_of(path: Path) -> str:
    return path.name.split("-", 2)[2].split(".")[0]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # or destroyed by another process at this moment
        return None
