"""Hosts of one machine: namespaces with a cable each where this account may make them, else ports on loopback.

Everything that is sent stays in the bridge between them; nothing leads out of it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

IP = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")


@dataclass(frozen=True)
class Place:
    """Where one host is: its address, and what goes before a command that shall run there."""

    address: str
    enter: tuple[str, ...] = ()
    cable: str | None = None

    def cut(self) -> None:
        """Pull the cable of this host."""
        _ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self.cable, "up")


@dataclass(frozen=True)
class Network:
    """The middle, where the database and the clients are, and two hosts; `subnet` is None on loopback."""

    middle: str
    hosts: tuple[Place, Place]
    subnet: str | None


@contextmanager
def network() -> Iterator[Network]:
    """Yield two hosts for as long as the block lasts."""
    if not _may_make_namespaces():
        yield Network("127.0.0.1", (Place("127.0.0.2"), Place("127.0.0.3")), None)
        return
    number = os.getpid() % 250 + 1
    bridge = f"vv{number}"
    subnet = f"10.213.{number}"
    spaces = [f"{bridge}{letter}" for letter in "ab"]
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        places = tuple(_host(space, bridge, f"{subnet}.{at}") for at, space in enumerate(spaces, start=2))
        yield Network(f"{subnet}.1", places, f"{subnet}.0/24")
    finally:
        for space in spaces:
            subprocess.run([IP, "netns", "del", space], check=False, stderr=subprocess.DEVNULL)
        subprocess.run([IP, "link", "del", bridge], check=False, stderr=subprocess.DEVNULL)


def _host(space: str, bridge: str, address: str) -> Place:
    _ip("netns", "add", space)
    outer = f"{space}0"
    inner = f"{space}1"
    _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
    _ip("link", "set", outer, "master", bridge, "up")
    within = ("-n", space)
    _ip(*within, "addr", "add", f"{address}/24", "dev", inner)
    _ip(*within, "link", "set", inner, "up")
    _ip(*within, "link", "set", "lo", "up")
    return Place(address, (IP, "netns", "exec", space), outer)


def _may_make_namespaces() -> bool:
    if IP is None or os.geteuid() != 0 or sys.platform != "linux":
        return False
    name = f"vvtry{os.getpid()}"
    tried = [[IP, "netns", "add", name], [IP, "link", "add", name, "type", "bridge"]]
    undone = [[IP, "netns", "del", name], [IP, "link", "del", name]]
    worked = all(subprocess.run(one, check=False, stderr=subprocess.DEVNULL).returncode == 0 for one in tried)
    for one in undone:
        subprocess.run(one, check=False, stderr=subprocess.DEVNULL)
    return worked


def _ip(*arguments: str) -> None:
    subprocess.run([IP, *arguments], check=True)
