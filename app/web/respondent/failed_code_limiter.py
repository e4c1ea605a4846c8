"""Throttle failed codes without storing who tries them.

An address is known only by its keyed digest, with a salt that lives a day in memory. Whoever has used
up the attempts waits seconds, not hours: colleagues behind the same address are never locked out for good.
"""

import hashlib
import hmac
import ipaddress
import secrets
from datetime import datetime, timedelta
from threading import Lock

ATTEMPTS = 30
REFILL = timedelta(seconds=3)
SALT_LIVES = timedelta(days=1)
REMEMBERED = 50_000


class FailedCodeLimiter:
    """Limits failed codes per address: thirty at once, then one every three seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._salt = b""
        self._salted_at: datetime | None = None
        self._free_at: dict[bytes, datetime] = {}

    def remaining_wait(self, address: str, *, now: datetime) -> timedelta:
        """Return how long this address must wait before its next attempt; zero as a rule."""
        if not self._free_at:  # no failed codes today
            return timedelta()
        with self._lock:
            used_until = self._free_at.get(self._name(address, now), now)
        return max(used_until - now - (ATTEMPTS - 1) * REFILL, timedelta())

    def record_failure(self, address: str, *, now: datetime) -> None:
        """Record one failed code of an address."""
        with self._lock:
            name = self._name(address, now)
            self._free_at[name] = max(self._free_at.get(name, now), now) + REFILL
            if len(self._free_at) > REMEMBERED:
                self._forget(now)

    def _name(self, address: str, now: datetime) -> bytes:
        if self._salted_at is None or now - self._salted_at >= SALT_LIVES:
            self._salt = secrets.token_bytes(32)
            self._salted_at = now
            self._free_at.clear()
        return hmac.digest(self._salt, _network(address).encode(), hashlib.sha256)

    def _forget(self, now: datetime) -> None:
        latest = sorted(self._free_at.items(), key=lambda item: item[1])[-REMEMBERED // 2 :]
        self._free_at = {name: moment for name, moment in latest if moment > now}


def _network(address: str) -> str:
    """Return the address, or the /64 that a household or a host has of its own in IPv6."""
    if ":" not in address:
        return address
    try:
        ipv6_address = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if ipv6_address.ipv4_mapped is not None:  # IPv4-mapped IPv6 addresses: their common /64 would include all of IPv4
        return str(ipv6_address.ipv4_mapped)
    return str(ipaddress.ip_network(f"{ipv6_address}/64", strict=False))
