"""Look at copies of the database: those that should be there, and those that should be gone."""

import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from app.cli.doctor.findings import Finding, fail, ok, warn
from app.config import Settings
from app.store import backups

NEWEST = timedelta(days=2)
OTHERS = 0o077
TAILS = ("", "-wal", "-shm", "-journal", ".jobs", ".turn")


def check_backups(chosen: Settings, moment: datetime) -> Iterator[Finding]:
    """Look at how old the newest backup is, whether one is too old, and who may read them."""
    found = backups.backups(chosen.backups)
    if not found or moment - found[-1][0] > NEWEST:
        when = f"since {found[-1][0]:%Y-%m-%d}" if found else "ever"
        remedy = "Let ./run flask backup run every night; where other tools make backups, look at theirs."
        yield warn(f"No backup was made in {chosen.backups} {when}.", remedy)
    else:
        yield ok(f"The newest of {len(found)} backups is of {found[-1][0]:%Y-%m-%d %H:%M} UTC.")
    if found and chosen.base_url.startswith("https") and chosen.backups.stat().st_dev == chosen.instance.stat().st_dev:
        what = f"The backups in {chosen.backups} lie on the disk of the installation: both would be lost together."
        yield warn(what, "Take them to another machine, or set BACKUP_FOLDER to another disk.")
    if found and found[0][0] < backups.oldest_kept(moment, chosen.backup_days):
        what = f"A backup is older than {chosen.backup_days} days: it may hold what a count has erased long since."
        yield warn(what, "./run flask backup deletes it; so does rm.")
    open_to_others = [path.name for _, path in found if stat.S_IMODE(path.stat().st_mode) & OTHERS]
    if open_to_others:
        yield fail("Other accounts can read backups.", f"chmod 600 {chosen.backups}/*")
    if chosen.database.startswith("postgresql") and shutil.which("pg_dump") is None:
        what = "pg_dump is not on this host, so that flask backup cannot copy the database."
        yield warn(what, "apt-get install postgresql-client, or make backups on the database's host.")


def check_leftover_databases(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Look for old databases that a move or a restore left in the instance folder."""
    used = Path(chosen.database.removeprefix("sqlite:///")) if chosen.database.startswith("sqlite:///") else None
    mine = {used.name + tail for tail in TAILS} if used else set()
    left = [path for path in chosen.instance.glob("*.db*") if path.name not in mine and path.stat().st_size]
    aside = chosen.backups.glob("*-before-restore.backup")
    for path in sorted((*left, *aside)):
        what = f"{path} is a database that is not in use. It may hold addresses and sealed boxes."
        yield warn(what, "Delete it as soon as you are sure that it is not needed.")
