"""One host with a clock of its own on SQLite, whose clock the test sets by writing days into a file.

Run as `python -m tests.hosts.jumping_clock INSTANCE OFFSET_FILE`. Tasks come round each second, and the machine seems
to have been running for a day longer than it has.
"""

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.config import load_settings
from app.factory import build_scheduler, create_app
from app.jobs.tasks import TASKS
from app.store import clock_skew, database_clock
from tests.jobs.host import SECOND

PAUSE = 0.2
UPTIME = 86_400.0


def main(instance: str, offset: str) -> None:
    since_boot = database_clock.seconds_since_boot
    database_clock.seconds_since_boot = lambda: since_boot() + UPTIME
    clock_skew.host_now = lambda: datetime.now(UTC) + timedelta(days=float(Path(offset).read_text()))
    app = create_app(load_settings({}, instance=Path(instance)))
    scheduler = replace(build_scheduler(app), jobs=tuple(replace(task, every=SECOND) for task in TASKS))
    while True:
        scheduler.run_due()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:])
