"""Share the key of an automatic round among all hosts, so that any of them can count it.

Every minute each host renews its row in each round, seals the round's key to the hosts that have no copy yet, and
keeps a copy of what is sealed to the others. The file with the round's key itself is destroyed as soon as another
host has opened its key_copy. On SQLite there is one host, and its file is all there is.
"""

import platform
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.rounds import RoundId
from app.store import round_key_copies, rounds
from app.store.database import is_postgresql
from app.store.round_key_copies import SILENCE, RoundKeyCopy, SharedKeyRound
from app.vault import host_keys, round_keys
from app.vault.round_keys import InvalidKey, Keypair

HOST_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class HostContext:
    """The host that shares keys: its keys folder, the installation's secret key, the time and a name for people."""

    keys: Path
    secret: bytes
    now: datetime
    name: str


@dataclass(frozen=True, slots=True)
class WithdrawnKeyCopies:
    """How many copies of a host were deleted, and how many stay because the host has just renewed them."""

    cleared: int
    kept: int


def this_host(*, keys: Path, secret: bytes, now: datetime) -> HostContext:
    """Return the context of this host."""
    return HostContext(keys=keys, secret=secret, now=now, name=platform.node()[:HOST_NAME_LENGTH])


def share_round_keys_among_hosts(session: Session, host: HostContext) -> None:
    """Renew this host's copy in every round that needs a key; a round that is being counted is skipped."""
    if not is_postgresql(session) or not round_key_copies.has_key_copies_table(session):
        return
    for shared in round_key_copies.uncounted_automatic_rounds(session):
        if round_key_copies.try_lock_against_count(
            session, shared.id
        ) and shared in round_key_copies.uncounted_automatic_rounds(session):
            share_round(session, shared, host)


def share_round(session: Session, shared: SharedKeyRound, host: HostContext) -> None:
    """Renew this host's key_copy of one round's key, and seal the key to hosts without a key_copy."""
    rows = _rows(session, shared.id)
    own = host_keys.own_host_keys(host.keys, shared.id) or (host_keys.create_host_key(host.keys, shared.id),)
    own_ids = frozenset(round_keys.key_id(pair.public) for pair in own)
    others = [key_copy for key_copy in rows.values() if key_copy.host_id not in own_ids]
    _keep_copies(shared, host, own, others)
    round_secret = _round_secret(shared, host.keys, rows.values(), own)
    for pair in own:
        round_key_copies.upsert_key_copy(session, _own_row(shared, host, pair, can_open=round_secret is not None))
    if round_secret is None:
        _hand_over_copies(session, host, rows.values(), own_ids)
        return
    for key_copy in _rows(session, shared.id).values():
        _seal_if_missing(session, shared, key_copy, round_secret, host, is_own=key_copy.host_id in own_ids)
    if _is_key_file_superfluous(shared, host, own, rows):
        round_keys.destroy_secret_key_file(host.keys, shared.id, public_key=shared.public_key)


def get_round_secret_key(session: Session, round_id: RoundId, *, keys: Path) -> bytes:
    """Return the secret key of a round from this host's files and its copy; InvalidKey if it cannot be opened."""
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


def key_copies_of_living_hosts(session: Session, round_id: RoundId, *, now: datetime) -> tuple[RoundKeyCopy, ...]:
    """Return the key copies of the hosts that can open a round and have reported within the last minutes."""
    return tuple(
        key_copy
        for key_copy in round_key_copies.key_copies_of_round(session, round_id)
        if key_copy.is_alive_and_can_open(now)
    )


def clear_key_copies_of_silent_hosts(session: Session, host_name: str, *, now: datetime) -> WithdrawnKeyCopies:
    """Clear the key copies sealed to a host that is gone for good, so that no later dump fits its disk.

    Only those of hosts of this name that no longer renew their row: a new host often has the name of the one that was
    lost, and the only host that can still open a round must not lose its key copy. The rows stay, so that certificates
    name the host; no copy is sealed anew to a host that does not renew its row.
    """
    silent_since = now - SILENCE
    return WithdrawnKeyCopies(
        cleared=round_key_copies.clear_sealed_keys_of_host(session, host_name, silent_since=silent_since),
        kept=round_key_copies.count_sealed_keys_of_host(session, host_name),
    )


def _shared(session: Session, round_id: RoundId) -> SharedKeyRound:
    return SharedKeyRound(round_id, rounds.public_key(session, round_id))


def _rows(session: Session, round_id: RoundId) -> Mapping[str, RoundKeyCopy]:
    return {key_copy.host_id: key_copy for key_copy in round_key_copies.key_copies_of_round(session, round_id)}


