"""`flask backup` copies the running service to a file; `flask restore` restores such a file."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from app.cli import restore_report
from app.cli.restore_report import RoundStates
from app.cli.secret import accept_secret_and_disable_factors
from app.config import ROOT
from app.services import authentication, secret_match
from app.store import backups, database_copies, read_only_mode, schema_revision
from app.store.backups import BackupManifest, InvalidBackup
from app.store.database import database, read_session, write_session
from app.store.database_copies import CopyError
from app.vault.tokens import keyed_digest
from app.web.shared.app_context import now, secret, settings

READ_ONLY_REASON = "This database is being restored. Nothing was stored; try again in a few minutes."
MIGRATIONS = ROOT / "migrations"
STAMP = "%Y%m%dT%H%M%SZ"


@click.command("backup")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where; else BACKUP_FOLDER.")
def backup(*, folder: Path | None) -> None:
    """Copy the database into one file while the service runs, and delete the copies that are too old."""
    place = folder or settings().backups
    with _plainly():
        result, manifest = _back_up(place)
    gone = backups.delete_old_backups(place, before=backups.retention_cutoff(now(), settings().backup_days))
    click.echo(f"{result}\t{result.stat().st_size} bytes\tsha256 {manifest.checksum[:16]}…")
    if gone:
        click.echo(f"{gone} older than {settings().backup_days} days were deleted.")
    click.echo(
        "It holds the database alone. The secret and config.py are kept elsewhere, once and for all; the keys of\n"
        "rounds nowhere else: a copy of a key would outlive the count that is to destroy it."
    )


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--secret-is-lost", "lost", is_flag=True, help="Restore it although the secret it goes with is gone.")
def restore(*, file: Path, yes: bool, lost: bool) -> None:
    """Put the database back to the state of a backup; on PostgreSQL into an empty database.

    What is there now is kept as a backup of its own, so that this can be taken back.
    """
    with _plainly(), tempfile.TemporaryDirectory(dir=settings().instance, prefix=".restore-") as folder:
        copy = Path(folder) / "database"
        manifest = backups.extract_database(file, copy)
        _require_matching(manifest, copy, lost=lost)
        before = _round_states()
        if not yes:
            click.confirm(f"Put the database back to {manifest.made_at}? What was done since is lost", abort=True)
        with _kept_aside() as aside:
            database_copies.restore_dump(database.engine, copy)
    upgrade()
    with write_session() as session:
        authentication.end_all_sessions_and_links(session)
    if manifest.installation != _installation():
        accept_secret_and_disable_factors()
    click.echo(restore_report.restore_report(manifest, aside, before=before, after=_round_states()))


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except (InvalidBackup, CopyError) as refused:
        raise click.ClickException(str(refused)) from refused


def _back_up(place: Path, *, before_restore: bool = False) -> tuple[Path, BackupManifest]:
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = now()
    to = place / backups.backup_name(moment, before_restore=before_restore)
    with tempfile.TemporaryDirectory(dir=place, prefix=".unfinished-") as folder:
        copy = Path(folder) / "database"
        with read_session() as session:
            migration = schema_revision.current_revision(session)
            ours = secret_match.matches_database(session, secret())
        if not ours:  # else the manifest would name a wrong secret, and the right host would refuse to restore it
            raise InvalidBackup(f"{secret_match.MISMATCH_MESSAGE} {secret_match.REMEDY}")
        database_copies.dump_database(database.engine, copy)
        kind = database.engine.dialect.name
        if kind == "sqlite":
            database_copies.leave_read_only_mode_of_copy(copy)
            database_copies.require_intact_sqlite_file(copy)
        manifest = BackupManifest(f"{moment:%Y-%m-%d %H:%M} UTC", kind, migration or "", _installation())
        return to, backups.write_backup(copy, manifest, to)


def _installation() -> str:
    return keyed_digest(secret(), "backup").hex()[:16]


def _require_matching(manifest: BackupManifest, copy: Path, *, lost: bool) -> None:
    kind = database.engine.dialect.name
    if manifest.kind != kind:
        raise InvalidBackup(f"This backup is of {manifest.kind}, and DATABASE_URL says {kind}.")
    if manifest.installation != _installation() and not lost:
        raise InvalidBackup(
            "This backup goes with another secret: with the one that is here no code and no box of it would open. "
            "First put the secret of that installation back into the instance folder. If it is nowhere any more: "
            "--secret-is-lost restores what does not need it."
        )
    if not schema_revision.is_known(MIGRATIONS, manifest.migration):
        raise InvalidBackup(f"This backup stands at migration {manifest.migration}, which this version does not know.")
    if kind == "sqlite":
        database_copies.require_intact_sqlite_file(copy)
    elif not database_copies.is_empty(database.engine):
        raise InvalidBackup(
            "A PostgreSQL is restored into an empty database, so that the old one stays as it is: createdb a new "
            "one, put its address into DATABASE_URL, and restore again."
        )
    if shutil.disk_usage(settings().instance).free < 3 * manifest.size:
        raise InvalidBackup("There is too little room: about three times the database's size is needed.")


@contextmanager
def _kept_aside() -> Iterator[Path | None]:
    """Keep what is there now, as a backup or where it cannot be read as the file that it is; yield where."""
    if database.engine.dialect.name != "sqlite":
        yield None
        return
    path = Path(database.engine.url.database or "")
    try:
        database_copies.require_intact_sqlite_file(path)
    except CopyError:
        database.session.remove()
        database.engine.dispose()
        yield database_copies.set_aside_and_create_empty_file(path, f".damaged-{now():{STAMP}}")
        return
    if database_copies.is_empty(database.engine):
        yield None
        return
    with database.engine.begin() as connection:  # a ballot that came after the copy would be lost
        read_only_mode.enter(connection, READ_ONLY_REASON)
    try:
        yield _back_up(settings().backups, before_restore=True)[0]
    except BaseException:
        with database.engine.begin() as connection:
            read_only_mode.leave(connection)
        raise


def _round_states() -> RoundStates:
    try:
        with read_session() as session:
            return restore_report.round_states(session)
    except SQLAlchemyError:
        return {}
