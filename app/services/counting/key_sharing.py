"""Share the key of an automatic round among all hosts, so that any of them can count it.

Every minute each host renews its row in each round, seals the round's key to the hosts that have no share yet, and
keeps a copy of what is sealed to the others. The file with the round's key itself is destroyed as soon as another
host has opened its share. On SQLite there is one host, and its file is all there is.
"""

import platform
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.rounds import RoundId
from app.store import key_shares, rounds
from app.store.database import is_postgresql
from app.store.key_shares import SILENCE, KeyShare, SharedKeyRound
from app.vault import host_keys, round_keys
from app.vault.round_keys import InvalidKey, Keypair

HOST_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class HostContext:
    """The host that shares: its keys folder, the installation's secret key, the time and a name for people."""

    keys: Path
    secret: bytes
    now: datetime
    name: str


@dataclass(frozen=True, slots=True)
class ClearedShares:
    """How many shares of a host were deleted, and how many stay because the host has just renewed them."""

    cleared: int
    kept: int


def this_host(*, keys: Path, secret: bytes, now: datetime) -> HostContext:
    """Return the context of this host."""
    return HostContext(keys=keys, secret=secret, now=now, name=platform.node()[:HOST_NAME_LENGTH])


def share_round_keys_among_hosts(session: Session, host: HostContext) -> None:
    """Renew this host's share in every round that needs a key; a round that is being counted is skipped."""
    if not is_postgresql(session) or not key_shares.has_shares_table(session):
        return
    for shared in key_shares.uncounted_automatic_rounds(session):
        if key_shares.try_lock_round(session, shared.id) and shared in key_shares.uncounted_automatic_rounds(session):
            share_round(session, shared, host)


def share_round(session: Session, shared: SharedKeyRound, host: HostContext) -> None:
    """Renew this host's share of one round's key, and seal the key to hosts without a share."""
    rows = _rows(session, shared.id)
    own = host_keys.own_host_keys(host.keys, shared.id) or (host_keys.create_host_key(host.keys, shared.id),)
    own_ids = frozenset(round_keys.key_id(pair.public) for pair in own)
    others = [share for share in rows.values() if share.host_id not in own_ids]
    _keep_copies(shared, host, own, others)
    round_secret = _round_secret(shared, host.keys, rows.values(), own)
    for pair in own:
        key_shares.upsert_share(session, _own_row(shared, host, pair, can_open=round_secret is not None))
    if round_secret is None:
        _hand_over_copies(session, host, rows.values(), own_ids)
        return
    for share in _rows(session, shared.id).values():
        _seal_if_missing(session, shared, share, round_secret, host, is_own=share.host_id in own_ids)
    if _is_key_file_superfluous(shared, host, own, rows):
        round_keys.destroy_key_file(host.keys, shared.id, public_key=shared.public_key)


def get_round_secret_key(session: Session, round_id: RoundId, *, keys: Path) -> bytes:
    """Return the secret key of a round from this host's files and its share; InvalidKey if it cannot be opened."""
    shared = _shared(session, round_id)
    own = host_keys.own_host_keys(keys, round_id)
    found = _round_secret(shared, keys, _rows(session, round_id).values() if own else (), own)
    if found is None:
        # The file's own error, which tells a missing file from one of another round.
        return round_keys.load_key_file(keys, round_id, public_key=shared.public_key)
    return found


def can_open(session: Session, round_id: RoundId, *, keys: Path) -> bool:
    """Tell whether this host can open the boxes of a round."""
    try:
        get_round_secret_key(session, round_id, keys=keys)
    except InvalidKey:
        return False
    return True


def shares_of_living_hosts(session: Session, round_id: RoundId, *, now: datetime) -> tuple[KeyShare, ...]:
    """Return the key shares of the hosts that can open a round and have reported within the last minutes."""
    return tuple(share for share in key_shares.shares_of_round(session, round_id) if share.is_alive_and_can_open(now))


def clear_sealed_shares_of_host(session: Session, host_name: str, *, now: datetime) -> ClearedShares:
    """Delete what is sealed to a host that is gone for good, so that no later dump fits its disk.

    Only what is sealed to hosts of this name that have fallen silent: a new host often has the name of the one that
    was lost, and the only host that can still open a round must not lose its share. The rows stay, so that
    certificates name the host; no share is sealed anew to a host that is silent.
    """
    silent_since = now - SILENCE
    return ClearedShares(
        cleared=key_shares.clear_sealed_shares_of_host(session, host_name, silent_since=silent_since),
        kept=key_shares.count_sealed_shares(session, host_name),
    )


def _shared(session: Session, round_id: RoundId) -> SharedKeyRound:
    return SharedKeyRound(round_id, rounds.public_key(session, round_id))