def _round_secret(
    shared: SharedKeyRound, keys: Path, rows: Iterable[RoundKeyCopy], own: Sequence[Keypair]
) -> bytes | None:
    """Return the round's secret key: from its file, from what the database has, or from a copied folder."""
    with suppress(InvalidKey):
        return round_keys.load_key_file(keys, shared.id, public_key=shared.public_key)
    by_id = {key_copy.host_id: key_copy.sealed for key_copy in rows}
    ids = [(round_keys.key_id(pair.public), pair) for pair in own]
    stored = [(by_id.get(host_id), pair) for host_id, pair in ids]
    copied = [(host_keys.load_sealed_copy(keys, shared.id, host_id), pair) for host_id, pair in ids]
    return host_keys.secret_key_from_any_share([*stored, *copied], round_public=shared.public_key)


def _own_row(shared: SharedKeyRound, host: HostContext, pair: Keypair, *, can_open: bool) -> RoundKeyCopy:
    return RoundKeyCopy(
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


def _keep_copies(
    shared: SharedKeyRound, host: HostContext, own: Sequence[Keypair], others: Iterable[RoundKeyCopy]
) -> None:
    """Keep a copy of what is sealed to each other host that knows the secret.

    What opens with a key of this host is never kept, whatever row it stands in: the disk alone would open the boxes.
    """
    for key_copy in others:
        opens_here = host_keys.secret_key_from_any_share(
            [(key_copy.sealed, pair) for pair in own], round_public=shared.public_key
        )
        if key_copy.sealed is not None and opens_here is None and _is_proven(shared, key_copy, host):
            host_keys.save_sealed_copy(host.keys, key_copy.round_id, key_copy.host_id, key_copy.sealed)


def _hand_over_copies(
    session: Session, host: HostContext, rows: Iterable[RoundKeyCopy], own_ids: frozenset[str]
) -> None:
    """Give other hosts the copies that are kept here, and ask for a copy of this host's own.

    After a restore from a backup no host can open the round by itself: its copy is in the folders of the others.
    """
    for key_copy in rows:
        if key_copy.host_id in own_ids:
            if key_copy.sealed is not None:  # it does not open: let another host seal it anew
                round_key_copies.set_sealed(session, key_copy, None)
        elif key_copy.sealed is None and key_copy.is_alive(host.now):
            copy = host_keys.load_sealed_copy(host.keys, key_copy.round_id, key_copy.host_id)
            round_key_copies.set_sealed(session, key_copy, copy)


def _seal_if_missing(
    session: Session,
    shared: SharedKeyRound,
    key_copy: RoundKeyCopy,
    round_secret: bytes,
    host: HostContext,
    *,
    is_own: bool,
) -> None:
    """Seal the round's key to a host without a copy, if its public key was written with the secret key.

    A host that has fallen silent gets none: its disk may be lost, and a withdrawn copy would be back within a minute.
    """
    if key_copy.sealed is not None and not (is_own and not _opens_own(shared, host, key_copy)):
        return
    if key_copy.is_alive(host.now) and _is_proven(shared, key_copy, host):
        round_key_copies.set_sealed(
            session, key_copy, host_keys.seal_secret_key_to_host(round_secret, key_copy.host_key)
        )


def _is_proven(shared: SharedKeyRound, key_copy: RoundKeyCopy, host: HostContext) -> bool:
    """Tell whether a host that knows the installation's secret key wrote this public key, under its own id."""
    return key_copy.host_id == round_keys.key_id(key_copy.host_key) and host_keys.is_host_public_key_mac_valid(
        key_copy.proof, host.secret, shared.id, round_public=shared.public_key, host_public=key_copy.host_key
    )


def _opens_own(shared: SharedKeyRound, host: HostContext, key_copy: RoundKeyCopy) -> bool:
    own = host_keys.own_host_keys(host.keys, shared.id)
    return (
        host_keys.secret_key_from_any_share([(key_copy.sealed, pair) for pair in own], round_public=shared.public_key)
        is not None
    )


def _is_key_file_superfluous(
    shared: SharedKeyRound, host: HostContext, own: Sequence[Keypair], rows: Mapping[str, RoundKeyCopy]
) -> bool:
    """Tell whether the file with the round's key itself can go: this host and another can open their key_copies.

    `rows` are as they were committed before this transaction.
    """
    if not round_keys.has_valid_key_file(host.keys, shared.id, public_key=shared.public_key):
        return False
    own_ids = frozenset(round_keys.key_id(pair.public) for pair in own)
    opens = any(_opens_own(shared, host, rows[host_id]) for host_id in own_ids & rows.keys())
    others = [key_copy for key_copy in rows.values() if key_copy.host_id not in own_ids and key_copy.sealed is not None]
    return opens and any(key_copy.is_alive_and_can_open(host.now) for key_copy in others)
