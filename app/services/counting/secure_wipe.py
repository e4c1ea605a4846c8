"""Destroy keys and wipe database files after a count, outside a transaction, repeated until it succeeds."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.rounds import Certificate, KeyFate, RoundId
from app.services.counting.progress import CountStage, ProgressCallback, ignore_progress
from app.store import rounds, secure_erase
from app.vault import host_keys
from app.vault import round_keys as vault_keys

OTHER_HOST_GRACE = timedelta(minutes=15)


def unwiped_rounds(session: Session) -> tuple[RoundId, ...]:
    """Return the counted rounds that are not certified as wiped."""
    return rounds.unwiped_rounds(session)


def destroy_keys_and_wipe_remnants(
    session: Session,
    *,
    now: datetime,
    keys: Path,
    key_is_gone: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> tuple[RoundId, ...]:
    """Destroy the keys and wipe the remnants of all counted rounds; can be repeated after a crash.

    Call it after the count was committed, with a session without a transaction. A round that another host counted is
    left to that host for a quarter of an hour, since its key file is there; then its remnants are wiped here, and the
    certificate states that the key was not seen. `key_is_gone`: an operator destroyed the key. Raises EraseIncomplete
    if a reader uses an old state.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine), "a session that is bound to one connection cannot wipe the files under it"
    assert not session.in_transaction(), "cleaning needs to stand outside any transaction"
    with Session(engine) as reading:
        reading.connection(execution_options={"only_reads": True})
        result = filter(
            None, (rounds.find_certificate(reading, unwiped_round) for unwiped_round in rounds.unwiped_rounds(reading))
        )
        waiting = [
            certificate for certificate in result if key_is_gone or _may_clean(reading, certificate, now=now, keys=keys)
        ]
    if not waiting:
        return ()
    host_ids = {certificate.round: host_keys.host_ids_of_key_files(keys, certificate.round) for certificate in waiting}
    key_files = {certificate.round: vault_keys.overwrite_key_files(keys, certificate.round) for certificate in waiting}
    for number in filter(None, key_files.values()):  # not reported for keys that were not on this host
        progress(CountStage.KEY_DESTROYED, number)
    secure_erase.wipe_remnants(engine)
    progress(CountStage.WIPED, len(waiting))
    with Session(engine) as own, own.begin():
        for certificate in waiting:
            destroyed = bool(key_files[certificate.round])
            current = _confirmed(own, certificate.round, host_ids[certificate.round], all_hosts=key_is_gone)
            seen = destroyed or key_is_gone or bool(current.hosts_without_keys) or _has_no_key_file(current)
            rounds.set_certificate_and_wiped_flag(own, replace(current, cleaned_at=now, key_unseen=not seen))
    # Last, because an overwritten key file shows after a crash that the key was destroyed here.
    for certificate in waiting:
        vault_keys.remove_key_files(keys, certificate.round)
    return tuple(certificate.round for certificate in waiting)


def destroy_and_certify_leftover_keys(session: Session, *, keys: Path) -> int:
    """Destroy key files on this host of rounds that another host counted, and confirm it; return how many.

    A round whose key was one file stays until its files are wiped: `destroy_keys_and_wipe_remnants` certifies that.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine), "a session that is bound to one connection cannot commit what was confirmed"
    assert not session.in_transaction(), "each confirmation is committed before its files are removed"
    result = 0
    for number in sorted(vault_keys.rounds_with_key_files(keys)):
        with Session(engine) as own, own.begin():
            done = rounds.find_certificate(own, RoundId(number))
            if done is None or (done.cleaned_at is None and done.key_hosts is None):
                continue
            host_ids = host_keys.host_ids_of_key_files(keys, number)
            result += vault_keys.overwrite_key_files(keys, number)
            rounds.amend_certificate(own, replace(_confirmed(own, done.round, host_ids), key_unseen=False))
        vault_keys.remove_key_files(keys, number)
    return result


def _confirmed(
    session: Session, round_id: RoundId, host_ids: frozenset[str], *, all_hosts: bool = False
) -> Certificate:
    """Return the certificate as it is now, with these hosts as those that have destroyed their keys.

    The lock keeps two hosts that confirm at the same moment from overwriting each other.
    """
    rounds.lock_against_submissions(session, round_id)
    current = rounds.find_certificate(session, round_id)
    assert current is not None, "a certificate is never deleted"
    hosts = tuple(
        replace(host, destroyed=host.destroyed or all_hosts or host.id in host_ids) for host in current.key_hosts or ()
    )
    return replace(current, key_hosts=hosts or None)


def _may_clean(session: Session, certificate: Certificate, *, now: datetime, keys: Path) -> bool:
    if _has_no_key_file(certificate) or session.get_bind().dialect.name == "sqlite":
        return True
    return (
        certificate.round in vault_keys.rounds_with_key_files(keys) or now - certificate.counted_at >= OTHER_HOST_GRACE
    )


def _has_no_key_file(certificate: Certificate) -> bool:
    """Tell whether no host has a key file: trustee mode, lost key, or destroyed before."""
    without_file = certificate.key_fate in {KeyFate.WITH_TRUSTEE, KeyFate.LOST, KeyFate.NEVER_WAS}
    return without_file or (certificate.cleaned_at is not None and not certificate.key_unseen)