def _rows(session: Session, round_id: RoundId) -> Mapping[str, KeyShare]:
    return {share.host_id: share for share in key_shares.shares_of_round(session, round_id)}


def _round_secret(shared: SharedKeyRound, keys: Path, rows: Iterable[KeyShare], own: Sequence[Keypair]) -> bytes | None:
    """Return the round's secret key: from its file, from what the database has, or from a copied folder."""
    with suppress(InvalidKey):
        return round_keys.load_key_file(keys, shared.id, public_key=shared.public_key)
    by_id = {share.host_id: share.sealed for share in rows}
    ids = [(round_keys.key_id(pair.public), pair) for pair in own]
    stored = [(by_id.get(host_id), pair) for host_id, pair in ids]
    copied = [(host_keys.load_sealed_copy(keys, shared.id, host_id), pair) for host_id, pair in ids]
    return host_keys.secret_key_from_any_share([*stored, *copied], round_public=shared.public_key)


def _own_row(shared: SharedKeyRound, host: HostContext, pair: Keypair, *, can_open: bool) -> KeyShare:
    return KeyShare(
        round_id=shared.id,
        host_id=round_keys.key_id(pair.public),
        host_name=host.name,
        host_key=pair.public,
        proof=host_keys.host_public_key_mac(
            host.secret, shared.id, round_public=shared.public_key, host_public=pair.public
        ),
        sealed=None,
        can_open=can_open,
        seen_at=host.now,
    )


def _keep_copies(shared: SharedKeyRound, host: HostContext, own: Sequence[Keypair], others: Iterable[KeyShare]) -> None:
    """Keep a copy of what is sealed to each other host that knows the secret.

    What opens with a key of this host is never kept, whatever row it stands in: the disk alone would open the boxes.
    """
    for share in others:
        opens_here = host_keys.secret_key_from_any_share(
            [(share.sealed, pair) for pair in own], round_public=shared.public_key
        )
        if share.sealed is not None and opens_here is None and _is_proven(shared, share, host):
            host_keys.save_sealed_copy(host.keys, share.round_id, share.host_id, share.sealed)


def _hand_over_copies(session: Session, host: HostContext, rows: Iterable[KeyShare], own_ids: frozenset[str]) -> None:
    """Give other hosts the copies that are kept here, and ask for a share of this host's own.

    After a restore from a backup no host can open the round by itself: its share is in the folders of the others.
    """
    for share in rows:
        if share.host_id in own_ids:
            if share.sealed is not None:  # it does not open: let another host seal it anew
                key_shares.set_sealed(session, share, None)
        elif share.sealed is None and share.is_alive(host.now):
            copy = host_keys.load_sealed_copy(host.keys, share.round_id, share.host_id)
            key_shares.set_sealed(session, share, copy)


def _seal_if_missing(
    session: Session, shared: SharedKeyRound, share: KeyShare, round_secret: bytes, host: HostContext, *, is_own: bool
) -> None:
    """Seal the round's key to a host without a share, if its public key was written with the secret key.

    A host that has fallen silent gets none: its disk may be lost, and a withdrawn share would be back within a minute.
    """
    if share.sealed is not None and not (is_own and not _opens_own(shared, host, share)):
        return
    if share.is_alive(host.now) and _is_proven(shared, share, host):
        key_shares.set_sealed(session, share, host_keys.seal_secret_key_to_host(round_secret, share.host_key))


def _is_proven(shared: SharedKeyRound, share: KeyShare, host: HostContext) -> bool:
    """Tell whether a host that knows the installation's secret key wrote this public key, under its own id."""
    return share.host_id == round_keys.key_id(share.host_key) and host_keys.is_host_public_key_mac_valid(
        share.proof, host.secret, shared.id, round_public=shared.public_key, host_public=share.host_key
    )


def _opens_own(shared: SharedKeyRound, host: HostContext, share: KeyShare) -> bool:
    own = host_keys.own_host_keys(host.keys, shared.id)
    return (
        host_keys.secret_key_from_any_share([(share.sealed, pair) for pair in own], round_public=shared.public_key)
        is not None
    )


def _is_key_file_superfluous(
    shared: SharedKeyRound, host: HostContext, own: Sequence[Keypair], rows: Mapping[str, KeyShare]
) -> bool:
    """Tell whether the file with the round's key itself can go: this host and another can open their shares.

    `rows` are as they were committed before this transaction.
    """
    if not round_keys.has_key_file(host.keys, shared.id, public_key=shared.public_key):
        return False
    own_ids = frozenset(round_keys.key_id(pair.public) for pair in own)
    opens = any(_opens_own(shared, host, rows[host_id]) for host_id in own_ids & rows.keys())
    others = [share for share in rows.values() if share.host_id not in own_ids and share.sealed is not None]
    return opens and any(share.is_alive_and_can_open(host.now) for share in others)
