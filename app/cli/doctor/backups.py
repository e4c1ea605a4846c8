"""Check the backups (age, disk, permissions), and find old database copies that must be deleted."""

import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from app.cli.doctor.findings import CheckResult, fail, ok, warn
from app.config import Settings
from app.store import backups

NEWEST = timedelta(days=2)
OTHERS = 0o077
TAILS = ("", "-wal", "-shm", "-journal", ".jobs", ".turn")


def check_backups(settings: Settings, moment: datetime) -> Iterator[CheckResult]:
    """Check the age of the backups, the disk that they are on, and who may read them."""
    result = backups.backups(settings.backups)
    if not result or moment - result[-1][0] > NEWEST:
        when = f"since {result[-1][0]:%Y-%m-%d}" if result else "ever"
        remedy = "Let ./run flask backup run every night; where other tools make backups, look at theirs."
        yield warn(f"No backup was made in {settings.backups} {when}.", remedy)
    else:
        yield ok(f"The newest of {len(result)} backups is of {result[-1][0]:%Y-%m-%d %H:%M} UTC.")
    if (
        result
        and settings.base_url.startswith("https")
        and settings.backups.stat().st_dev == settings.instance.stat().st_dev
    ):
        what = f"The backups in {settings.backups} lie on the disk of the installation: both would be lost together."
        yield warn(what, "Take them to another machine, or set BACKUP_FOLDER to another disk.")
    if result and result[0][0] < backups.retention_cutoff(moment, settings.backup_days):
        what = f"A backup is older than {settings.backup_days} days: it may hold what a count has erased long since."
        yield warn(what, "./run flask backup deletes it; so does rm.")
    open_to_others = [path.name for _, path in result if stat.S_IMODE(path.stat().st_mode) & OTHERS]
    if open_to_others:
        yield fail("Other accounts can read backups.", f"chmod 600 {settings.backups}/*")
    if settings.effective_database_url.startswith("postgresql") and shutil.which("pg_dump") is None:
        what = "pg_dump is not on this host, so that flask backup cannot copy the database."
        yield warn(what, "apt-get install postgresql-client, or make backups on the database's host.")


def check_leftover_databases(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Look for old databases that a move or a restore left in the instance folder."""
    used = (
        Path(settings.effective_database_url.removeprefix("sqlite:///"))
        if settings.effective_database_url.startswith("sqlite:///")
        else None
    )
    own_names = {used.name + tail for tail in TAILS} if used else set()
    left = [path for path in settings.instance.glob("*.db*") if path.name not in own_names and path.stat().st_size]
    aside = settings.backups.glob("*-before-restore.backup")
    for path in sorted((*left, *aside)):
        what = f"{path} is a database that is not in use. It may hold addresses and sealed boxes."
        yield warn(what, "Delete it as soon as you are sure that it is not needed.")
