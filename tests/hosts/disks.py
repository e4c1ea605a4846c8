"""A small disk of a test's own, which can be filled up, and mounted so that it can only be read."""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hosts.servers import wait_until

MOUNT = shutil.which("mount")


class Disk:
    """A file system in memory, seen through a mount whose right to write can be taken away."""

    def __init__(self, folder: Path, megabytes: int):
        self.behind = folder / "behind"
        self.path = folder / "disk"
        self.behind.mkdir(parents=True)
        self.path.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(self.behind))
        _mount("--bind", str(self.behind), str(self.path))

    def fill(self) -> None:
        """Leave not one byte."""
        for size in (1 << 20, 1 << 12, 1):
            with (self.behind / f"filler{size}").open("wb", buffering=0) as file:
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError as error:
                    assert error.errno == errno.ENOSPC

    def make_room(self) -> None:
        for path in self.behind.glob("filler*"):
            path.unlink()

    def only_read(self, yes: bool = True) -> None:
        """Take the right to write away once nobody has a file open for writing, or give it back."""
        command = [MOUNT, "-o", f"remount,bind,{'ro' if yes else 'rw'}", str(self.path)]
        wait_until(lambda: subprocess.run(command, check=False).returncode == 0, seconds=30)

    def remove(self) -> None:
        for path in (self.path, self.behind):
            subprocess.run(["umount", "-l", str(path)], check=False, stderr=subprocess.DEVNULL)


def small_disk(folder: Path, *, megabytes: int = 16) -> Disk:
    """Return a disk, or skip the test where this account may not make one."""
    if os.geteuid() != 0 or MOUNT is None:
        pytest.skip("only root can mount a disk")
    return Disk(folder, megabytes)


def _mount(*arguments: str) -> None:
    subprocess.run([MOUNT, *arguments], check=True)
