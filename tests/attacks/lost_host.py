"""Two hosts share a round's key, and one is lost with its disk; what the attacker has after the count.

The attacker holds the database's files, every backup that the service made, the installation's secret key, the disk
of the lost host, and after the count the disk of the other. Disks are read as they are, with what lies under names
that were removed.
"""

import itertools
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.services import counting
from app.store import database_copies, round_key_copies
from app.vault import boxes as vault
from app.vault import host_keys, round_keys
from tests.attacks.scene import UNIT, Scene, scene
from tests.services.factories import SECRET

PEOPLE = 14
BALLOTS = 12
_BYTES_IN_A_DUMP = re.compile(rb"\\x([0-9a-f]{64}|[0-9a-f]{160})(?![0-9a-f])")


class Disk:
    """The folder of a host, and a second name for each of its files: what is only removed can still be read there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._inodes = folder.with_name(f"{folder.name} inodes")
        self._inodes.mkdir(parents=True)

    def note(self) -> None:
        """Give every file of the folder its second name."""
        for path in self.folder.glob("*"):
            second = self._inodes / str(path.stat().st_ino)
            if not second.exists():
                os.link(path, second)

    def contents(self) -> list[bytes]:
        """Return what is in every file that the folder has had."""
        return [path.read_bytes() for path in sorted(self._inodes.iterdir())]


@dataclass(frozen=True, slots=True)
class LostHostLoot:
    """What the attacker has in the end; `shares` are those of the open round, which are looked for in what is left."""

    left: bytes
    backups: list[bytes]
    lost_disk: list[bytes]
    other_disk: list[bytes]
    blob: bytes
    salt: bytes
    round_id: int
    round_public: bytes
    round_key: bytes
    shares: list[bytes]
    ballot_size: int

    def ballots(self, *disks: list[bytes]) -> int:
        """Return how many ballots of the box, as every backup from the open round holds it, these disks open."""
        files = [content for disk in disks for content in disk]
        in_backups = [bytes.fromhex(hit.decode()) for one in self.backups for hit in _BYTES_IN_A_DUMP.findall(one)]
        in_pages = [share for share in self.shares if share in self.left]
        secrets = {content for content in (*files, *in_backups) if len(content) == round_keys.KEY_BYTES}
        shares = {content for content in (*files, *in_backups, *in_pages) if len(content) == host_keys.SHARE_BYTES}
        pairs = [round_keys.Keypair(round_keys.public_key_of(secret), secret) for secret in secrets]
        opened = {
            host_keys.secret_key_from_sealed_copy(share, pair, round_public=self.round_public)
            for share, pair in itertools.product(shares, pairs)
        }
        keys = [key for key in (*secrets, *opened) if key and round_keys.public_key_of(key) == self.round_public]
        name = vault.box_label(self.round_id, UNIT, 0)
        sealed = vault.extract_sealed_ballots(
            self.blob, key=vault.box_key(SECRET, self.salt), name=name, size=self.ballot_size
        )
        return sum(ballot is not None for key in keys[:1] for ballot in vault.open_ballots(sealed, secret_key=key))


def attacked(url: str, folder: Path, *, lost: str = "first", returns: bool = False) -> LostHostLoot:
    """Play a round in which one of two hosts is lost; with `returns` it starts again after the count."""
    with scene(url, folder / "first", people=PEOPLE, shared=False) as round_:
        disks = {"first": Disk(round_.keys), "second": Disk(round_.second_keys)}

        def note() -> None:
            for disk in disks.values():
                disk.note()

        note()
        backups = [_backup(round_, folder / "0.dump")]
        round_.share_key(after_each=note)
        for person in range(BALLOTS):
            round_.answer(person, [1, 2, 3, 4, 5])
        backups.append(_backup(round_, folder / "1.dump"))
        with round_.transaction() as session:
            shares = [share.sealed for share in round_key_copies.key_copies_of_round(session, round_.round_id)]
            round_public = round_key_copies.public_key_or_empty(session, round_.round_id)
        kept = {"blob": round_.blob(), "salt": round_.salt(), "round_key": round_.round_key()}
        lost_disk = disks[lost].contents()
        round_.close()
        backups.append(_backup(round_, folder / "2.dump"))
        lost_keys = round_.keys if lost == "first" else round_.second_keys
        round_.keys = round_.second_keys if lost == "first" else round_.keys
        round_.count()
        round_.clean()
        backups.append(_backup(round_, folder / "3.dump"))
        if returns:
            with round_.session() as session:
                counting.destroy_and_certify_leftover_keys(session, keys=lost_keys)
            lost_disk = disks[lost].contents()
        other = "second" if lost == "first" else "first"
        return LostHostLoot(
            left=round_.every_byte(),
            backups=backups,
            lost_disk=lost_disk,
            other_disk=disks[other].contents(),
            round_id=round_.round_id,
            round_public=round_public,
            shares=shares,
            ballot_size=round_.ballot_size,
            **kept,
        )


def _backup(round_: Scene, path: Path) -> bytes:
    """Make a backup as the service does, and return it as statements of SQL."""
    database_copies.dump_database(round_.engine, path)
    program = shutil.which("pg_restore")
    assert program is not None
    return subprocess.run([program, "--file=-", str(path)], check=True, capture_output=True).stdout
