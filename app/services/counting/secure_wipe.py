"""Destroy keys and wipe database files after a count, outside a transaction, repeated until it succeeds."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.rounds import Certificate, KeyFate, RoundId
from app.services.counting.progress import CountStage, ProgressCallback, ignore_progress
from app.store import rounds, secure_erase
from app.vault import round_keys as vault_keys

OTHER_HOST_GRACE = timedelta(minutes=15)


def unwiped_rounds(session: Session) -> tuple[RoundId, ...]:
    """Return the counted rounds that are not certified as wiped."""
    return rounds.unwiped_rounds(session)


def finish_secure_wipe(
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
            None, (rounds.certificate(reading, unwiped_round) for unwiped_round in rounds.unwiped_rounds(reading))
        )
        waiting = [
            certificate for certificate in result if key_is_gone or _may_clean(reading, certificate, now=now, keys=keys)
        ]
    if not waiting:
        return ()
    key_files = {certificate.round: vault_keys.overwrite_key_files(keys, certificate.round) for certificate in waiting}
    for number in filter(None, key_files.values()):  # not reported for keys that were not on this host
        progress(CountStage.KEY_DESTROYED, number)
    secure_erase.wipe_remnants(engine)
    progress(CountStage.WIPED, len(waiting))
    with Session(engine) as own, own.begin():
        for certificate in waiting:
            seen = bool(key_files[certificate.round]) or key_is_gone or _has_no_key_file(certificate)
            rounds.set_certificate(own, replace(certificate, cleaned_at=now, key_unseen=not seen))
    # Last, because an overwritten key file shows after a crash that the key was destroyed here.
    for certificate in waiting:
        vault_keys.remove_key_files(keys, certificate.round)
    return tuple(certificate.round for certificate in waiting)


def destroy_leftover_keys(session: Session, *, keys: Path) -> int:
    """Destroy key files on this host of rounds that were wiped elsewhere; return how many."""
    result = 0
    for number in vault_keys.rounds_with_key_files(keys):
        done = rounds.certificate(session, RoundId(number))
        if done is not None and done.cleaned_at is not None:
            result += vault_keys.destroy_key_files(keys, number)
            if done.key_unseen:
                rounds.set_certificate(session, replace(done, key_unseen=False))
    return result


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
